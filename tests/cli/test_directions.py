"""`stylegan-tf directions`: a file of directions, and a sheet of each."""

import numpy as np
import pytest
from PIL import Image

import stylegan_tf as sg
import tiny
from command_line import refused
from stylegan_tf.cli import main
from stylegan_tf.directions.sheet import STEPS
from stylegan_tf.explorer import Controls, LocalSession
from stylegan_tf.latents import z_from_seeds


@pytest.fixture
def find(tmp_path):
    """Runs the command; gives its folder."""

    def use(source, *arguments):
        main(["directions", str(source), "--outdir", str(tmp_path), *map(str, arguments)])
        return tmp_path

    return use


def sheet_images(path, rows, side=128):
    """The images of a sheet, [rows, steps, side, side, 3], counted from the far corner."""
    page = np.asarray(Image.open(path))[:-12, :-12]
    count, pitch = len(STEPS), side + 4
    page = np.pad(page[-(rows * pitch - 4) :, -(count * pitch - 4) :], [(0, 4), (0, 4), (0, 0)])
    cells = page.reshape(rows, pitch, count, pitch, 3).transpose(0, 2, 1, 3, 4)
    return cells[:, :, :side, :side]


def test_each_method_gives_directions_and_sheets(network, find, capsys):
    folder = find(network, "--count", 2, "--seeds", "0,7")
    result = np.load(folder / "directions.npz")
    assert list(result) == ["sefa 1", "sefa 2", "pca 1", "pca 2"]
    assert {array.shape for array in result.values()} == {(5,)}
    sheets = ["pca-1.png", "pca-2.png", "sefa-1.png", "sefa-2.png"]
    assert sorted(path.name for path in folder.glob("*.png")) == sheets
    assert capsys.readouterr().out.startswith(f"4 directions in {folder}/directions.npz")


def test_the_middle_of_a_sheet_is_the_image_of_the_seed(network, find):
    folder = find(network, "--methods", "pca", "--count", 1, "--seeds", "3-4")
    main(["generate", str(network), "--seeds", "3-4", "--outdir", str(folder / "g")])
    middle = sheet_images(folder / "pca-1.png", rows=2)[:, len(STEPS) // 2]
    for seed, cell in zip((3, 4), middle, strict=True):
        image = np.asarray(Image.open(folder / f"g/seed000{seed}.png")).astype(int)
        assert np.abs(image - cell[::8, ::8]).max() <= 1  # another batch, another rounding


def test_the_explorer_makes_the_same_images_of_the_file(network, find):
    folder = find(network, "--methods", "sefa", "--count", 1, "--seeds", "5", "--layers", "0-2")
    session = LocalSession(network, folder / "directions.npz")
    assert session.direction("sefa 1").shape == (6, 5)
    assert not session.direction("sefa 1")[3:].any()
    cells = sheet_images(folder / "sefa-1.png", rows=1)[0]
    for step, cell in zip(STEPS, cells, strict=True):
        image = session.generate(Controls(seed=5, directions={"sefa 1": float(step)}))
        assert np.abs(image.astype(int) - cell[::8, ::8]).max() <= 1


def test_labelled_seeds_give_a_direction(network, find, capsys, tmp_path):
    """Seeds labelled by the third number of their w: along the direction that number grows."""
    pytest.importorskip("sklearn")
    third = sg.load(network).mapping(z_from_seeds(range(200), tiny.LATENT)).numpy()[:, 2]
    lines = [f"{seed},{int(one > np.median(third))}" for seed, one in enumerate(third)]
    (tmp_path / "labels.csv").write_text("\n".join(["seed,third", *lines]))
    folder = find(network, "--labels", tmp_path / "labels.csv", "--count", 1, "--seeds", 0)
    assert "% of 200 seeds are told apart" in capsys.readouterr().out
    assert np.load(folder / "directions.npz")["third"][2] > 0
    assert (folder / "third.png").exists()


def test_a_class_and_another_size_are_drawn(find, tmp_path):
    network = tiny.generator(label_size=3, channels=1, grown=2.5)
    network.save(tmp_path / "g.keras")
    folder = find(tmp_path / "g.keras", "--class", 2, "--count", 1, "--seeds", 0)
    assert np.load(folder / "directions.npz")["sefa 1"].shape == (5,)
    assert sheet_images(folder / "pca-1.png", rows=1).shape == (1, 7, 128, 128, 3)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--count", 0], "--count is 0; it must be 1 or more"),
        (["--methods", "sefa,ica"], "'ica' is not one of sefa, pca"),
        (["--layers", "0-6"], "--layers names 6; the last layer is 5"),
        (["--layers", "x"], "--layers x: write numbers and ranges"),
        (["--class", "0"], "--class is 0; this network has no labels"),
        (["--labels", "no.csv"], "no.csv does not exist"),
    ],
)
def test_options_that_cannot_be_are_refused(options, reason, network, tmp_path, capsys):
    out = tmp_path / "out"
    assert reason in refused(capsys, "directions", network, "--outdir", out, *options)
    assert not out.exists()


def test_too_few_labels_are_refused_by_name(network, tmp_path, capsys):
    pytest.importorskip("sklearn")
    (tmp_path / "l.csv").write_text("seed,hat\n1,0\n2,1\n3,1\n")
    line = refused(capsys, "directions", network, "--labels", tmp_path / "l.csv")
    assert "hat: of each label there must be two samples or more, not 1" in line


def test_a_network_without_styles_is_refused(tmp_path, capsys):
    tiny.generator(architecture="b").save(tmp_path / "b.keras")
    line = refused(capsys, "directions", tmp_path / "b.keras")
    assert "this network is of architecture B, which has no styles" in line
