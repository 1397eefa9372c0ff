"""The order of the packages: imports point down only, those inside functions too."""

import ast

import pytest

from package_modules import MODULES

pytestmark = pytest.mark.any_stack

# From low to high; who stands in one line may import each other. A name is a module or package
# below `stylegan_tf`.
ORDER = [
    "deprecation import_hooks keras_registration lazy_tensorflow registry plugins messages files "
    "json_lines machine defaults requirements plain_paths snapshot_names downloads tables",
    "unpickling",
    "datasets",
    "ops",
    "backend_compat",
    "losses penalties augment",
    "layers",
    "models",
    "images",
    "labels latents importing exporting",
    "checkpoints loading pretrained",
    "generation",
    "figures directions projection video metrics serving",
    "pipeline scoring",
    "training",
    "explorer",
    "cli __main__",
]
LEVELS = {name: level for level, line in enumerate(ORDER) for name in line.split()}
FOUNDATION = set(ORDER[0].split())  # none of which needs TensorFlow
# What these import of the package, where that is less than their place allows.
ONLY = {
    **dict.fromkeys(["unpickling", "ops", "losses", "penalties"], FOUNDATION),
    "augment": FOUNDATION | {"ops"},
    "datasets": FOUNDATION | {"unpickling"},
}


def imports(module: str, source: str, is_package: bool) -> set[str]:
    """The modules of the package that a module imports, wherever in it."""
    result = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            result |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            start = node.module or ""
            if node.level:
                parts = module.split(".")
                kept = len(parts) - node.level + is_package
                start = ".".join([*parts[:kept], *filter(None, [node.module])])
            # `from package import module` imports the module.
            for alias in node.names:
                full = f"{start}.{alias.name}"
                result.add(full if full in MODULES else start)
    return {name for name in result if name.split(".")[0] == "stylegan_tf"}


def part(module: str) -> str | None:
    """The name in the table; None for the package itself, whose names load on first use."""
    return module.split(".")[1] if "." in module else None


def arrows() -> set[tuple[str, str]]:
    """Which part imports which other part, with the modules: "a.b → c.d"."""
    result = set()
    for module, path in MODULES.items():
        if part(module) is None:
            continue
        for other in imports(module, path.read_text(), path.name == "__init__.py"):
            if part(other) not in (None, part(module)):
                result.add((module.split(".", 1)[1], other.split(".", 1)[1]))
    return result


def test_every_package_has_its_place():
    assert {part(module) for module in MODULES} - {None} <= LEVELS.keys()


def test_imports_point_down():
    wrong = {
        f"{one} → {other}"
        for one, other in arrows()
        if LEVELS[one.split(".")[0]] < LEVELS[other.split(".")[0]]
        or other.split(".")[0] not in ONLY.get(one.split(".")[0], LEVELS)
    }
    assert sorted(wrong) == []


def test_nothing_goes_in_a_circle():
    """Between the packages that stand in one line; the others cannot."""
    below = {}
    for one, other in arrows():
        below.setdefault(one.split(".")[0], set()).add(other.split(".")[0])
    for name in LEVELS:
        seen, todo = set(), [name]
        while todo:
            for one in below.get(todo.pop(), ()):
                if one not in seen:
                    seen.add(one)
                    todo.append(one)
        assert name not in seen, f"{name} imports itself by way of others"


@pytest.mark.parametrize(
    ("module", "is_package", "source", "expected"),
    [
        ("stylegan_tf.ops.build", False, "from . import library", {"stylegan_tf.ops.library"}),
        ("stylegan_tf.ops", True, "from .library import load", {"stylegan_tf.ops.library"}),
        ("stylegan_tf.cli.train", False, "from ..files import x", {"stylegan_tf.files"}),
        ("stylegan_tf.cli", True, "import numpy, stylegan_tf.files", {"stylegan_tf.files"}),
        ("stylegan_tf.files", False, "def f():\n from stylegan_tf import ops", {"stylegan_tf.ops"}),
        ("stylegan_tf.files", False, "from stylegan_tf.ops import x", {"stylegan_tf.ops"}),
    ],
)
def test_imports_are_found(module, is_package, source, expected):
    """A check of the check."""
    assert imports(module, source, is_package) == expected
