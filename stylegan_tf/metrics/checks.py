"""What a metric needs, looked for before the first picture is drawn."""

import importlib.util
from collections.abc import Iterable, Mapping

from stylegan_tf.datasets.resolutions import check_resolution
from stylegan_tf.metrics import perceptual
from stylegan_tf.metrics.comparison import LEAST
from stylegan_tf.metrics.names import Metric
from stylegan_tf.metrics.reals import Reals


def check_generator(generator, dataset, metrics: Iterable[Metric]) -> None:
    """Raises ValueError where the generator, or its labels, do not allow a metric."""
    for metric in metrics:
        if metric.kind.startswith("ppl"):
            perceptual.check_size(metric.name, generator)
    size = generator.label_size
    if size and dataset is None:
        raise ValueError("this network has labels, which are drawn from the data: give a dataset")
    if size and dataset.label_size != size:
        raise ValueError(
            f"this network has labels of {size} numbers, those of {dataset.path} have "
            f"{dataset.label_size}"
        )


def check_reals(reals: Reals | None, channels: int, metrics: Iterable[Metric]) -> None:
    """Raises ValueError where real pictures are missing, too few, too small, or of other colours.

    Args:
        reals: the pictures, or None.
        channels: of the generated pictures.
        metrics: those that compare.
    """
    for metric in metrics:
        if reals is None:
            raise ValueError(f"{metric.name} compares with real pictures: give a dataset")
        if reals.available < LEAST[metric.kind]:
            raise ValueError(
                f"{metric.name} needs {LEAST[metric.kind]} real pictures, and "
                f"{reals.dataset.path} has {reals.available}"
            )
        check_resolution(reals.resolution, reals.dataset.resolution)
        if reals.dataset.channels != channels:
            raise ValueError(
                f"pictures of {reals.dataset.path} have {reals.dataset.channels} channels, those "
                f"of this network {channels}"
            )


def check_counts(metrics: Iterable[Metric]) -> None:
    """Raises ValueError for fewer pictures than a metric can do with."""
    for metric in metrics:
        if metric.count < LEAST.get(metric.kind, 1):
            raise ValueError(f"{metric.name}: at least {LEAST[metric.kind]} pictures are needed")


def check_networks(networks: Mapping, metrics: Iterable[Metric]) -> None:
    """Raises ValueError where a network gives no probabilities, and a metric is of these."""
    for metric in metrics:
        if metric.kind == "is" and networks[metric.features].classes is None:
            raise ValueError(f"{metric.name}: {metric.features} gives no probabilities of classes")


def check_sources(sources: Iterable[str], metrics: Iterable[Metric]) -> None:
    """Raises ValueError for the weights of a network that no metric uses."""
    used = {metric.features for metric in metrics} - {None}
    for name in sources:
        if name not in used:
            named = ", ".join(sorted(used)) or "no network"
            raise ValueError(f"{name!r} has weights, but the metrics use {named}")


def check_separability(classifiers, metrics: Iterable[Metric]) -> None:
    """Raises ValueError without classifiers, or without scikit-learn."""
    for metric in metrics:
        if metric.kind != "ls":
            continue
        if classifiers is None:
            raise ValueError(
                f"{metric.name} needs classifiers of attributes: give a Keras model; "
                "stylegan-tf classifiers D --out FILE.keras trains one from the labels of D"
            )
        if importlib.util.find_spec("sklearn") is None:
            raise ValueError(
                f"{metric.name} needs scikit-learn: pip install 'stylegan-tf[metrics]'"
            )
