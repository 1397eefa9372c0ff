"""The notebooks: run from top to bottom as a user would, with tiny settings."""

import json
import re
from pathlib import Path

import pytest

import tiny

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
# By name: how many images a run shows, and settings.
SHOWN = {"quickstart": 5, "transfer": 3, "exploring_w": 6}
SETTINGS = {
    "quickstart": {},
    "transfer": {"RESOLUTION": "16", "KIMG": "0.08"},
    "exploring_w": {"STEPS": "3"},
}

pytestmark = pytest.mark.any_stack


def notebook(name: str) -> dict:
    return json.loads((NOTEBOOKS / f"{name}.ipynb").read_text(encoding="utf-8"))


def code(name: str) -> list[str]:
    cells = notebook(name)["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


def test_they_are_all_here():
    assert {path.stem for path in NOTEBOOKS.glob("*.ipynb")} == SHOWN.keys()


@pytest.mark.parametrize("name", SHOWN)
def test_nothing_of_a_run_is_stored(name):
    for cell in notebook(name)["cells"]:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


@pytest.mark.parametrize("name", SHOWN)
def test_settings_are_in_the_first_cell_of_code(name):
    first, *others = code(name)
    settings = set(re.findall(r'os\.environ\.get\("(\w+)"', first))
    assert settings >= {"SOURCE", *SETTINGS[name]}
    assert not any("os.environ" in cell for cell in others)


@pytest.mark.parametrize("name", SHOWN)
def test_what_is_installed_stays_as_it_is(name):
    (cell,) = [cell for cell in code(name) if "%pip" in cell]
    guard, install = cell.strip().splitlines()[-2:]
    assert guard.startswith('if importlib.util.find_spec("stylegan_tf") is None:')
    assert install == "    %pip install --quiet stylegan-tf"


@pytest.mark.slow
@pytest.mark.parametrize("name", SHOWN)
def test_it_runs(name, tmp_path, monkeypatch):
    """In a kernel of its own, from top to bottom; every sheet of images is shown."""
    nbclient = pytest.importorskip("nbclient", reason="the extra notebooks is not installed")
    pytest.importorskip("ipykernel", reason="the extra notebooks is not installed")
    import nbformat

    tiny.generator().save(tmp_path / "network.keras")
    for key, value in {"SOURCE": "network.keras", **SETTINGS[name]}.items():
        monkeypatch.setenv(key, value)
    book = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
    nbformat.validate(book)
    resources = {"metadata": {"path": str(tmp_path)}}
    nbclient.NotebookClient(book, timeout=600, kernel_name="python3", resources=resources).execute()
    outputs = [output for cell in book.cells for output in cell.get("outputs", ())]
    assert sum("image/png" in output.get("data", ()) for output in outputs) == SHOWN[name]
