"""The work of an evaluation: from images to numbers."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from stylegan_tf.images import to_rgb
from stylegan_tf.metrics import records, statistics
from stylegan_tf.metrics.image_files import ImageFiles
from stylegan_tf.metrics.names import Request
from stylegan_tf.metrics.networks import load_network
from stylegan_tf.metrics.networks.network import FeatureNetwork
from stylegan_tf.metrics.reals import Reals, sampled_labels
from stylegan_tf.metrics.records import Result
from stylegan_tf.metrics.registration import Measured, Sampling
from stylegan_tf.metrics.sampling import Replicas, batch_for, counted, sampled
from stylegan_tf.metrics.statistics import Need
from stylegan_tf.models import BaseGenerator

NOTES = {  # what a reader of a number must know, by the channels of the images
    1: ("grey images were repeated to three channels",),
    4: ("transparent parts were shown on white",),
}


class Measurement:
    """What metrics share: images, labels, networks, and where they compute.

    Args:
        generator: a `Generator` or `ImageFiles`.
        seed, batch, strategy, progress: as in `evaluation.evaluate`.
        reals: `Reals`, or None.
        cache: folder in which statistics of real images are kept.
    """

    def __init__(
        self,
        generator: BaseGenerator | ImageFiles,
        reals: Reals | None,
        seed: int,
        batch: int | None,
        strategy: tf.distribute.Strategy | None,
        cache: Path,
        progress: Callable[..., Any],
    ):
        self.reals: Any = reals  # there for metrics that compare, and for labels
        self.seed = seed
        self.batch = batch
        self.replicas = Replicas(strategy, batch or batch_for(generator.grown_to[0]))
        self.generator = self.replicas.at_hand(generator)
        self.cache = cache
        self.progress = progress
        self.labels: np.ndarray | None = None
        self.networks: dict[str | None, FeatureNetwork] = {}  # by the name of their features
        self.loaded: dict[Any, Any] = {}  # by the `load` of registrations

    def load(self, requests: list[Request], sources, classifiers) -> None:
        """Loads all networks."""
        with self.replicas.strategy.scope():
            for request in requests:
                name, load = request.features, request.metric.load
                if name and name not in self.networks:
                    self.networks[name] = load_network(name, sources.get(name))
                if load and load not in self.loaded:
                    self.loaded[load] = load(request.name, classifiers)

    def results(self, requests: list[Request]) -> Iterator[Result]:
        """Yields results; those of the same features at the place of the first of them."""
        if self.generator.label_size:
            count = max(request.count for request in requests)
            self.labels = sampled_labels(self.reals.dataset, count, self.seed)
        for group in _groups(requests):
            if group[0].metric.needs == "generator":
                yield self._of_generator(*group)
            else:
                yield from self._of_images(group, self.networks.get(group[0].features))

    def _of_images(self, group: list[Request], network) -> Iterator[Result]:
        """Yields the results of metrics of the same features, or of images if there is no network.

        Where real images are fewer than a metric asks for, all are taken.
        """
        started = time.perf_counter()
        needs = {request: (request.metric.needs, request.count) for request in group}
        of_reals = {
            request: (request.metric.needs, self._count_of_reals(request))
            for request in group
            if request.metric.compares
        }
        reals = self._reals({*of_reals.values()}, network) if of_reals else {}
        fakes = self._fakes({*needs.values()}, network)
        for request in group:
            need = of_reals.get(request)
            compared = [reals[need]] if need else []
            yield self._result(
                request,
                request.metric.compute(*compared, fakes[needs[request]]),
                started,
                reals=need and need[1],
                network=network,
            )
            started = time.perf_counter()

    def _count_of_reals(self, request: Request) -> int:
        available = self.reals.available
        return available if request.full else min(request.count, available)

    def _fakes(self, needs: set[Need], network) -> dict:
        """Gathers what is needed of generated images."""
        unsure = all(what != "probabilities" for what, _ in needs)

        def compute(images, z=None, w=None):
            if network is None:
                return (images,)
            features, probabilities = network(images)
            return (features,) if unsure else (features, probabilities)

        count = max(count for _, count in needs)
        with self.progress(_title("generated images", network)) as update:
            if isinstance(self.generator, ImageFiles):
                images = self.generator.batches(count, self.replicas.size)
                batches = self.replicas.compute(lambda some: compute(to_rgb(some)), images)
                return statistics.gather(counted(batches, count, update), needs)
            batches = sampled(
                self.generator, compute, count, self.replicas, self.labels, self.seed, update
            )
            return statistics.gather(batches, needs)

    def _reals(self, needs: set[Need], network) -> dict:
        """Gathers what is needed of real images; of features, from the cache if it is there."""
        paths, cached = {}, {}
        if network is not None:
            depends = {
                **self.reals.identity,
                "features": network.name,
                "weights": network.sha256,
            }
            for need in needs:
                paths[need] = statistics.cache_path(self.cache, {**depends, "need": need})
                cached[need] = statistics.read_cached(paths[need], *need)
        missing = [need for need in needs if cached.get(need) is None]
        if not missing:
            return cached

        def compute(images):
            images = to_rgb(images)
            return (images,) if network is None else network(images)[:1]

        count = max(count for _, count in missing)
        with self.progress(_title("real images", network)) as update:
            images = self.reals.batches(count, self.replicas.size)
            batches = counted(self.replicas.compute(compute, images), count, update)
            computed = statistics.gather(batches, missing)
        for need, path in paths.items():
            if need in computed:
                statistics.write_cached(path, need[0], computed[need])
        return cached | computed

    def _of_generator(self, request: Request) -> Result:
        """Returns the result of a metric of a generator."""
        started = time.perf_counter()
        sampling = Sampling(
            count=request.count,
            seed=self.seed,
            labels=self.labels,
            batch=self.batch,
            strategy=self.replicas.strategy,
            progress=self.progress,
            loaded=self.loaded.get(request.metric.load),
        )
        return self._result(request, request.metric.compute(self.generator, sampling), started)

    def _result(self, request: Request, computed, started: float, reals=None, network=None):
        try:
            measured = Measured.of(computed)
        except ValueError as error:
            raise ValueError(f"{request.name}: {error}") from error
        if taken := records.FIELDS & measured.numbers.keys():
            raise ValueError(
                f"{request.name} gives {', '.join(sorted(taken))}, which lines of {records.FILE} "
                "have already; give the numbers other names"
            )
        return Result(
            metric=request.name,
            value=measured.value,
            deviation=measured.deviation,
            numbers=measured.numbers,
            images=request.count,
            reals=reals,
            features=network.name if network else measured.features,
            weights_sha256=network.sha256 if network else measured.weights_sha256,
            seconds=time.perf_counter() - started,
            notes=NOTES.get(self.generator.channels, ()),
        )


def _groups(requests: list[Request]) -> list[list[Request]]:
    """Metrics of the same features, or of images, together; others alone."""
    groups: dict[str | Request, list[Request]] = {}
    for request in requests:
        shared = request.metric.needs if request.metric.needs == "images" else request
        groups.setdefault(request.features or shared, []).append(request)
    return [*groups.values()]


def _title(what: str, network) -> str:
    return f"{what}, {network.name}" if network else what
