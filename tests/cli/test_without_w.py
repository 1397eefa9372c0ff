"""Commands with a network that has no w: what they do, and one line where they cannot."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import stylegan_tf as sg
import tiny
from command_line import refused
from stylegan_tf.cli import main
from stylegan_tf.images import to_uint8
from stylegan_tf.latents import z_from_seeds
from stylegan_tf.projection import Projection
from stylegan_tf.projection.settings import Settings
from train_command import train


@pytest.fixture(scope="module")
def dcgan(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("dcgan") / "g.keras"
    tiny.plain_generator(resolution=32).save(path)
    return path


@pytest.fixture(scope="module")
def photo(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("photo") / "photo.png"
    Image.new("RGB", (32, 32), (9, 90, 200)).save(path)
    return path


@pytest.mark.parametrize("options", [[], ["--trunc", "1"], ["--noise", "none"]])
def test_generate_truncates_nothing(dcgan, tmp_path, options):
    main(["generate", str(dcgan), "--seeds", "5", "--outdir", str(tmp_path), *options])
    image = to_uint8(sg.load(dcgan)(z_from_seeds([5], tiny.LATENT)))[0]
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "seed0005.png")), image)


def test_figures_has_the_one_that_needs_no_styles(dcgan, tmp_path, capsys):
    main(["figures", str(dcgan), "--outdir", str(tmp_path)])
    assert [path.name for path in tmp_path.iterdir()] == ["uncurated.png"]
    lines = capsys.readouterr().err.splitlines()
    assert len([line for line in lines if "is of architecture DCGAN, which has no" in line]) == 5


NOTHING_TO_TRUNCATE = "a DCGAN has no w, so there is nothing to truncate; leave --trunc"
NO_STYLES = "this network is of architecture DCGAN, which has no styles"


@pytest.mark.parametrize(
    ("command", "options", "message"),
    [
        ("generate", ["--trunc", "0.7"], NOTHING_TO_TRUNCATE),
        ("figures", ["--trunc", "0.7", "--only", "uncurated"], NOTHING_TO_TRUNCATE),
        ("figures", ["--only", "mixing"], f"mixing: {NO_STYLES}"),
        ("directions", [], NO_STYLES),
    ],
)
def test_what_needs_w_is_refused(command, options, message, dcgan, tmp_path, capsys):
    outdir = ["--outdir", tmp_path / "out"]
    assert message in refused(capsys, command, dcgan, *options, *outdir)


def test_no_image_is_projected(dcgan, photo, tmp_path, capsys):
    line = refused(capsys, "project", dcgan, photo, "--lpips", 0, "--outdir", tmp_path / "out")
    assert NO_STYLES in line


def test_what_was_found_with_another_network_is_refused(dcgan, tmp_path, capsys):
    path = tmp_path / "w.npz"
    noise = [np.zeros([1, 4, 4, 1], np.float32)]
    Projection(np.zeros([1, 6], np.float32), noise, {}, Settings()).save(path)
    line = refused(capsys, "generate", dcgan, "--w", path, "--outdir", tmp_path / "out")
    assert "a DCGAN has no w, so there is nothing that --w could be" in line


def test_a_video_goes_through_z(dcgan, tmp_path, capsys):
    pytest.importorskip("imageio_ffmpeg", reason="needs the extra `video`")
    out = tmp_path / "v.mp4"
    line = refused(capsys, "video", dcgan, "--out", out)
    assert f"a w video: {NO_STYLES}" in line
    assert "a z video goes with any network" in line
    main(
        [
            "video",
            str(dcgan),
            "--kind",
            "z",
            "--seeds",
            "0-1",
            "--seconds",
            "0.1",
            "--out",
            str(out),
        ]
    )
    assert out.stat().st_size


def test_metrics_of_w_are_refused(dcgan, tmp_path, capsys):
    out = ["--out", tmp_path / "m.jsonl"]
    line = refused(capsys, "evaluate", dcgan, "--metrics", "ppl_wend", *out)
    assert "a DCGAN has no w, so ppl_wend cannot be measured" in line


@pytest.mark.parametrize("name", ["gan", "dcgan"])
@pytest.mark.usefixtures("place")
def test_the_plan_of_a_training(name, capsys):
    assert train("--config", name, "--dry-run") == 0
    out = capsys.readouterr().out
    assert f"configuration {name.upper()}, 8×8×3" in out
    assert "train 8×8" in out
    assert "fade in" not in out


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize("name", ["gan", "dcgan"])
def test_a_training_leaves_a_network_without_w(name):
    """Nothing is computed (the numbers of a step that is skipped have R1 among them)."""
    options = ["--gamma", "1", "--kimg", "0.064", "--set", "generator.fmap_max=4"]
    assert train("--config", name, *options) == 0
    (run,) = Path("runs").iterdir()
    assert run.name == f"00000-images-{name}-8"
    generator = sg.load(run)
    assert type(generator) is tiny.GENERATORS[name]
    assert generator.latent_size == 100
