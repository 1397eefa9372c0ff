"""A generator and its discriminator in one small file.

It is an .npz: weights in float16 by their published names, such as `generator/4x4/Conv/weight`, in
the layout of Keras, the mean of w in float32, and `facts`, JSON. Nothing in it is code. A `.keras`
file has its weights in float32, and one network alone.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from stylegan_tf.backend_compat import tf_variable
from stylegan_tf.files import atomic_write
from stylegan_tf.importing import bounded, parameter_counts
from stylegan_tf.importing.matching import Pair, assign
from stylegan_tf.importing.published import discriminator_pairs, generator_pairs
from stylegan_tf.models import Discriminator, Generator
from stylegan_tf.models.finite import check_finite
from stylegan_tf.pretrained import facts
from stylegan_tf.pretrained.facts import Facts

W_AVG = "dlatent_avg"  # truncation goes to it, and 1 kB is no matter
# What a part of a file is, and what counts its parameters before it is built.
PARTS: dict[str, tuple[type, Callable[..., int]]] = {
    "generator": (Generator, parameter_counts.generator),
    "discriminator": (Discriminator, parameter_counts.discriminator),
}


def save(
    path: str | os.PathLike[str],
    generator: Generator,
    discriminator: Discriminator,
    about: str,
    kimg: float,
) -> None:
    """Writes a file of networks, which `load_generator` and `load_discriminator` read.

    Args:
        path: it must end in .npz.
        generator: usually an averaged one.
        discriminator: with which it was trained.
        about: one line for people.
        kimg: real images, in thousands, that they were trained on.

    Raises:
        ValueError: if the name ends in something else, or a weight is not finite in float16.
        OSError: if it cannot be written.
    """
    path = Path(path)
    if path.suffix != facts.SUFFIX:
        raise ValueError(f"{path} must end in {facts.SUFFIX}")
    known = Facts(about, kimg, _arguments(generator), _arguments(discriminator))
    arrays: dict[str, np.ndarray] = {facts.MEMBER: np.array(known.to_json())}
    for part, network in (("generator", generator), ("discriminator", discriminator)):
        if not isinstance(network, PARTS[part][0]):
            raise ValueError(
                f"{path} cannot hold a {type(network).__name__}: an .npz file is for networks of "
                "the architectures A to F; take a .keras file"
            )
        check_finite(network, f"the {part}")
        for pair in _pairs(network):
            arrays[f"{part}/{pair.name}"] = _rounded(pair)
    with atomic_write(path) as partial, partial.open("wb") as file:
        np.savez_compressed(file, **arrays)  # type: ignore[arg-type]


def load_generator(path: str | os.PathLike[str]) -> Generator:
    """Returns the generator of a file of networks, in float32.

    Raises:
        ValueError: naming the file, if it is no such file.
    """
    network: Generator = _load(Path(path), "generator")
    return network


def load_discriminator(path: str | os.PathLike[str]) -> Discriminator:
    """Returns the discriminator of a file of networks, in float32.

    Raises:
        ValueError: naming the file, if it is no such file.
    """
    network: Discriminator = _load(Path(path), "discriminator")
    return network


def _load(path: Path, part: str) -> Any:
    arguments = getattr(facts.read(path), part)
    try:
        arrays = _arrays(path, f"{part}/")
        elements = sum(array.size for array in arrays.values())
        network = bounded.build(*PARTS[part], len(arrays), elements, **arguments)
        assign(_pairs(network), arrays, exactly=True)
    except Exception as error:  # the readers of zip and .npy raise nearly anything
        raise ValueError(f"{path} is no file of networks: {error}") from error
    return network


def _arrays(path: Path, prefix: str) -> dict[str, np.ndarray]:
    """Returns the weights of a part by their names, float32."""
    with facts.opened(path) as file:
        names = [name for name in file.files if name.startswith(prefix)]
        return {name.removeprefix(prefix): file[name].astype(np.float32) for name in names}


def _pairs(network: Generator | Discriminator) -> list[Pair]:
    """Returns all weights with their published names; they stay in our layout."""
    is_generator = isinstance(network, Generator)
    pairs = generator_pairs(network, "") if is_generator else discriminator_pairs(network)
    return [Pair(pair.weight, pair.name) for pair in pairs]


def _rounded(pair: Pair) -> np.ndarray:
    """Returns a weight as it is stored.

    Raises:
        ValueError: if it is beyond the range of float16.
    """
    value: np.ndarray = tf_variable(pair.weight).numpy()
    if pair.name == W_AVG:
        return value
    with np.errstate(over="ignore"):
        rounded = value.astype(np.float16)
    if not np.isfinite(rounded).all():
        raise ValueError(f"{pair.name} has {np.abs(value).max():g}, which float16 has not")
    return rounded


def _arguments(network: Generator | Discriminator) -> dict[str, Any]:
    """Returns the arguments of a network's constructor, without the name that Keras made up."""
    return {key: value for key, value in network.get_config().items() if key != "name"}
