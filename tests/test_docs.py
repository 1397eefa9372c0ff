"""README and docs/: links lead somewhere, commands exist, measured numbers say where they are from,
and what a page repeats is what the code says."""

import ast
import itertools
import re
import shlex
from pathlib import Path

import click
import pytest

from package_modules import MODULES, ROOT
from stylegan_tf import cli
from stylegan_tf.training import presets

pytestmark = pytest.mark.any_stack

DOCS = ROOT / "docs"
README = ROOT / "README.md"
PAGES = [README, ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md"))]
TEXTS = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in PAGES}
GENERATED = DOCS / "reference"  # its headings are made when the site is
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TABLE = re.compile(r"(?:^\|.*\n)+", re.MULTILINE)
CODE = re.compile(r"`([^`]+)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
COMMAND = re.compile(r"(?:python -m stylegan_tf|stylegan-tf|python train\.py)(?= |$)")
PROGRAM = re.compile(r"(?:\w+=\S+ )*(?:stylegan-tf|python|pytest|pip|ptxas|mkdocs)\b")
# Speed, time with a fraction, memory with a fraction: somebody has measured that.
MEASURED = re.compile(r"\d\.\d+ (?:s|ms|µs|GB)\b|s/kimg|img/s|images/s|[GT]B/s|GFLOP/s|ms an image")


def prose(text: str) -> str:
    """A page without its blocks of code."""
    return FENCE.sub("", text)


def anchors(text: str) -> set[str]:
    """The anchors of a page's headings, as GitHub and the site make them."""
    headings = re.findall(r"^#+ (.*)$", prose(text), re.MULTILINE)
    plain = [re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", one).lower() for one in headings]
    return {re.sub(r"[^\w\- ]", "", one.strip()).replace(" ", "-") for one in plain}


def broken_links(path: Path, text: str) -> list[str]:
    """The relative links of a page that lead nowhere."""
    broken = []
    for link in LINK.findall(prose(text)):
        if "://" in link:
            continue
        name, _, anchor = link.partition("#")
        target = (path.parent / name).resolve() if name else path
        if not target.exists():
            broken.append(link)
        elif anchor and GENERATED not in target.parents:
            other = text if target == path else target.read_text(encoding="utf-8")
            if anchor not in anchors(other):
                broken.append(link)
    return broken


@pytest.mark.parametrize("name", TEXTS)
def test_every_link_leads_somewhere(name):
    assert broken_links(ROOT / name, TEXTS[name]) == []


def test_a_broken_link_is_noticed():
    text = "# A b\n[x](#a-b) [x](#a-c) [x](none.md) [x](metrics.md#metrics) [x](metrics.md#none)\n"
    assert broken_links(DOCS / "ops.md", text) == ["#a-c", "none.md", "metrics.md#none"]


@pytest.mark.parametrize("path", sorted(DOCS.rglob("*.md")), ids=str)
def test_every_page_is_in_the_navigation(path):
    navigation = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:")[2]
    assert f": {path.relative_to(DOCS).as_posix()}\n" in navigation


def commands(text: str) -> list[tuple[str, bool]]:
    """The commands of a page, and whether each is to be typed as it stands, in a block of its own.

    In running text a command may lack its arguments.
    """
    found = []
    for language, block in FENCE.findall(text):
        if language != "python":
            lines = block.replace("\\\n", " ").splitlines()
            found += [(part, True) for line in lines for part in parts(line.removeprefix("$ "))]
    inline = (" ".join(code.split()) for code in CODE.findall(prose(text)))
    return found + [(part, False) for code in inline for part in parts(code)]


def parts(line: str) -> list[str]:
    """The commands of ours in a line, which may have several."""
    return [one for one in re.split(r" (?:&&|\||;) ", line.strip()) if COMMAND.match(one)]


def words_of(command: str) -> list[str]:
    """What follows the name of the program; "…" stands for anything."""
    start = ["train"] if command.startswith("python train.py") else []
    words = shlex.split(COMMAND.sub("", command, count=1), comments=True)
    return start + [word for word in words if word != "…"]


def check_command(words: list[str], is_whole: bool) -> None:
    """Raises click's error for what is no command, option or choice, without running anything."""
    command, context = cli.group, click.Context(cli.group, info_name="stylegan-tf")
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        name, *words = words
        command = command.get_command(context, name)
        if command is None:
            raise click.UsageError(f"no such command: {name}")
        context = click.Context(command, context, name)
    values, rest, _ = command.make_parser(context).parse_args(list(words))
    if rest and not isinstance(command, click.Group):
        raise click.UsageError(f"too many arguments: {rest}")
    for parameter in command.params:
        value = values.get(parameter.name)
        is_given = bool(value) if isinstance(value, str | tuple) else False  # else click's marker
        is_needed = is_whole and parameter.required and isinstance(parameter, click.Argument)
        if is_needed and not is_given:
            raise click.UsageError(f"missing argument: {parameter.name}")
        if isinstance(parameter.type, click.Choice) and isinstance(value, str):
            for choice in value.split("|"):
                parameter.type.convert(choice, parameter, context)


SHOWN = [(name, *one) for name, text in TEXTS.items() for one in dict.fromkeys(commands(text))]


@pytest.mark.parametrize(("page", "command", "is_whole"), SHOWN)
def test_every_command_exists_with_its_options(page, command, is_whole):
    check_command(words_of(command), is_whole)


def test_the_pages_show_commands():
    """They are found in blocks, after `$`, over several lines, and in running text."""
    shown = {command for _, command, _ in SHOWN}
    assert len(shown) > 100
    assert {word for one in shown for word in words_of(one)[:1]} >= cli.COMMANDS.keys()
    text = "```\n$ stylegan-tf train \\\n  --cond\n```\nand `stylegan-tf\nserve`\n"
    assert commands(text) == [("stylegan-tf train    --cond", True), ("stylegan-tf serve", False)]


@pytest.mark.parametrize(
    "command",
    [
        "stylegan-tf trian",
        "stylegan-tf train --btach 8",
        "stylegan-tf dataset crate a b",
        "stylegan-tf generate RUN --noise loud",
        "stylegan-tf export",
        "stylegan-tf train photos",
    ],
)
def test_a_wrong_command_is_noticed(command):
    with pytest.raises(click.UsageError):
        check_command(words_of(command), is_whole=True)


def unexplained(text: str, is_suspect=MEASURED.search) -> list[str]:
    """First lines of the blocks and tables with measured numbers that name no command.

    It is in the block, or in the paragraph before it.
    """
    blocks = [*FENCE.finditer(text)]
    tables = [one for one in TABLE.finditer(text) if not inside(one, blocks)]
    wrong = []
    for block in itertools.chain(blocks, tables):
        if block[0].startswith("```python") or not is_suspect(block[0]):
            continue
        before = text[: block.start()].rstrip().rpartition("\n\n")[2]
        codes = CODE.findall(before) + CODE.findall(block[0].strip("`"))
        lines = [line.removeprefix("$ ") for line in block[0].splitlines()]
        if not any(PROGRAM.match(" ".join(one.split())) for one in codes + lines):
            wrong.append(block[0][:80])
    return wrong


def inside(table: re.Match, blocks: list[re.Match]) -> bool:
    return any(one.start() <= table.start() < one.end() for one in blocks)


@pytest.mark.parametrize("name", TEXTS)
def test_measured_numbers_name_their_command(name):
    assert unexplained(TEXTS[name]) == []


def test_every_block_of_the_measurements_names_its_command():
    text = TEXTS["docs/measurements.md"].partition("\n## ")[2]
    assert len(FENCE.findall(text)) >= 5
    assert unexplained(text, is_suspect=lambda block: True) == []


def test_a_number_without_a_command_is_noticed():
    block = "```\n  256²  0.541 s\n```\n"
    assert unexplained(f"Fast.\n\n{block}") == [block.strip()]
    assert unexplained(f"Fast (`python benchmarks/ops.py`):\n\n{block}") == []
    assert unexplained("Fast.\n\n| a | 1.5 ms |\n| --- | --- |\n")


def test_the_readme_is_short_and_begins_with_two_commands():
    text = README.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 150
    assert [block.strip() for _, block in FENCE.findall(text)[:2]] == [
        "pip install -e . && python train.py --strategy mirrored",
        'pip install -e ".[test]" && pytest',
    ]
    assert len(re.findall(r"^!\[", text, re.MULTILINE)) == 4


def test_what_the_readme_calls_fast_was_measured():
    text = README.read_text(encoding="utf-8").partition("## How fast\n")[2].partition("\n## ")[0]
    lines = re.findall(r"^- .*$", text, re.MULTILINE)
    assert len(lines) == 3
    assert all(PROGRAM.match(CODE.search(line)[1]) for line in lines)


def test_published_batches_are_those_of_the_code():
    text = TEXTS["docs/configurations.md"].partition("## Published schedules")[2]
    rows = [list(map(int, re.findall(r"\d+", row))) for row in TABLE.search(text)[0].splitlines()]
    sizes, *rows = [[0, *(2**n for n in range(2, 11))], *rows[2:]]
    assert {row[0]: row[1:] for row in rows} == {
        gpus: [table.get(size, base) for size in sizes[1:]]
        for gpus, (table, base) in presets.PUBLISHED_BATCH.items()
    }


# Public names that are no functions or classes of their own: entries and constants of registries,
# another name of one, and what others call.
NOT_DOCUMENTED = {"get", "names", "ImportRefused", "COMPONENTS", "ARCHITECTURES", "reading"}


def public_names() -> set[str]:
    """What packages offer: in `__all__`, or loaded on first use."""
    found = set()
    for path in [one for one in MODULES.values() if one.name == "__init__.py"]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.keyword) and node.arg == "submod_attrs":
                lists = node.value.values
            elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__":
                lists = [node.value]
            else:
                continue
            found |= {name.value for one in lists for name in getattr(one, "elts", ())}
    return found


def test_the_reference_has_every_public_name():
    pages = "".join(path.read_text(encoding="utf-8") for path in GENERATED.glob("*.md"))
    documented = set(re.findall(r"^::: .*\.(\w+)$", pages, re.MULTILINE))
    assert len(documented) > 100
    assert public_names() - documented == NOT_DOCUMENTED


STEPS = re.findall(r"^\| \d+ \| `([\w.]+)` \| `([\w./]+)` ", TEXTS["docs/architecture.md"], re.M)


@pytest.mark.parametrize(("function", "file"), STEPS)
def test_the_life_of_an_image_names_functions_that_exist(function, file):
    nodes = [ast.parse((ROOT / file).read_text(encoding="utf-8"))]
    for name in function.split("."):
        nodes = [
            child
            for node in nodes
            for child in node.body
            if isinstance(child, ast.ClassDef | ast.FunctionDef) and child.name == name
        ]
    assert nodes


def test_the_drawing_has_every_package():
    assert len(STEPS) > 20
    drawing = (DOCS / "images" / "architecture.svg").read_text(encoding="utf-8")
    packages = {name.split(".")[1] for name in MODULES if "." in name}
    assert {name for name in packages if f">{name}</text>" not in drawing} == set()
