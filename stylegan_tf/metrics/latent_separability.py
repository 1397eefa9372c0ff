"""Linear separability of attributes in latents (Karras et al. 2018, section 4.2).

Classifiers look for attributes in the images of a generator. How well can a plane in the latents
tell the images with an attribute from those without?
"""

import importlib.util
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from stylegan_tf.metrics.features import describe, features_of, finite
from stylegan_tf.metrics.inception_scores import entropy
from stylegan_tf.metrics.registration import Measured, Sampling, register

if TYPE_CHECKING:
    import tensorflow as tf

    from stylegan_tf.models import BaseGenerator

COUNT = 200_000  # images, as published
KEPT = 0.5  # of the samples: of 200,000 the published 100,000
NO_SKLEARN = "needs scikit-learn: pip install 'stylegan-tf[metrics]'"


class Separability(NamedTuple):
    """The score, 1 or more and lower if better; and H(Y|X) of each attribute in bits, [A]."""

    score: float
    entropies: np.ndarray


class LinearSeparability(NamedTuple):
    """Scores and entropies of the same images by their z and by their w."""

    z: Separability
    w: Separability


def conditional_entropy(table: ArrayLike) -> np.ndarray | float:
    """Returns H(Y|X) in bits: how much X leaves unknown of Y.

    Args:
        table: of how often, or how probably, X and Y occur together, [..., X, Y].

    Returns:
        [...], float64.

    Raises:
        ValueError: if it is no such table.
    """
    table = np.asarray(table)
    if table.ndim < 2 or not table.size or table.dtype.kind not in "fiu":
        raise ValueError(f"table: numbers [..., X, Y] are expected, not {describe(table)}")
    joint = finite("table", table).astype(np.float64)
    total = joint.sum((-2, -1), keepdims=True)
    if joint.min() < 0 or total.min() <= 0:
        raise ValueError("table: numbers of 0 or more are expected, not all of them 0")
    joint = joint / total
    both = entropy(joint.reshape(*joint.shape[:-2], -1))
    return np.maximum(both - entropy(joint.sum(-1)), 0.0) / np.log(2)


def separability(latents: ArrayLike, logits: ArrayLike) -> Separability:
    """Returns 2 to the sum over attributes of H(Y|X), which a plane in latents leaves unknown.

    For each attribute the surer half of the samples is kept, and a linear support vector machine
    is fitted to them; X is its verdict, Y that of the attribute's classifier.

    Args:
        latents: z, or w, of images, [N, D]. N is 200,000 as published.
        logits: of a classifier for each attribute on these images, [N, A]: above 0 where the
            attribute is present, further from 0 where that is surer. (Probabilities are not as
            good: those of 1 in float32 say no more which are surer.)

    Raises:
        ValueError: if they are not finite numbers of the same samples, at least 4.
        ImportError: without scikit-learn.
    """
    latents = features_of("latents", latents, least=4)
    logits = features_of("logits", logits, least=4)
    if len(latents) != len(logits):
        raise ValueError(f"there are {len(latents)} latents, but logits of {len(logits)} samples")
    entropies = np.array([_unknown(latents, column) for column in logits.T])
    return Separability(float(2 ** entropies.sum()), entropies)


def _unknown(latents: np.ndarray, logits: np.ndarray) -> float:
    """Returns H(Y|X) of one attribute, from its logits, [N]."""
    surest = np.argsort(-np.abs(logits.astype(np.float64)), kind="stable")
    kept = surest[: int(KEPT * len(surest))]
    y = logits[kept] > 0
    if y.all() or not y.any():
        return 0.0  # nothing is unknown of it, and there is no plane to fit
    x = _verdicts(latents[kept].astype(np.float64), y)
    table = [[np.count_nonzero((x == i) & (y == j)) for j in (False, True)] for i in (False, True)]
    return float(conditional_entropy(table))


