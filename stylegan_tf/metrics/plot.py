"""Curves of metrics against the length of training. Needs matplotlib, of the extra `metrics`."""

import importlib.util
import math
from itertools import groupby, pairwise
from pathlib import Path

from stylegan_tf.files import atomic_write
from stylegan_tf.metrics import records
from stylegan_tf.metrics.names import parse

SUFFIXES = (".png", ".svg", ".pdf")
COLUMNS = 3  # panels side by side
PANEL = (4.6, 3.4)  # inches
DOTS = 110  # an inch
STYLES = ("-", "--", ":")  # of the numbers of one metric


def check(path: Path) -> None:
    """Raises ValueError where a figure cannot be drawn into a file."""
    if Path(path).suffix not in SUFFIXES:
        raise ValueError(f"--plot {path}: the name must end in one of {', '.join(SUFFIXES)}")
    if importlib.util.find_spec("matplotlib") is None:
        raise ValueError("--plot needs matplotlib: pip install 'stylegan-tf[metrics]'")


def draw(runs: dict[str, list[dict]], path: Path) -> None:
    """Draws a panel for each metric, in it a curve for each run.

    Args:
        runs: by the name of each run, its lines as `records.read` gives them; of lines for one
            metric and kimg the last counts. Deviations become bands.
        path: ends in .png, .svg or .pdf.

    Raises:
        ValueError: if there is nothing to draw, or no way to draw it.
    """
    check(path)
    curves = {name: _by_metric(rows) for name, rows in runs.items()}
    metrics = list(dict.fromkeys(metric for by_metric in curves.values() for metric in by_metric))
    if not metrics:
        raise ValueError(f"{', '.join(runs)}: no metric of a network whose kimg is known")
    from matplotlib.figure import Figure

    columns = min(COLUMNS, len(metrics))
    lines = -(-len(metrics) // columns)
    size = (PANEL[0] * columns, PANEL[1] * lines)
    figure = Figure(figsize=size, dpi=DOTS, layout="constrained")
    for number, metric in enumerate(metrics, start=1):
        axes = figure.add_subplot(lines, columns, number)
        _panel(
            axes, metric, {name: by_metric.get(metric, []) for name, by_metric in curves.items()}
        )
    with atomic_write(path) as partial:
        figure.savefig(partial)


def _by_metric(rows: list[dict]) -> dict[str, list[dict]]:
    """Returns of each metric the lines to draw, by rising kimg."""
    by_kimg: dict[str, dict[float, dict]] = {}
    for row in rows:
        if row["kimg"] is not None:
            by_kimg.setdefault(row["metric"], {})[row["kimg"]] = row
    return {metric: [lines[kimg] for kimg in sorted(lines)] for metric, lines in by_kimg.items()}


def _panel(axes, metric: str, runs: dict[str, list[dict]]) -> None:
    """Draws one metric of all runs."""
    several = len(runs) > 1
    for number, (run, rows) in enumerate(runs.items()):
        names = list(dict.fromkeys(name for row in rows for name in records.parts(row)))
        for name, style in zip(names, STYLES, strict=False):
            label = " ".join([run] * several + [name] * bool(name))
            color = f"C{number}" if several else f"C{names.index(name)}"
            _curve(axes, rows, name, label=label, color=color, linestyle=style)
    axes.set_title(metric, loc="left", fontweight="bold", fontsize="medium")
    axes.set_xlabel("thousand real images shown (kimg)")
    axes.set_ylabel(_meaning(metric))
    axes.grid(alpha=0.3)
    if axes.get_legend_handles_labels()[1]:
        axes.legend(fontsize="small")
    if not several:
        _resolutions(axes, next(iter(runs.values())))


def _curve(axes, rows: list[dict], name: str, label: str, **style) -> None:
    kimg = [row["kimg"] for row in rows]
    values = [_number(records.parts(row).get(name)) for row in rows]
    axes.plot(kimg, values, marker=".", label=label or None, **style)
    deviations = [_number(row.get("deviation")) for row in rows]
    if name == "" and not all(map(math.isnan, deviations)):
        ends = zip(values, deviations, strict=True)
        low, high = zip(*((value - off, value + off) for value, off in ends), strict=True)
        axes.fill_between(kimg, low, high, color=style["color"], alpha=0.2, linewidth=0)


def _resolutions(axes, rows: list[dict]) -> None:
    """Says at the top of which resolution the images were, and where one followed another."""
    spans = [list(group) for _, group in groupby(rows, key=lambda row: row["resolution"])]
    for before, after in pairwise(spans):
        axes.axvline((before[-1]["kimg"] + after[0]["kimg"]) / 2, color="grey", linestyle=":")
    top = axes.secondary_xaxis("top")
    middles = [(span[0]["kimg"] + span[-1]["kimg"]) / 2 for span in spans]
    top.set_xticks(middles, [f"{span[0]['resolution']}²" for span in spans])
    top.tick_params(length=0, labelsize="small", labelcolor="grey")


def _meaning(metric: str) -> str:
    """Returns what an axis says of a metric; nothing if it is not registered here."""
    try:
        request = parse(metric)
    except ValueError:
        return ""
    return request.metric.axis(request.features)


def _number(value) -> float:
    """Returns a number; null stands for what was not finite."""
    return math.nan if value is None else value
