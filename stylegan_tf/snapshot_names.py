"""Names of the snapshots of a run: they say after how many thousand images it was written.

`network-snapshot-000025.keras` is that of 25 kimg, rounded where ticks are longer than that.
`network-snapshot-000025_600.keras` is that of 25.6 kimg, to the image, where ticks are shorter.
Names in the order of the alphabet are in the order of time.
"""

import re
from pathlib import Path

PREFIX, SUFFIX = "network-snapshot-", ".keras"
SNAPSHOTS = f"{PREFIX}*{SUFFIX}"  # a pattern for all of them
NAME = re.compile(rf"{PREFIX}(\d+)(?:_(\d{{3}}))?{re.escape(SUFFIX)}")


def moment(kimg: float, is_exact: bool) -> str:
    """Returns a moment of a run as it stands in names: "000025", or "000025_600"."""
    whole, images = divmod(round(kimg * 1000), 1000)
    return f"{whole:06d}_{images:03d}" if is_exact and images else f"{round(kimg):06d}"


def is_exact(name: str) -> bool:
    """Returns whether a name has more than thousands of images."""
    found = NAME.fullmatch(name)
    return bool(found and found[2])


def kimg_of(name: str) -> float | None:
    """Returns the thousands of images in the name of a snapshot; None for another name."""
    found = NAME.fullmatch(name)
    return float(f"{found[1]}.{found[2] or 0}") if found else None


def newest_first(run: Path) -> list[Path]:
    """Returns the snapshots of a run directory."""
    found = {path: kimg_of(path.name) for path in Path(run).glob(SNAPSHOTS)}
    known = {path: kimg for path, kimg in found.items() if kimg is not None}
    return sorted(known, key=lambda path: (known[path], path.name), reverse=True)
