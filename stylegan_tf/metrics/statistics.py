"""Statistics of features: of generated pictures, and of real ones, which are kept on disk."""

from collections.abc import Callable, Collection
from pathlib import Path

from stylegan_tf.metrics import statistics_cache
from stylegan_tf.metrics.accumulators import PROBABILITIES, Need, gather
from stylegan_tf.metrics.colorspace import in_colour
from stylegan_tf.metrics.reals import Reals
from stylegan_tf.metrics.replicas import Replicas
from stylegan_tf.metrics.sampling import counted, sampled


def of_fakes(generator, network, needs: Collection[Need], **sampling) -> dict:
    """Statistics of the pictures of a generator.

    Args:
        generator: a `Generator`.
        network: a `FeatureNetwork`.
        needs: as in `gather`.
        sampling: what else `sampled` takes.
    """
    wants_probabilities = any(what == PROBABILITIES for what, _ in needs)

    def look(pictures, z, w):
        features, probabilities = network(pictures)
        return (features, probabilities) if wants_probabilities else (features,)

    count = max(count for _, count in needs)
    return gather(sampled(generator, look, count, **sampling), needs)


def of_reals(
    reals: Reals,
    network,
    needs: Collection[Need],
    replicas: Replicas,
    cache: Path,
    progress: Callable | None = None,
) -> dict:
    """Statistics of real pictures: from the cache, or computed and kept there.

    Args:
        reals: the pictures.
        network: a `FeatureNetwork`.
        needs: moments or features, as in `gather`.
        replicas: where they are computed.
        cache: folder of the cache.
        progress: called with (done, total).
    """
    depends = {**reals.identity, "features": network.name, "weights": network.sha256}
    paths = {need: statistics_cache.path_of(cache, {**depends, "need": need}) for need in needs}
    found = {need: statistics_cache.read(path, *need) for need, path in paths.items()}
    missing = [need for need in needs if found[need] is None]
    if missing:
        count = max(count for _, count in missing)
        pictures = reals.batches(count, replicas.size)
        batches = replicas.compute(lambda one: network(in_colour(one))[:1], pictures)
        computed = gather(counted(batches, count, progress), missing)
        for need, statistics in computed.items():
            statistics_cache.write(paths[need], need[0], statistics)
        found |= computed
    return found
