"""The images of the documentation: every one has a step, and what was done is not done again."""

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
_spec = importlib.util.spec_from_file_location("docs_images", ROOT / "tools/make_docs_images.py")
tool = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(tool)
# Drawn by hand, and of a training on data that has to be fetched (docs/datasets.md).
OTHERS = {"architecture.svg", "fashion.png"}


def writing(log, **files):
    """A step that notes itself and writes files: image by file."""

    def run(folder):
        log.append(sorted(files))
        for image in files:
            (folder / image).write_text(f"new {image}")

    return tool.Step(run, {f"{image}.png": image for image in files})


def test_every_image_has_a_step():
    made = {name for step in (*tool.steps_of("x"), *tool.FIRST_TRAINING) for name in step.images}
    assert made == {path.name for path in (ROOT / "docs" / "images").iterdir()} - OTHERS


def test_a_second_call_begins_where_the_first_one_stopped(tmp_path):
    log, images = [], tmp_path / "images"
    images.mkdir()
    first = writing(log, a=1, b=1)

    def stopped(folder):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tool.take([first, tool.Step(stopped, {"c.png": "c"})], tmp_path / "work", images)
    assert {path.name for path in images.iterdir()} == {"a.png", "b.png"}
    tool.take([first, writing(log, c=1)], tmp_path / "work", images)
    assert log == [["a", "b"], ["c"]]
    assert (images / "c.png").read_text() == "new c"


def test_commands_are_those_that_pages_show():
    """But for SRC, which pages call by the first training's name or the preset's."""
    text = " ".join(path.read_text() for path in (ROOT / "docs").glob("*.md"))
    for shown in (tool.GENERATE.removesuffix(" --outdir ."), tool.FIGURES):
        names = (shown.replace("SRC", name) for name in ("runs/00000-emoji-f-32", "emoji-64"))
        assert any(name in text for name in names), shown
