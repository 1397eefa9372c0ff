"""Curves of metrics against kimg."""

import importlib.util

import numpy as np
import pytest
from PIL import Image

from stylegan_tf.metrics import plot

matplotlib = pytest.importorskip("matplotlib")


def line(metric, kimg, value, resolution=32, **numbers) -> dict:
    """A line of metrics.jsonl."""
    return {"metric": metric, "kimg": kimg, "value": value, "resolution": resolution, **numbers}


def rows(*values, metric="fid50k", **numbers) -> list[dict]:
    """Lines of a metric, at 10, 20, … kimg."""
    return [line(metric, 10.0 * n, value, **numbers) for n, value in enumerate(values, start=1)]


@pytest.fixture
def drawn(tmp_path, monkeypatch):
    """Draws lines; gives the panels of the figure."""
    from matplotlib.figure import Figure

    kept, save = [], Figure.savefig

    def keep(self, *arguments, **options):
        kept.append(self)
        save(self, *arguments, **options)

    monkeypatch.setattr(Figure, "savefig", keep)

    def use(runs):
        plot.draw(runs, tmp_path / "curves.png")
        return kept[-1].axes

    return use


def curves(axes) -> dict[str, list]:
    """The points of each curve by its label."""
    result = [one for one in axes.lines if one.get_marker() == "."]
    return {one.get_label(): one.get_xydata().tolist() for one in result}


def test_an_image_with_a_panel_for_each_metric(tmp_path, drawn):
    result = drawn({"a": rows(9, 5) + rows(0.5, 0.25, metric="kid50k")})
    assert [axes.get_title("left") for axes in result] == ["fid50k", "kid50k"]
    with Image.open(tmp_path / "curves.png") as image:
        wide, high = image.size
        assert image.format == "PNG"
        assert wide > 2 * high
        assert np.asarray(image.convert("L")).std() > 1
    assert [path.name for path in tmp_path.iterdir()] == ["curves.png"]


def test_points_are_the_lines_by_kimg_and_of_two_the_newer(drawn):
    lines = [*reversed(rows(9, 5, 4)), line("fid50k", 20.0, 6.0), line("fid50k", None, 1.0)]
    (axes,) = drawn({"a": lines})
    ((points),) = curves(axes).values()
    assert points == [[10, 9], [20, 6], [30, 4]]


def test_several_numbers_of_a_metric_are_several_curves(drawn):
    lines = rows(0.5, 0.75, metric="pr50k", precision=0.5, recall=0.25)
    (axes,) = drawn({"a": lines})
    assert curves(axes) == {"precision": [[10, 0.5], [20, 0.5]], "recall": [[10, 0.25], [20, 0.25]]}
    assert [text.get_text() for text in axes.get_legend().texts] == ["precision", "recall"]


def test_several_runs_share_the_panels(drawn):
    runs = {"one": rows(9, 5) + rows(2, metric="is50k"), "two": rows(8, 7, 6)}
    first, second = drawn(runs)
    assert list(curves(first)) == ["one", "two"]
    assert list(curves(second)) == ["one"]


def test_a_deviation_is_a_band(drawn):
    (axes,) = drawn({"a": rows(5, 3, metric="kid50k", deviation=0.5)})
    (band,) = axes.collections
    heights = band.get_paths()[0].vertices[:, 1]
    assert {2.5, 3.5, 4.5, 5.5} <= set(heights)
    (axes,) = drawn({"a": rows(5, 3, deviation=None)})
    assert not axes.collections


def test_null_is_a_gap(drawn):
    (axes,) = drawn({"a": rows(5, None, 3)})
    ((points),) = curves(axes).values()
    assert np.isnan(points[1][1])


def test_growing_is_marked(drawn):
    sizes = zip((5.0, 15.0, 25.0, 35.0), (8, 8, 16, 16), strict=True)
    (axes,) = drawn({"a": [line("fid50k", kimg, 1.0, size) for kimg, size in sizes]})
    (border,) = (one for one in axes.lines if one.get_marker() != ".")
    assert border.get_xdata()[0] == 20
    (top,) = axes.child_axes
    assert [label.get_text() for label in top.get_xticklabels()] == ["8²", "16²"]
    assert list(top.get_xticks()) == [10, 30]


@pytest.mark.parametrize(
    ("metric", "meaning"),
    [
        ("fid50k", "Fréchet inception distance, lower is better"),
        ("fd_vgg16_5k", "Fréchet distance, lower is better"),
        ("is50k", "inception score, higher is better"),
        ("ppl_wend", "path length, lower is better"),
    ],
)
def test_axes_say_what_they_show(metric, meaning, drawn):
    (axes,) = drawn({"a": rows(1, metric=metric)})
    assert axes.get_ylabel() == meaning
    assert "kimg" in axes.get_xlabel()


@pytest.mark.parametrize("name", ["curves.svg", "curves.pdf"])
def test_other_formats(name, tmp_path):
    plot.draw({"a": rows(1, 2)}, tmp_path / name)
    assert (tmp_path / name).stat().st_size > 1000


@pytest.mark.parametrize(
    ("runs", "name", "reason"),
    [
        ({"a": []}, "c.png", "a: no metric of a network whose kimg is known"),
        ({"a": rows(1)[:0], "b": []}, "c.png", "a, b: no metric"),
        ({"a": [line("fid50k", None, 1.0)]}, "c.png", "no metric"),
        ({"a": rows(1)}, "c.gif", "c.gif: the name must end in one of .png, .svg, .pdf"),
        ({"a": rows(1)}, "runs", "must end in"),
    ],
)
def test_what_cannot_be_drawn_is_refused(runs, name, reason, tmp_path):
    with pytest.raises(ValueError, match=reason):
        plot.draw(runs, tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_without_matplotlib_the_way_to_get_it_is_told(monkeypatch, tmp_path):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ValueError, match=r"pip install 'stylegan-tf\[metrics\]'"):
        plot.draw({"a": rows(1)}, tmp_path / "c.png")
