"""`--w`: what `stylegan-tf project` found, in the commands that take seeds."""

import numpy as np
import pytest
from PIL import Image

import stylegan_tf as sg
from command_line import refused
from compare import assert_close
from stylegan_tf.cli import main
from stylegan_tf.figures import Sampler
from stylegan_tf.projection import Projection, Settings


@pytest.fixture
def found(network, tmp_path):
    """A w+ with noise, as if it had been found."""
    generator = sg.load(network)
    rng = np.random.default_rng(0)
    noise = [rng.normal(size=(*sides, 1)).astype("f") for sides in generator.noise_shapes()]
    nothing = {"lpips": np.zeros(1, "f"), "mse": np.zeros(1, "f")}
    w = rng.normal(size=(6, 5)).astype("f")
    projection = Projection(w, noise, nothing, Settings(space="w+", steps=1))
    projection.save(tmp_path / "w.npz")
    return projection


def test_generate_gives_what_was_found(found, network, tmp_path, capsys):
    out = tmp_path / "out"
    main(["generate", str(network), "--w", str(tmp_path / "w.npz"), "--outdir", str(out)])
    assert [path.name for path in out.iterdir()] == ["w0000.png"]
    image = np.asarray(Image.open(out / "w0000.png"), int)
    assert abs(image - found.image(sg.load(network))).max() <= 1  # the last bits of a float
    assert "1 image " in capsys.readouterr().out


def test_seeds_come_with_it_if_they_are_given(found, network, tmp_path):
    arguments = ["--w", str(tmp_path / "w.npz"), "--seeds", "3", "--noise", "constant"]
    main(["generate", str(network), *arguments, "--outdir", str(tmp_path / "out")])
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["seed0003.png", "w0000.png"]


def test_it_takes_the_place_of_a_seed_and_is_not_truncated(found, network):
    sampler = Sampler(sg.load(network), psi=0.5, found={4: found.w})
    ws = sampler.sample_styles([3, 4])
    assert_close(ws[1], found.w, 1e-5)
    assert_close(ws[0], Sampler(sg.load(network), psi=0.5).sample_styles([3])[0], 1e-5)
    assert [sampler.caption(3), sampler.caption(4)] == ["seed 3", "w 1"]


def test_figures_show_it(found, network, tmp_path):
    for name, arguments in {"plain": [], "found": ["--w", str(tmp_path / "w.npz")]}.items():
        options = ["--only", "truncation,mixing", *arguments, "--outdir", str(tmp_path / name)]
        main(["figures", str(network), *options])
    for figure in ("truncation.png", "mixing.png"):
        plain, other = (
            np.asarray(Image.open(tmp_path / name / figure)) for name in ("plain", "found")
        )
        assert plain.shape == other.shape
        assert (plain != other).any()


def test_a_z_video_of_it_is_refused_with_the_way_out(found, network, tmp_path, capsys):
    pytest.importorskip("imageio_ffmpeg")
    arguments = ["--w", tmp_path / "w.npz", "--seeds", "0", "--kind", "z", "--out", "v.mp4"]
    assert "take --kind w" in refused(capsys, "video", network, *arguments)


def test_a_video_goes_through_it(found, network, tmp_path):
    pytest.importorskip("imageio_ffmpeg")
    arguments = ["--w", str(tmp_path / "w.npz"), "--seeds", "0", "--seconds", "0.1", "--fps", "10"]
    main(["video", str(network), *arguments, "--out", str(tmp_path / "v.mp4")])
    assert (tmp_path / "v.mp4").exists()


@pytest.mark.parametrize("command", ["generate", "figures", "directions"])
def test_another_file_is_refused(command, network, tmp_path, capsys):
    options = ["--w", tmp_path / "no.npz", "--outdir", tmp_path / "out"]
    assert "no.npz does not exist" in refused(capsys, command, network, *options)
    assert not (tmp_path / "out").exists()


def test_that_of_another_network_is_refused_by_name(found, network, tmp_path, capsys):
    other = Projection(found.w[:, :3], found.noise, found.distances, found.settings)
    other.save(tmp_path / "other.npz")
    line = refused(capsys, "generate", network, "--w", tmp_path / "other.npz")
    assert "other.npz: this w and noise were found with a network of other sizes" in line
