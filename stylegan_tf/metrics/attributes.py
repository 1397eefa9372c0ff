"""Linear separability of a generator's latents (Karras et al. 2018, section 4.2).

Classifiers look at pictures for attributes; it is measured how well a plane in the latents tells
the pictures with an attribute from those without.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from stylegan_tf.metrics.accumulators import Rows
from stylegan_tf.metrics.classifiers.file import load
from stylegan_tf.metrics.names import SAMPLES
from stylegan_tf.metrics.replicas import Replicas
from stylegan_tf.metrics.sampling import batch_for, sampled, unseen
from stylegan_tf.metrics.separation import Separability, separability


class LinearSeparability(NamedTuple):
    """Scores and entropies of the same pictures by their z and by their w."""

    z: Separability
    w: Separability


def linear_separability(
    generator,
    classifiers,
    count: int = SAMPLES["ls"],
    *,
    labels: np.ndarray | None = None,
    seed: int = 0,
    batch: int | None = None,
    strategy: tf.distribute.Strategy | None = None,
    progress: Callable = unseen,
) -> LinearSeparability:
    """How well planes in z, and in w, tell attributes of the pictures; 1 is best.

    Pictures are drawn without truncation, with fresh noise. All layers have the same w.

    Args:
        generator: a `Generator`; it draws at the resolution and fade that it has grown to.
        classifiers: the path of a Keras model or SavedModel, or a Keras model, that gives a logit
            for each attribute, [N, A], of pictures, [N, H, W, 3] in [-1, 1]; they are resized if H
            and W are fixed. `stylegan-tf classifiers` trains one from labels.
        count: how many pictures; the surer half is kept for each attribute.
        labels: one for each picture, [count, label_size], for a network with labels.
        seed: of all random numbers.
        batch: pictures at a time on each replica; None: as many as suit the device.
        strategy: a `tf.distribute.Strategy`, on whose replicas; None: on one device.
        progress: of a title, gives a context manager that gives a function of (done, total), as
            `stylegan_tf.cli.progress.progress_of`.

    Raises:
        ValueError: if there are no such classifiers, or labels are missing.
        ImportError: without scikit-learn.
    """
    if generator.label_size and labels is None:
        raise ValueError("this network has labels; separability needs one for each picture")
    resolution, _ = generator.grown_to
    replicas = Replicas(strategy, batch or batch_for(resolution))
    network = load(classifiers, replicas.strategy).network
    kept = [Rows(count) for _ in range(3)]  # logits, z, w

    def look(pictures, z, w):
        return network(pictures)[0], z, w

    with progress("pictures for separability") as update:
        for found in sampled(generator, look, count, replicas, labels, seed, update):
            for rows, part in zip(kept, found, strict=True):
                rows.add(part)
    logits, z, w = (rows.array for rows in kept)
    with progress("planes") as update:
        return LinearSeparability(*_fitted([z, w], logits, update))


def _fitted(spaces: list[np.ndarray], logits: np.ndarray, progress: Callable | None):
    """The separability in each of the spaces, one attribute after another."""
    total = len(spaces) * logits.shape[1]
    for place, latents in enumerate(spaces):
        entropies = []
        for number, column in enumerate(logits.T, start=1):
            entropies.append(separability(latents, column[:, None]).entropies[0])
            if progress:
                progress(place * logits.shape[1] + number, total)
        yield Separability(float(2 ** np.sum(entropies)), np.array(entropies))