def _verdicts(latents: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Returns on which side of the best plane each sample lies, bool [N]."""
    try:
        from sklearn.svm import LinearSVC
    except ImportError as error:
        raise ImportError(f"linear separability {NO_SKLEARN}") from error
    # Both forms have the same solution; which is quicker depends on the shape.
    machine = LinearSVC(dual=len(latents) < latents.shape[1], random_state=0)
    return machine.fit(latents, y).predict(latents)


def linear_separability(
    generator: "BaseGenerator",
    classifiers: Any,
    count: int = COUNT,
    *,
    labels: np.ndarray | None = None,
    seed: int = 0,
    batch: int | None = None,
    strategy: "tf.distribute.Strategy | None" = None,
    progress: Callable[..., Any] | None = None,
) -> LinearSeparability:
    """Returns how well planes in z, and in w, tell attributes of the images; 1 is best.

    Images are sampled without truncation, with fresh noise. All layers have the same w.

    Args:
        generator: a `Generator`; images are of the resolution and fade that it has grown to.
        classifiers: the path of a Keras model or SavedModel, or a Keras model, that gives a logit
            for each attribute, [N, A], of images, [N, H, W, 3] in [-1, 1]; they are resized if H
            and W are fixed. `stylegan-tf classifiers` trains one from labels.
        count: how many images; the surer half is kept for each attribute.
        labels: one for each image, [count, label_size], for a network with labels.
        seed: of all random numbers.
        batch: images at a time on each replica; None: as many as suit the device.
        strategy: a `tf.distribute.Strategy`, on whose replicas; None: on one device.
        progress: of a title, gives a context manager that gives a function of (done, total), as
            `stylegan_tf.cli.progress.progress_of`.

    Raises:
        ValueError: if there are no such classifiers, or labels are missing.
        ImportError: without scikit-learn.
    """
    from stylegan_tf.metrics.sampling import unseen

    sampling = Sampling(count, seed, labels, batch, strategy, progress or unseen, classifiers)
    return _of_samples(generator, sampling)


def _of_samples(generator: "BaseGenerator", sampling: Sampling) -> LinearSeparability:
    """Returns what `linear_separability` does; `loaded` is its `classifiers`."""
    from stylegan_tf.metrics.classifiers import load
    from stylegan_tf.metrics.sampling import Replicas, batch_for, sampled
    from stylegan_tf.metrics.statistics import Rows

    count, labels = sampling.count, sampling.labels
    _check("separability", generator)
    if generator.label_size and labels is None:
        raise ValueError("this network has labels; separability needs one for each image")
    resolution, _ = generator.grown_to
    replicas = Replicas(sampling.strategy, sampling.batch or batch_for(resolution))
    network = load(sampling.loaded, replicas.strategy).network
    kept = [Rows(count) for _ in range(3)]  # logits, z, w

    def logits_and_latents(
        images: "tf.Tensor", z: "tf.Tensor", w: "tf.Tensor"
    ) -> "tuple[tf.Tensor, ...]":
        return network(images)[0], z, w

    with sampling.progress("images for separability") as update:
        for part in sampled(
            generator, logits_and_latents, count, replicas, labels, sampling.seed, update
        ):
            for rows, values in zip(kept, part, strict=True):
                rows.add(values)
    logits, z, w = (rows.array for rows in kept)
    with sampling.progress("planes") as update:
        return LinearSeparability(*_fitted([z, w], logits, update))


def _fitted(
    spaces: list[np.ndarray], logits: np.ndarray, progress: Callable[..., Any] | None
) -> Iterator[Separability]:
    """Yields the separability in each of the spaces, one attribute after another."""
    total = len(spaces) * logits.shape[1]
    for place, latents in enumerate(spaces):
        entropies = []
        for number, column in enumerate(logits.T, start=1):
            entropies.append(separability(latents, column[:, None]).entropies[0])
            if progress:
                progress(place * logits.shape[1] + number, total)
        yield Separability(float(2 ** np.sum(entropies)), np.array(entropies))


def _load(name: str, classifiers: Any) -> Any:
    """Returns the classifiers of an evaluation, loaded."""
    if classifiers is None:
        raise ValueError(
            f"{name} needs classifiers of attributes: give a Keras model; "
            "stylegan-tf classifiers D --out FILE.keras trains one from the labels of D"
        )
    if importlib.util.find_spec("sklearn") is None:
        raise ValueError(f"{name} {NO_SKLEARN}")
    from stylegan_tf.metrics.classifiers import load

    return load(classifiers)


def _check(name: str, generator: "BaseGenerator") -> None:
    """Raises ValueError where there is no w."""
    if not getattr(generator, "has_w", True):  # whatever is called like a generator may have one
        generator.require_w(
            f"{name}, which compares planes in w with those in z, cannot be measured"
        )


@register(
    "ls", needs="generator", minimum=4, label="separability", count=COUNT, check=_check, load=_load
)
def _of_generator(generator: "BaseGenerator", sampling: Sampling) -> Measured:
    classifiers = sampling.loaded
    result = _of_samples(generator, sampling)
    numbers = {f"score_{space}": one.score for space, one in result._asdict().items()}
    for space, one in result._asdict().items():
        entropies = zip(classifiers.names, one.entropies, strict=True)
        numbers |= {f"entropy_{space}/{name}": float(value) for name, value in entropies}
    return Measured(result.w.score, numbers=numbers, weights_sha256=classifiers.network.sha256)
