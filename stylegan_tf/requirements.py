"""Which required packages are missing or of another version, by what pip knows of this package."""

from importlib import metadata

from packaging.requirements import Requirement

NAME = "stylegan-tf"


def extras() -> list[str]:
    """The extras that can be installed."""
    return sorted(metadata.metadata(NAME).get_all("Provides-Extra") or [])


def problems(extra: str = "", name: str = NAME) -> list[str]:
    """What an extra of a package needs and this environment has not; "" is the package itself."""
    found = []
    for requirement in map(Requirement, metadata.requires(name) or []):
        if _belongs(requirement, extra):
            found += _problems_with(requirement)
    return found


def _belongs(requirement: Requirement, extra: str) -> bool:
    """Whether a requirement is this extra's on this machine, and not the package's own."""
    marker = requirement.marker
    if marker is None:
        return not extra
    always = marker.evaluate({"extra": ""})
    return always if not extra else marker.evaluate({"extra": extra}) and not always


def _problems_with(requirement: Requirement) -> list[str]:
    try:
        version = metadata.version(requirement.name)
    except metadata.PackageNotFoundError:
        return [f"{requirement.name} is missing"]
    if not requirement.specifier.contains(version, prereleases=True):
        return [f"{requirement.name} is {version}, not {requirement.specifier}"]
    return [text for extra in requirement.extras for text in problems(extra, requirement.name)]
