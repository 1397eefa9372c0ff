"""The modules of the package, and where they are."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
# What is installed under `stylegan_tf`, by the folder that it comes from.
FOLDERS = {"stylegan_tf": ROOT / "stylegan_tf", "ops": ROOT / "ops", "datasets": ROOT / "datasets"}


def modules() -> dict[str, Path]:
    """Every module by its installed name."""
    result = {}
    for name, folder in FOLDERS.items():
        package = name if name == "stylegan_tf" else f"stylegan_tf.{name}"
        for path in sorted(folder.rglob("*.py")):
            parts = [package, *path.relative_to(folder).with_suffix("").parts]
            result[".".join(parts).removesuffix(".__init__")] = path
    return result


MODULES = modules()
