"""Makes Markdown of what our docstrings hold and Griffe's reader of Google style does not know.

Call arguments:          becomes a list
Example:                 becomes code
a, b, c: what they are   becomes an argument each
Returns:                 of a class, what a call returns, becomes text: it has no type there
"""

import re
import textwrap
from collections.abc import Iterator
from functools import partial

import griffe

SECTION = re.compile(
    r"^(Args|Attributes|Call arguments|Example|Returns):\n((?: {4}.*\n|\n)+)", re.MULTILINE
)
ITEM = re.compile(r"^([\w*]+(?:, [\w*]+)*): (.*(?:\n+ +.*)*)", re.MULTILINE)


class Docstrings(griffe.Extension):
    """Rewrites every docstring."""

    def on_instance(self, *, obj: griffe.Object, **kwargs: object) -> None:
        """Is called for each module, class, function and attribute."""
        if obj.docstring:
            text = SECTION.sub(partial(_section, obj.is_class), obj.docstring.value + "\n")
            obj.docstring.value = text.rstrip()


def _section(is_class: bool, match: re.Match[str]) -> str:
    title, body = match[1], textwrap.dedent(match[2]).strip("\n")
    if title == "Example":
        return f"**Example**\n\n```python\n{body}\n```\n\n"
    if title == "Returns":
        return f"**Returns** {body}\n\n" if is_class else match[0]
    if title == "Call arguments":
        lines = [f"- `{name}` – {text}" for name, text in _items(body)]
        return "\n".join(["**Call arguments**", "", *lines]) + "\n\n"
    items = [f"{name}: {text}" for name, text in _items(body)]
    return textwrap.indent("\n".join([f"{title}:", *items]), "    ")[4:] + "\n\n"


def _items(body: str) -> Iterator[tuple[str, str]]:
    """Yields each argument by its own name, where several share a description."""
    for names, text in ITEM.findall(body):
        for name in names.split(", "):
            yield name, text
