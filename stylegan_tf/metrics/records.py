"""What metrics came to, one line each in `metrics.jsonl`: written, read, compared."""

import dataclasses
import re
from pathlib import Path

from stylegan_tf import json_lines
from stylegan_tf.metrics.names import parse
from stylegan_tf.metrics.result import Result

FILE = "metrics.jsonl"
HIGHER = ("is", "pr", "dc")  # kinds of metrics of which more is better; of the others less is
SNAPSHOT = re.compile(r"network-snapshot-(\d+)\.keras")


@dataclasses.dataclass(frozen=True)
class Subject:
    """What was measured, and against what.

    Attributes:
        snapshot: name of the file of the network.
        kimg: real pictures, in thousands, that it was trained on; None where that is not known.
        resolution, fade: of its pictures, as in `Generator.grown_to`.
        data: path of the real pictures; None without.
        mirror: whether these were mirrored, too.
        seed: of the generated pictures.
    """

    snapshot: str
    kimg: float | None
    resolution: int
    fade: float
    data: str | None = None
    mirror: bool = False
    seed: int = 0


# All keys of a line, but for the numbers that some metrics have besides their value.
FIELDS = {field.name for kind in (Result, Subject) for field in dataclasses.fields(kind)}


def row_of(result: Result, subject: Subject) -> dict:
    """The line of a result."""
    row = {}
    for key, value in vars(result).items():
        row |= value if key == "numbers" else {key: value}
    return row | vars(subject)


def read(path: Path) -> list[dict]:
    """All lines of a `metrics.jsonl`; none where there is no file.

    Raises:
        ValueError: if it is something else.
    """
    rows = json_lines.read(path)
    for number, row in enumerate(rows, 1):
        if not {"metric", "value", "kimg"} <= row.keys():
            raise ValueError(f"{path}, line {number}, is no record of a metric")
    return rows


def parts(row: dict) -> dict[str, float]:
    """The numbers to show of a line: its value, or those that it has of several."""
    found = {key: row[key] for key in row.keys() - FIELDS if "/" not in key}
    return dict(sorted(found.items())) or {"": row["value"]}


def alike(rows: list[dict], **same) -> list[dict]:
    """The lines that have these entries."""
    return [row for row in rows if row.items() >= same.items()]


def best(rows: list[dict], metric: str) -> dict | None:
    """The line of the best network by a metric; None where nothing was measured.

    Networks of the largest pictures are compared, since small ones are easier. Less is better but
    for `HIGHER`; of equals the first is best.
    """
    sign = -1 if parse(metric).kind in HIGHER else 1
    found = [row for row in alike(rows, metric=metric) if row["value"] is not None]
    return min(found, key=lambda row: (-row["resolution"], sign * row["value"]), default=None)


def scalars(result: Result) -> dict[str, float]:
    """All numbers of a result by name, for curves."""
    numbers = {f"{result.metric}/{key}": value for key, value in result.numbers.items()}
    return {result.metric: result.value, **numbers}


def describe(result: Result) -> str:
    """A result in one line."""
    shown = [f"{key} {value:.4g}" for key, value in result.numbers.items() if "/" not in key]
    shown = shown or [f"{result.value:.4g}"]
    if result.deviation is not None:
        shown[0] += f" ± {result.deviation:.2g}"
    of = [f"{result.images:,} pictures"]
    of += [f"{result.reals:,} real ones"] if result.reals is not None else []
    of += [f"features of {result.features}"] if result.features else []
    numbers, of = "  ".join(shown), ", ".join([*of, f"{result.seconds:.0f} s"])
    return f"{result.metric}  {numbers}  ({of})"


def run_of(source: Path) -> Path | None:
    """The run directory that a SRC is or lies in."""
    source = Path(source)
    folder = source if source.is_dir() else source.parent
    return folder if source.is_dir() or (folder / "config.json").is_file() else None


def kimg_of(snapshot: Path) -> float | None:
    """Thousands of real pictures that a snapshot was trained on.

    Its name has them rounded; `stats.jsonl` has them whole, if a single tick is meant.
    """
    named = SNAPSHOT.fullmatch(Path(snapshot).name)
    if not named:
        return None
    ticks = json_lines.read(Path(snapshot).with_name("stats.jsonl"))
    exact = [row["kimg"] for row in ticks if round(row["kimg"]) == int(named[1])]
    return exact[0] if len(exact) == 1 else float(named[1])
