"""Hooks of mkdocs: pages that are not in docs/, and sources that the reference can read.

Pages from the top of the tree, README.md as the first, get links that hold on the site. The package
is copied to a folder in which `ops/` and `datasets/` are where they are installed, so that neither
an installation nor TensorFlow is needed.
"""

import dataclasses
import json
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from mkdocs.structure.files import File, InclusionLevel

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ROOT / "build" / "site-sources"  # mkdocs.yml names it, too
FOLDERS = {"stylegan_tf": ".", "ops": "ops", "datasets": "datasets"}  # where in the package
# What is copied to the site, by its name there.
PAGES = {
    "index.md": "README.md",
    "CHANGELOG.md": "CHANGELOG.md",
    "LICENSE": "LICENSE",
    "datasets/emoji/NOTICE.md": "datasets/emoji/NOTICE.md",
}
SETTINGS = "<!-- settings -->"  # stands where the table of them goes
CODE = re.compile(r"`[^`]+`")


def on_startup(command: str, dirty: bool) -> None:
    """Copies the package, and lets Python find it there."""
    shutil.rmtree(SOURCES, ignore_errors=True)
    for folder, place in FOLDERS.items():
        for file in (ROOT / folder).rglob("*.py"):
            copy = SOURCES / "stylegan_tf" / place / file.relative_to(ROOT / folder)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, copy)
    sys.path.insert(0, str(SOURCES))


def on_files(files, config):
    """Adds the pages from the top of the tree."""
    for name, source in PAGES.items():
        text = (ROOT / source).read_text(encoding="utf-8")
        page = File.generated(config, name, content=text.replace("](docs/", "]("))
        if page.src_uri.startswith("datasets/"):
            page.inclusion = InclusionLevel.NOT_IN_NAV  # the first page links to it
        files.append(page)
    return files


def on_page_markdown(markdown: str, page, config, files) -> str:
    """Writes what GitHub and Python-Markdown read differently, and the table of settings."""
    # In code in a table GitHub wants `a\|b`; here the backslash would be shown.
    markdown = re.sub(r"^\|.*$", lambda row: CODE.sub(_plain_bars, row[0]), markdown, flags=re.M)
    if SETTINGS in markdown:
        markdown = markdown.replace(SETTINGS, "\n".join(settings_table()))
    return markdown


def _plain_bars(code: re.Match[str]) -> str:
    return code[0].replace(r"\|", "|")


def settings_table() -> Iterator[str]:
    """Yields the lines of a table of all settings of a run."""
    from stylegan_tf.training.config import Config

    yield "| key | default | it must be |"
    yield "| --- | --- | --- |"
    for key, default, bounds in settings_of(Config()):
        yield f"| `{key}` | `{json.dumps(default)}` | {bounds} |"


def settings_of(config, prefix: str = "") -> Iterator[tuple[str, object, str]]:
    """Yields dotted key, value and bounds of each setting."""
    for entry in dataclasses.fields(config):
        value = getattr(config, entry.name)
        if dataclasses.is_dataclass(value):
            yield from settings_of(value, f"{prefix}{entry.name}.")
        else:
            yield prefix + entry.name, value, ", ".join(bounds_of(entry.metadata))


def bounds_of(metadata) -> Iterator[str]:
    """Yields what the values of a setting must be, in words."""
    words = {"minimum": "at least", "above": "above", "maximum": "at most", "below": "below"}
    for name, limit in metadata.items():
        if name == "choices":
            yield "one of " + ", ".join(f"`{choice}`" for choice in limit)
        elif name == "registered":
            yield f"of `sg.{limit}.names()`"
        elif name == "bounded_elsewhere":
            yield limit.partition(" (")[0]
        else:
            yield f"{words[name]} {limit:g}"
