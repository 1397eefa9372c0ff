"""Results of metrics: one line each in `metrics.jsonl`, written, read, compared."""

import dataclasses
from pathlib import Path
from typing import Any

from stylegan_tf import json_lines, snapshot_names
from stylegan_tf.metrics.names import parse
from stylegan_tf.pretrained import facts

FILE = "metrics.jsonl"


@dataclasses.dataclass(frozen=True)
class Result:
    """The number of a metric, and what it depends on.

    Attributes:
        metric: its name, such as `fid50k`.
        value: the number. Of `pr` it is the precision, of `dc` the density, of `ls` the score in w.
        deviation: standard deviation over subsets (`kd`) or splits (`is`); None for the others.
        numbers: what else was measured, by name: `precision` and `recall`, `density` and
            `coverage`; of `ls` the scores `score_w` and `score_z`, and `entropy_w/NAME` and
            `entropy_z/NAME` in bits of each attribute; what another metric gives.
        images: generated images.
        reals: real images that they were compared with; None where there were none.
        features: name of the network that looked at the images.
        weights_sha256: of its weights, in hexadecimal.
        seconds: that it took; what metrics share is counted for the first of them.
        notes: what a reader of the number must know, such as how grey images were shown.
    """

    metric: str
    value: float
    deviation: float | None = None
    numbers: dict[str, float] = dataclasses.field(default_factory=dict)
    images: int = 0
    reals: int | None = None
    features: str | None = None
    weights_sha256: str | None = None
    seconds: float = 0.0
    notes: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class Subject:
    """What was measured, and against what.

    Attributes:
        snapshot: name of the file of the network, or of the folder or zip of images.
        kimg: real images, in thousands, that it was trained on; None where that is not known.
        resolution, fade: of its images, as in `Generator.grown_to`.
        data: path of the real images; None without.
        mirror: whether these were mirrored, too.
        seed: of the generated images.
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


def row_of(result: Result, subject: Subject) -> dict[str, Any]:
    """Returns the line of a result."""
    row: dict[str, Any] = {}
    for key, value in vars(result).items():
        row |= value if key == "numbers" else {key: value}
    return row | vars(subject)


def read(path: Path) -> list[dict[str, Any]]:
    """Returns all lines of a `metrics.jsonl`; none where there is no file.

    Raises:
        ValueError: if it is something else.
    """
    rows = json_lines.read(path)
    for number, row in enumerate(rows, 1):
        if not {"metric", "value", "kimg"} <= row.keys():
            raise ValueError(f"{path}, line {number}, is no record of a metric")
    return rows


def parts(row: dict[str, Any]) -> dict[str, float]:
    """Returns the numbers to show of a line: its value, or those that it has of several."""
    numbers = {key: row[key] for key in row.keys() - FIELDS if "/" not in key}
    return dict(sorted(numbers.items())) or {"": row["value"]}


def alike(rows: list[dict[str, Any]], **same: Any) -> list[dict[str, Any]]:
    """Returns the lines that have these entries."""
    return [row for row in rows if row.items() >= same.items()]


def best(rows: list[dict[str, Any]], metric: str) -> dict[str, Any] | None:
    """Returns the line of the best network by a metric; None where nothing was measured.

    Networks of the largest images are compared, since small ones are easier; of equals the first
    is best.
    """
    sign = -1 if parse(metric).metric.higher_is_better else 1
    measured = [row for row in alike(rows, metric=metric) if row["value"] is not None]
    return min(measured, key=lambda row: (-row["resolution"], sign * row["value"]), default=None)


def scalars(result: Result) -> dict[str, float]:
    """Returns all numbers of a result by name, for curves."""
    numbers = {f"{result.metric}/{key}": value for key, value in result.numbers.items()}
    return {result.metric: result.value, **numbers}


def describe(result: Result) -> str:
    """Returns a result in one line."""
    shown = [f"{key} {value:.4g}" for key, value in result.numbers.items() if "/" not in key]
    if not shown or result.value not in result.numbers.values():
        shown.insert(0, f"{result.value:.4g}")
    if result.deviation is not None:
        shown[0] += f" ± {result.deviation:.2g}"
    of = [f"{result.images:,} images"]
    of += [f"{result.reals:,} real ones"] if result.reals is not None else []
    of += [f"features of {result.features}"] if result.features else []
    of += [f"{result.seconds:.0f} s"]
    return f"{result.metric}  {'  '.join(shown)}  ({', '.join(of)})"


def run_of(source: Path) -> Path | None:
    """Returns the run directory that a SRC is or lies in; None if there is none."""
    source = Path(source)
    folder = source if source.is_dir() else source.parent
    return folder if source.is_dir() or (folder / "config.json").is_file() else None


def kimg_of(snapshot: Path) -> float | None:
    """Returns the thousands of real images that a network was trained on; None if not known.

    The name of a snapshot may have them rounded; `stats.jsonl` has them whole, if a single tick is
    meant.
    """
    path = Path(snapshot)
    if path.suffix == facts.SUFFIX:
        return facts.read(path).kimg
    named = snapshot_names.kimg_of(path.name)
    if named is None or snapshot_names.is_exact(path.name):
        return named
    ticks = json_lines.read(path.with_name("stats.jsonl"))
    exact = [row["kimg"] for row in ticks if round(row["kimg"]) == named]
    return exact[0] if len(exact) == 1 else named
