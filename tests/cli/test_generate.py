"""`stylegan-tf generate`: a seed is an image."""

import subprocess
import sys
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

NAMES = ["cat", "dog", "owl"]


@pytest.fixture(scope="module")
def labelled(tmp_path_factory) -> Path:
    """A generator with three classes."""
    path = tmp_path_factory.mktemp("labelled") / "g.keras"
    tiny.generator(label_size=3, label_names=NAMES, class_counts=[1, 0, 3]).save(path)
    return path


@pytest.fixture
def generated(tmp_path):
    """Runs the command, gives the pixels of what it wrote by file name."""

    def use(source, *arguments, outdir="out") -> dict[str, np.ndarray]:
        folder = tmp_path / outdir
        main(["generate", str(source), "--outdir", str(folder), *map(str, arguments)])
        return {path.name: np.asarray(Image.open(path)) for path in sorted(folder.iterdir())}

    return use


def test_a_file_is_written_for_each_seed(network, generated):
    result = generated(network, "--seeds", "3,10-12")
    assert list(result) == [f"seed{seed:04d}.png" for seed in (3, 10, 11, 12)]
    assert {image.shape for image in result.values()} == {(16, 16, 3)}
    assert len({image.tobytes() for image in result.values()}) == 4


@pytest.mark.parametrize("noise", ["random", "constant", "none"])
def test_a_seed_gives_the_same_image_in_any_company(network, generated, noise):
    alone = generated(network, "--seeds", 9, "--noise", noise, outdir="alone")
    many = generated(network, "--seeds", "0-9", "--noise", noise, outdir="many")
    np.testing.assert_array_equal(alone["seed0009.png"], many["seed0009.png"])


def test_images_are_those_of_the_network(network, generated):
    result = generated(network, "--seeds", 5, "--trunc", 0.5, "--noise", "none")
    z = z_from_seeds([5], tiny.LATENT)
    generator = sg.load(network)
    images = generator(z, truncation_psi=0.5, truncation_cutoff=8, noise="none")
    np.testing.assert_array_equal(result["seed0005.png"], to_uint8(images)[0])


def test_full_truncation_leaves_one_image(network, generated):
    options = ["--seeds", "0-2", "--trunc", 0, "--noise", "none"]
    result = list(generated(network, *options).values())
    assert all(np.array_equal(image, result[0]) for image in result)


def test_a_cutoff_leaves_the_later_layers_as_they_are(network, generated):
    options = ["--seeds", "0-2", "--trunc", 0, "--noise", "none", "--trunc-cutoff", 2]
    result = list(generated(network, *options).values())
    assert not np.array_equal(result[0], result[1])


def test_noise_changes_an_image(network, generated):
    kinds = ("random", "constant", "none")
    result = [
        generated(network, "--seeds", 1, "--noise", kind, outdir=kind)["seed0001.png"].tobytes()
        for kind in kinds
    ]
    assert len(set(result)) == 3


def test_a_grid_shows_all_images_enlarged(network, generated):
    result = generated(network, "--seeds", "0-3", "--grid")
    grid = result.pop("grid.png")
    assert grid.shape == (128, 128, 3)
    one, two, three, four = result.values()
    rows = [np.concatenate([one, two], axis=1), np.concatenate([three, four], axis=1)]
    expected = np.concatenate(rows)
    np.testing.assert_array_equal(grid[::4, ::4], expected)


def test_classes_change_the_image(labelled, generated):
    options = ["--seeds", 1, "--noise", "none", "--trunc", 1]
    result = [
        generated(labelled, *options, "--class", label, outdir=str(label))["seed0001.png"]
        for label in range(3)
    ]
    assert len({image.tobytes() for image in result}) == 3


def test_a_class_is_its_name_or_number_or_vector(labelled, generated):
    options = (["--class", "dog"], ["--class", 1], ["--label", "0,1,0"])
    found = [
        generated(labelled, "--seeds", 1, *some, outdir=str(some[1]))["seed0001.png"].tobytes()
        for some in options
    ]
    assert len(set(found)) == 1


