"""What the page tells to type gives the same image, bit for bit."""

import shlex

import numpy as np
import pytest
from PIL import Image

from stylegan_tf.cli import main
from stylegan_tf.explorer import Controls, LocalSession
from stylegan_tf.explorer.recipe import file_name, recipe


def followed(text: str) -> None:
    """Runs a recipe in this process."""
    if text.startswith("stylegan-tf "):
        (line,) = text.splitlines()
        main(shlex.split(line)[1:])
    else:
        exec(compile(text, "recipe", "exec"), {})


def assert_made_again(session, controls, folder):
    followed(recipe(session, controls))
    (path,) = folder.rglob("*.png")
    assert path.name == file_name(controls)
    np.testing.assert_array_equal(np.array(Image.open(path)), session.generate(controls))


@pytest.mark.parametrize(
    "controls",
    [
        Controls(),
        Controls(seed=123456, psi=0.1 + 0.2, cutoff=3),
        Controls(seed=5, psi=-0.5, label=1, noise="constant"),
        Controls(seed=5, noise="none"),
    ],
)
def test_a_command_where_generate_has_the_options(
    controls, session, tmp_path, monkeypatch
):  # the run directory has a space in its name
    monkeypatch.chdir(tmp_path)
    assert recipe(session, controls).startswith("stylegan-tf generate ")
    assert_made_again(session, controls, tmp_path)


@pytest.mark.parametrize(
    "controls",
    [
        Controls(seed=5, mixing={7: [0, 1], 8: [5]}),
        Controls(seed=5, psi=0.55, strengths={0: 0.0, 3: 1.55}, noise="constant", label=2),
        Controls(seed=5, directions={"component 2": -1.3}),
    ],
)
def test_python_for_everything_else(controls, session, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert recipe(session, controls).startswith("import stylegan_tf as sg\n")
    assert_made_again(session, controls, tmp_path)


def test_python_names_the_file_of_directions(run, rng, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.savez("it's mine.npz", smile=rng.standard_normal(5))
    session = LocalSession(run, "it's mine.npz")
    assert_made_again(session, Controls(seed=5, directions={"smile": 1.5}), tmp_path)


def test_what_is_a_default_is_not_said(session):
    assert repr(Controls(seed=0)) == "Controls(seed=0)"
    assert repr(Controls(mixing={1: [2]})) == "Controls(seed=0, mixing={1: [2]})"
    assert recipe(session, Controls(seed=4)) == (
        f"stylegan-tf generate '{session.source}' --seeds 4 --trunc 0.7"
    )


def test_files_of_different_images_have_different_names():
    one, other = Controls(mixing={1: [2]}), Controls(mixing={1: [3]})
    assert len({file_name(Controls()), file_name(one), file_name(other)}) == 3
    assert file_name(one) == file_name(Controls(mixing={1: [2]}))
