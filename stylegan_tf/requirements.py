"""Required packages that are missing or of another version, by this package's metadata.

`pip check` looks at all that is installed, and not at the extras of one package.
"""

from importlib import metadata

from packaging.requirements import Requirement

NAME = "stylegan-tf"


def extras() -> list[str]:
    """Returns the extras that can be installed."""
    return sorted(metadata.metadata(NAME).get_all("Provides-Extra") or [])


def problems(extra: str = "", name: str = NAME) -> list[str]:
    """Returns what a package needs and this environment does not have, a line each.

    Args:
        extra: of the package; "" for what it needs itself.
        name: of the package.
    """
    lines = []
    for requirement in map(Requirement, metadata.requires(name) or []):
        if _belongs(requirement, extra):
            lines += _problems_with(requirement)
    return lines


def _belongs(requirement: Requirement, extra: str) -> bool:
    """Returns whether a requirement is this extra's on this machine, and not the package's own."""
    marker = requirement.marker
    if marker is None:
        return not extra
    always = marker.evaluate({"extra": ""})
    return always if not extra else marker.evaluate({"extra": extra}) and not always


def _problems_with(requirement: Requirement) -> list[str]:
    """Returns what is wrong with one requirement."""
    try:
        version = metadata.version(requirement.name)
    except metadata.PackageNotFoundError:
        return [f"{requirement.name} is missing"]
    if not requirement.specifier.contains(version, prereleases=True):
        return [f"{requirement.name} is {version}, not {requirement.specifier}"]
    return [text for extra in requirement.extras for text in problems(extra, requirement.name)]
