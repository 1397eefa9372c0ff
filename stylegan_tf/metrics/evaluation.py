"""Metrics of a generator, by their names."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import tensorflow as tf

from stylegan_tf.metrics import checks, weights
from stylegan_tf.metrics.measurement import Measurement
from stylegan_tf.metrics.names import parse
from stylegan_tf.metrics.reals import Reals
from stylegan_tf.metrics.result import Result
from stylegan_tf.metrics.sampling import unseen

__all__ = ["Result", "evaluate"]


def evaluate(
    generator,
    dataset,
    metrics: Sequence[str],
    *,
    sources: Mapping[str, str | Path] | None = None,
    classifiers=None,
    mirror: bool = False,
    seed: int = 0,
    batch: int | None = None,
    strategy: tf.distribute.Strategy | None = None,
    cache: str | Path | None = None,
    progress: Callable | None = None,
) -> Iterator[Result]:
    """Measures a generator at the resolution and fade that it has grown to.

    All that metrics need is checked, and networks are loaded, before this returns; the work is done
    while the results are taken. Metrics of the same features come together, and share pictures.

    Args:
        generator: a `Generator`.
        dataset: what `stylegan_tf.datasets.open` gives; None if no metric compares with real
            pictures and the generator has no labels. Labels are drawn with its frequencies.
        metrics: names, as `names.parse` knows them.
        sources: by the name of a network of features, the path or URL of its weights; for a name
            of your own, a Keras model or SavedModel.
        classifiers: for `ls`, as in `linear_separability`.
        mirror: real pictures count twice, the second time mirrored.
        seed: of all random numbers. Different seeds have no picture in common.
        batch: pictures at a time on each replica; None: as many as suit the device.
        strategy: a `tf.distribute.Strategy`, on whose replicas; None: on one device.
        cache: folder in which statistics of real pictures are kept; None: that of weights.
        progress: of a title, gives a context manager that gives a function of (done, total), as
            `stylegan_tf.cli.progress.progress_of`.

    Yields:
        a `Result` for each metric.

    Raises:
        ValueError: if a name is no metric, or what a metric needs is missing or does not fit.
    """
    wanted = [parse(name) for name in dict.fromkeys(metrics)]
    resolution, _ = generator.grown_to
    reals = dataset and Reals(dataset, resolution, mirror)
    comparing = [metric for metric in wanted if metric.compares]
    checks.check_counts(wanted)
    checks.check_generator(generator, dataset, wanted)
    checks.check_reals(reals, generator.channels, comparing)
    checks.check_sources(sources or {}, wanted)
    checks.check_separability(classifiers, wanted)
    measurement = Measurement(
        generator, reals, seed, batch, strategy, Path(cache or weights.cache()), progress or unseen
    )
    measurement.load(wanted, sources or {}, classifiers)
    return measurement.results(wanted)
