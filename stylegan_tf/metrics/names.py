"""Names of metrics, such as `fid50k` and `fd_vgg16_5k_full`: what each stands for."""

import re
from dataclasses import dataclass
from typing import Any, cast

from stylegan_tf.messages import did_you_mean

# Importing them registers the metrics that come along. `register` is imported from here by the
# package, so that their names are taken before anybody else's.
from stylegan_tf.metrics import (  # noqa: F401
    frechet,
    inception_scores,
    kernel,
    latent_separability,
    perceptual_path_lengths,
    precision_and_recall,
)
from stylegan_tf.metrics.registration import Metric, metrics, register
from stylegan_tf.registry import HINT

__all__ = ["Request", "examples", "parse", "register"]

NUMBER = r"(?P<number>\d+k?)"


@dataclass(frozen=True)
class Request:
    """A metric, and of what it is to be computed.

    Attributes:
        name: as it was requested.
        metric: the registered metric.
        features: name of the feature network; None where the metric needs none.
        count: generated images, and at most as many real ones; paths or samples for some.
        full: all real images, however many.
        counted: whether the name says how many images.
    """

    name: str
    metric: Metric
    features: str | None
    count: int
    full: bool = False
    counted: bool = True


def parse(name: str) -> Request:
    """Returns the metric that a name requests.

    Raises:
        ValueError: if there is no such metric, naming the nearest ones.
    """
    for metric in sorted(metrics(), key=lambda metric: len(metric.name), reverse=True):
        for pattern, features in _patterns(metric):
            if match := re.fullmatch(pattern, name):
                named = match.groupdict()
                return _request(name, metric, features or named.get("features"), named)
    raise ValueError(f"{name!r} is no metric{did_you_mean(name, examples())}{HINT}")


def examples() -> list[str]:
    """Returns names of all metrics."""
    names_of_all = []
    for metric in metrics():
        if not metric.of_network:
            names_of_all.append(metric.name if metric.count else f"{metric.name}_50k")
            continue
        with_classes = metric.needs == "probabilities"
        networks = ("mobilenet_v2",) if with_classes else ("vgg16", "mobilenet_v2")
        names = [f"{metric.name}_{network}_50k" for network in networks]
        names += [f"{metric.published.name}50k"] if metric.published else []
        full = [f"{name}_full" for name in names] if metric.needs == "moments" else []
        names_of_all += [*names, *full]
    return names_of_all


def _patterns(metric: Metric) -> list[tuple[str, str | None]]:
    """Returns regular expressions of a metric's names, each with the features that it fixes."""
    optional = "?" if metric.count else ""
    if not metric.of_network:
        return [(rf"{metric.name}(?:_{NUMBER}){optional}", None)]
    # Without a number, what looks like one is no network.
    network = r"(?P<features>(?!\d+k?(_full)?$)\w[\w-]*?)"
    patterns: list[tuple[str, str | None]] = [
        (rf"{metric.name}_{network}(?:_{NUMBER}){optional}(?P<full>_full)?", None)
    ]
    if metric.published:
        published = rf"{metric.published.name}{NUMBER}(?P<full>_full)?"
        patterns.append((published, metric.published.features))
    return patterns


def _request(name: str, metric: Metric, features: str | None, groups: dict[str, Any]) -> Request:
    full = bool(groups.get("full"))
    if full and metric.needs != "moments":
        raise ValueError(f"{name!r} is no metric: only {_full()} compare with all real images")
    number = groups["number"]
    # A name without a number is one only where the metric has a count of its own.
    count = _count(number) if number else cast(int, metric.count)
    least = min(2, metric.minimum)
    if count < least:
        raise ValueError(f"{name!r} is no metric: at least {least} images are needed")
    return Request(name, metric, features, count, full, counted=bool(number))


def _count(number: str) -> int:
    return int(number.removesuffix("k")) * (1000 if number.endswith("k") else 1)


def _full() -> str:
    """Returns the metrics that can compare with all real images."""
    able = [metric for metric in metrics() if metric.needs == "moments"]
    names = [metric.published.name for metric in able if metric.published]
    return " and ".join([*names, *(metric.name for metric in able)])
