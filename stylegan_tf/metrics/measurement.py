"""The work of an evaluation: each metric, or all of the same features, from pictures to numbers."""

import time
from collections.abc import Iterator

from stylegan_tf.metrics import checks, statistics
from stylegan_tf.metrics import classifiers as attributes
from stylegan_tf.metrics.attributes import LinearSeparability, linear_separability
from stylegan_tf.metrics.colorspace import notes_on
from stylegan_tf.metrics.comparison import compare, need_of_fakes, need_of_reals
from stylegan_tf.metrics.lpips import VGG16_LPIPS, load_lpips
from stylegan_tf.metrics.names import Metric
from stylegan_tf.metrics.networks import load_network
from stylegan_tf.metrics.perceptual import perceptual_path_length
from stylegan_tf.metrics.reals import drawn_labels
from stylegan_tf.metrics.replicas import Replicas
from stylegan_tf.metrics.result import Result
from stylegan_tf.metrics.sampling import batch_for


class Measurement:
    """What the metrics of a generator share: pictures, labels, networks, and where work is done.

    Args:
        generator, seed, batch, strategy, progress: as in `evaluation.evaluate`.
        reals: `Reals`, or None.
        cache: folder in which statistics of real pictures are kept.
    """

    def __init__(self, generator, reals, seed, batch, strategy, cache, progress):
        self.reals = reals
        self.seed = seed
        self.batch = batch
        self.replicas = Replicas(strategy, batch or batch_for(generator.grown_to[0]))
        self.generator = self.replicas.at_hand(generator)
        self.cache = cache
        self.progress = progress
        self.labels = None
        self.networks = {}  # by the name of their features
        self.perceptual = self.classifiers = None

    def load(self, wanted: list[Metric], sources, classifiers) -> None:
        """Loads all networks."""
        kinds = {metric.kind[:3] for metric in wanted}
        with self.replicas.strategy.scope():
            for name in dict.fromkeys(metric.features for metric in wanted if metric.features):
                self.networks[name] = load_network(name, sources.get(name))
            if "ppl" in kinds:
                self.perceptual = load_lpips()
        if "ls" in kinds:
            self.classifiers = attributes.load(classifiers, self.replicas.strategy)
        checks.check_networks(self.networks, wanted)

    def results(self, wanted: list[Metric]) -> Iterator[Result]:
        """Measures; metrics of the same features at the place of the first of them."""
        if self.generator.label_size:
            count = max(metric.count for metric in wanted)
            self.labels = drawn_labels(self.reals.dataset, count, self.seed)
        for group in _groups(wanted):
            if group[0].features:
                yield from self.of_features(group)
            elif group[0].kind == "ls":
                yield self.separability(*group)
            else:
                yield self.path_length(*group)

    def of_features(self, group: list[Metric]) -> Iterator[Result]:
        """Metrics of the same features."""
        started = time.perf_counter()
        network = self.networks[group[0].features]
        of_fakes = {metric: need_of_fakes(metric) for metric in group}
        of_reals = {
            metric: need_of_reals(metric, self.reals.available)
            for metric in group
            if metric.compares
        }
        reals = self._statistics_of_reals(network, {*of_reals.values()})
        with self.progress(f"generated pictures, {network.name}") as update:
            fakes = statistics.of_fakes(
                self.generator,
                network,
                {*of_fakes.values()},
                replicas=self.replicas,
                labels=self.labels,
                seed=self.seed,
                progress=update,
            )
        for metric in group:
            need = of_reals.get(metric)
            value, deviation, numbers = compare(
                metric.kind, fakes[of_fakes[metric]], need and reals[need]
            )
            yield Result(
                metric=metric.name,
                value=value,
                deviation=deviation,
                numbers=numbers,
                images=metric.count,
                reals=need and need[1],
                features=network.name,
                weights_sha256=network.sha256,
                seconds=time.perf_counter() - started,
                notes=notes_on(self.generator.channels),
            )
            started = time.perf_counter()

    def _statistics_of_reals(self, network, needs) -> dict:
        if not needs:
            return {}
        with self.progress(f"real pictures, {network.name}") as update:
            return statistics.of_reals(
                self.reals, network, needs, self.replicas, self.cache, update
            )

    def path_length(self, metric: Metric) -> Result:
        """One of the perceptual path lengths."""
        started = time.perf_counter()
        value = perceptual_path_length(
            self.generator,
            space=metric.kind[4],
            sampling=metric.kind[5:],
            count=metric.count,
            perceptual=self.perceptual,
            **self._options(),
        )
        return Result(
            metric=metric.name,
            value=value,
            images=metric.count,
            features="lpips_vgg16",
            weights_sha256=VGG16_LPIPS.sha256,
            seconds=time.perf_counter() - started,
            notes=notes_on(self.generator.channels),
        )

    def separability(self, metric: Metric) -> Result:
        """Linear separability in w and in z."""
        started = time.perf_counter()
        found = linear_separability(
            self.generator, self.classifiers, metric.count, **self._options()
        )
        return Result(
            metric=metric.name,
            value=found.w.score,
            numbers=_numbers(found, self.classifiers.names),
            images=metric.count,
            weights_sha256=self.classifiers.network.sha256,
            seconds=time.perf_counter() - started,
            notes=notes_on(self.generator.channels),
        )

    def _options(self) -> dict:
        return {
            "labels": self.labels,
            "seed": self.seed,
            "batch": self.batch,
            "strategy": self.replicas.strategy,
            "progress": self.progress,
        }


def _groups(wanted: list[Metric]) -> list[list[Metric]]:
    """Metrics of the same features together, others alone."""
    groups = {}
    for metric in wanted:
        groups.setdefault(metric.features or metric, []).append(metric)
    return [*groups.values()]


def _numbers(found: LinearSeparability, names: list[str]) -> dict[str, float]:
    numbers = {f"score_{space}": one.score for space, one in found._asdict().items()}
    for space, one in found._asdict().items():
        entropies = zip(names, one.entropies, strict=True)
        numbers |= {f"entropy_{space}/{name}": float(value) for name, value in entropies}
    return numbers
