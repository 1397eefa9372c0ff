"""Metrics by their names: what they need is checked, then they are measured."""

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import tensorflow as tf

from stylegan_tf import downloads
from stylegan_tf.datasets.dataset import Dataset
from stylegan_tf.datasets.resolutions import check_resolution
from stylegan_tf.metrics.image_files import ImageFiles
from stylegan_tf.metrics.measurement import Measurement
from stylegan_tf.metrics.names import Request, parse
from stylegan_tf.metrics.networks.network import FeatureNetwork
from stylegan_tf.metrics.reals import Reals
from stylegan_tf.metrics.records import Result
from stylegan_tf.metrics.sampling import unseen
from stylegan_tf.models import BaseGenerator
from stylegan_tf.models.finite import check_finite


def evaluate(
    generator: BaseGenerator | ImageFiles | str | Path,
    dataset: Dataset | None,
    metrics: Sequence[str],
    *,
    sources: Mapping[str, str | Path] | None = None,
    classifiers: Any = None,
    mirror: bool = False,
    seed: int = 0,
    batch: int | None = None,
    strategy: tf.distribute.Strategy | None = None,
    cache: str | Path | None = None,
    progress: Callable[..., Any] | None = None,
) -> Iterator[Result]:
    """Returns the results of metrics, of a generator or of images in files.

    All that metrics need is checked, and networks are loaded, before this returns; the work is done
    while the results are taken. Metrics of the same features come together, and share images.

    Args:
        generator: a `Generator`, of which images have the resolution and fade that it has grown to;
            or the path of a folder or zip of images, as in `image_files.ImageFiles`.
        dataset: what `stylegan_tf.datasets.open` gives; None if no metric compares with real
            images and the generator has no labels. Labels are sampled with its frequencies.
        metrics: names, as `names.parse` knows them.
        sources: by the name of a network of features, the path or URL of its weights; for a name
            of your own, a Keras model or SavedModel.
        classifiers: for `ls`, as in `linear_separability`.
        mirror: real images count twice, the second time mirrored.
        seed: of all random numbers. Different seeds have no generated image in common; of files,
            it is the order.
        batch: images at a time on each replica; None: as many as suit the device.
        strategy: a `tf.distribute.Strategy`, on whose replicas; None: on one device.
        cache: folder in which statistics of real images are kept; None: that of weights.
        progress: of a title, gives a context manager that gives a function of (done, total), as
            `stylegan_tf.cli.progress.progress_of`.

    Returns:
        An iterator over a `Result` for each metric.

    Raises:
        ValueError: if a name is no metric, or what a metric needs is missing or does not fit.
    """
    requests = [parse(name) for name in dict.fromkeys(metrics)]
    if isinstance(generator, (str, Path)):
        generator = ImageFiles(generator, dataset, seed)
    if isinstance(generator, ImageFiles):
        requests = [_of_files(request, generator) for request in requests]
    if isinstance(generator, BaseGenerator):
        check_finite(generator, "this network")
    resolution, _ = generator.grown_to
    reals = Reals(dataset, resolution, mirror) if dataset else None
    check_counts(requests)
    check_generator(generator, dataset, requests)
    comparing = [request for request in requests if request.metric.compares]
    channels = None if isinstance(generator, ImageFiles) else generator.channels
    check_reals(reals, channels, comparing)
    check_sources(sources or {}, requests)
    folder = Path(cache or downloads.cache())
    measurement = Measurement(generator, reals, seed, batch, strategy, folder, progress or unseen)
    measurement.load(requests, sources or {}, classifiers)
    check_networks(measurement.networks, requests)
    return measurement.results(requests)


def _of_files(request: Request, files: ImageFiles) -> Request:
    """Returns the request of so many images as there are, if its name does not say how many.

    Raises:
        ValueError: if there are fewer images than it says, or the metric needs a generator.
    """
    if request.metric.needs == "generator":
        raise ValueError(
            f"{request.name} needs a generator, and {files.path} holds images: give a network, or "
            "metrics that compare images, such as fd_vgg16_5k"
        )
    if not request.counted:
        return dataclasses.replace(request, count=min(request.count, files.num_images))
    if request.count > files.num_images:
        raise ValueError(
            f"{request.name} takes {request.count:,} images, and {files.path} holds "
            f"{files.num_images:,}: put a number up to {files.num_images} into its name"
        )
    return request


def check_counts(requests: Iterable[Request]) -> None:
    """Raises ValueError for fewer images than a metric can do with."""
    for request in requests:
        least = request.metric.minimum
        if request.count < least:
            raise ValueError(f"{request.name}: at least {least} images are needed")


def check_generator(
    generator: BaseGenerator | ImageFiles, dataset: Dataset | None, requests: Iterable[Request]
) -> None:
    """Raises ValueError where the generator, or its labels, do not allow a metric."""
    for request in requests:
        if request.metric.check:
            request.metric.check(request.name, generator)
    size = generator.label_size
    if not size:
        return
    if dataset is None:
        raise ValueError("this network has labels, which are sampled from the data: give a dataset")
    if dataset.label_size != size:
        raise ValueError(
            f"this network has labels of {size} numbers, those of {dataset.path} have "
            f"{dataset.label_size}"
        )


def check_reals(reals: Reals | None, channels: int | None, requests: Iterable[Request]) -> None:
    """Raises ValueError where real images are missing, too few, too small, or of other channels.

    Args:
        reals: the images, or None.
        channels: of the generated images; None: they are converted to those of the real ones.
        requests: those that compare.
    """
    for request in requests:
        if reals is None:
            raise ValueError(f"{request.name} compares with real images: give a dataset")
        least = request.metric.minimum
        if reals.available < least:
            raise ValueError(
                f"{request.name} needs {least} real images, and {reals.dataset.path} has "
                f"{reals.available}"
            )
        check_resolution(reals.resolution, reals.dataset.resolution)
        if channels not in (None, reals.dataset.channels):
            raise ValueError(
                f"images of {reals.dataset.path} have {reals.dataset.channels} channels, those "
                f"of this network {channels}"
            )


def check_networks(
    networks: Mapping[str | None, FeatureNetwork], requests: Iterable[Request]
) -> None:
    """Raises ValueError where a network gives no probabilities, and a metric is of these."""
    for request in requests:
        name = request.features
        if request.metric.needs == "probabilities" and networks[name].classes is None:
            raise ValueError(f"{request.name}: {name} gives no probabilities of classes")


def check_sources(sources: Iterable[str], requests: Iterable[Request]) -> None:
    """Raises ValueError for the weights of a network that no metric uses."""
    used = {request.features for request in requests if request.features is not None}
    for name in sources:
        if name not in used:
            named = ", ".join(sorted(used)) or "no network"
            raise ValueError(f"{name!r} has weights, but the metrics use {named}")