def test_without_a_class_it_is_that_of_the_seed_and_is_printed(labelled, generated, capsys):
    alone = generated(labelled, "--seeds", 17, outdir="alone")["seed0017.png"]
    line, *_ = capsys.readouterr().out.splitlines()
    start = "classes by the seed (--class chooses): "
    assert line == f"{start}17: cat"
    many = generated(labelled, "--seeds", "0-17", outdir="many")
    line, *_ = capsys.readouterr().out.splitlines()
    assert line.startswith(f"{start}0: owl; ")
    assert line.endswith("; …")
    np.testing.assert_array_equal(many["seed0017.png"], alone)
    asked = generated(labelled, "--seeds", 17, "--class", "cat", outdir="cat")["seed0017.png"]
    np.testing.assert_array_equal(alone, asked)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--class", "dgo"], "--class: there is no class 'dgo'; did you mean 'dog'"),
        (["--label", "1,0"], "--label is 1,0: 2 number(s), and the labels of this network have 3"),
        (["--label", "1,x,0"], "--label is 1,x,0; write numbers with commas between"),
        (["--label", "1,0,0", "--class", "dog"], "give either --class or --label"),
    ],
)
def test_a_label_that_does_not_fit_is_refused(labelled, options, message, capsys, tmp_path):
    line = refused(capsys, "generate", labelled, *options, "--outdir", tmp_path / "out")
    assert message in line
    assert not (tmp_path / "out").exists()


def test_labels_that_are_numbers(tmp_path, generated, capsys):
    path = tmp_path / "n.keras"
    samples = [[1.0, 7.5], [2.0, 3.0]]
    network = tiny.generator(resolution=8, label_size=2, label_samples=samples)
    network.save(path)
    line = refused(capsys, "generate", path, "--class", 0)
    assert "the labels of this network are 2 numbers, not classes: give them, such as" in line
    assert "--label 1,7.5" in line
    found = generated(path, "--seeds", 3, "--label", "5.5,-6")["seed0003.png"]
    expected = sg.Pipeline(network)(3, label=[5.5, -6.0], output_type="np")[0]
    np.testing.assert_array_equal(found, expected)
    capsys.readouterr()
    generated(path, "--seeds", "3,4", outdir="seeds")
    line, *_ = capsys.readouterr().out.splitlines()
    assert line == "labels by the seed (--label chooses): 3: 2,3; 4: 2,3"


@pytest.mark.parametrize("label", [3, -1])
def test_a_class_that_is_not_there_is_refused(labelled, label, capsys, tmp_path):
    line = refused(capsys, "generate", labelled, "--class", label, "--outdir", tmp_path / "out")
    assert f"--class is {label}; it can be 0 to 2" in line
    assert not (tmp_path / "out").exists()


def test_a_class_without_labels_is_refused(network, capsys):
    assert "this network has no labels" in refused(capsys, "generate", network, "--class", 0)


@pytest.mark.parametrize("seeds", ["a", "3-1", "", "1-", "-1"])
def test_bad_seeds_are_refused(network, seeds, capsys, tmp_path):
    line = refused(capsys, "generate", network, f"--seeds={seeds}", "--outdir", tmp_path / "out")
    assert f"--seeds {seeds}:" in line
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("name", "reason"),
    [("missing.keras", "does not exist"), ("empty", "is it a run directory"), ("a.txt", ".keras")],
)
def test_a_source_that_is_no_network_is_refused(name, reason, capsys, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "a.txt").write_text("x")
    assert reason in refused(capsys, "generate", tmp_path / name)


def test_an_output_that_is_a_file_is_refused(network, capsys, tmp_path):
    (tmp_path / "out").write_text("x")
    assert "out" in refused(capsys, "generate", network, "--outdir", tmp_path / "out")


@pytest.mark.parametrize("command", ["generate", "train"])
def test_help_does_not_wait_for_tensorflow(command):
    code = (
        "import sys; from stylegan_tf.cli import main; main(sys.argv[1:]); "
        "sys.exit('tensorflow' in sys.modules or 'keras' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code, command, "--help"], capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")
