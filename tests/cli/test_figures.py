"""`stylegan-tf figures`."""

import inspect

import pytest
from PIL import Image

import published
import tiny
from command_line import refused
from stylegan_tf.cli import main
from stylegan_tf.cli.figures import FIGURES, module_of
from stylegan_tf.figures import noise_detail


@pytest.fixture(scope="module")
def progressive(tmp_path_factory):
    """A generator without styles and noise."""
    path = tmp_path_factory.mktemp("progressive") / "g.keras"
    tiny.generator(architecture="a").save(path)
    return path


@pytest.fixture
def few(monkeypatch):
    """Fewer realisations of noise."""
    monkeypatch.setattr(noise_detail, "REALISATIONS", 4)


def files(folder) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_all_figures_are_written(network, few, tmp_path, capsys):
    main(["figures", str(network), "--outdir", str(tmp_path / "out")])
    assert files(tmp_path / "out") == sorted(f"{name}.png" for name in FIGURES)
    assert capsys.readouterr().out.splitlines() == [
        str(tmp_path / "out" / f"{name}.png") for name in FIGURES
    ]
    for path in (tmp_path / "out").iterdir():
        with Image.open(path) as page:
            assert page.mode == "RGB"
            assert page.getpixel((0, 0)) == page.getpixel((page.width - 1, page.height - 1))


def test_only_some_and_only_once(network, tmp_path):
    arguments = ["--only", "antiface, truncation,antiface", "--outdir", str(tmp_path)]
    main(["figures", str(network), *arguments])
    assert files(tmp_path) == ["antiface.png", "truncation.png"]


def test_a_seed_gives_the_same_figure(network, tmp_path):
    def drawn(name, seed):
        arguments = ["--only", "truncation", "--seed", str(seed), "--outdir", str(tmp_path / name)]
        main(["figures", str(network), *arguments])
        return (tmp_path / name / "truncation.png").read_bytes()

    assert drawn("a", 7) == drawn("b", 7) != drawn("c", 8)


def test_what_a_network_cannot_show_is_left_out(progressive, tmp_path, capsys):
    main(["figures", str(progressive), "--outdir", str(tmp_path)])
    assert files(tmp_path) == ["uncurated.png"]
    lines = capsys.readouterr().err.splitlines()
    left_out = [name for name, needs in FIGURES.items() if needs]
    assert [line.split()[0] for line in lines] == left_out
    assert all("left out: this network is of architecture A" in line for line in lines)


def test_what_was_asked_for_and_cannot_be_shown_is_refused(progressive, tmp_path, capsys):
    arguments = ["--only", "uncurated,mixing", "--outdir", tmp_path / "out"]
    line = refused(capsys, "figures", progressive, *arguments)
    assert "mixing: this network is of architecture A, which has no styles" in line
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("only", ["nothing", "", "mixing,"])
def test_an_unknown_figure_is_refused(only, network, tmp_path, capsys):
    line = refused(capsys, "figures", network, "--only", only, "--outdir", tmp_path / "out")
    assert "is no figure; did you mean '" in line
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [(["--class", 0], "has no labels"), (["--seed", -1], "--seed is -1"), (["--seed", "x"], "'x'")],
)
def test_bad_options_are_refused(arguments, reason, network, tmp_path, capsys):
    line = refused(capsys, "figures", network, *arguments, "--outdir", tmp_path / "out")
    assert reason in line
    assert not (tmp_path / "out").exists()


def test_a_missing_network_is_refused(tmp_path, capsys):
    line = refused(capsys, "figures", tmp_path / "no.keras", "--outdir", tmp_path / "out")
    assert "does not exist" in line


@pytest.mark.parametrize("name", FIGURES)
def test_the_table_says_what_each_module_needs(name):
    body = inspect.getsource(module_of(name).draw)
    assert (f'sampler.require("{FIGURES[name]}")' in body) == bool(FIGURES[name])


@pytest.mark.parametrize("name", ["stylegan32-nosrc.pkl", "progan32-nosrc.proto4.pkl"])
def test_published_networks_are_drawn(name, tmp_path):
    source = published.reference(name)
    figures = "truncation,mixing" if name.startswith("style") else "uncurated"
    main(["figures", str(source), "--only", figures, "--outdir", str(tmp_path)])
    assert files(tmp_path) == sorted(f"{figure}.png" for figure in figures.split(","))
