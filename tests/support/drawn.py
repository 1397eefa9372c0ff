"""Published arrays that need no file: they were drawn from NumPy's `RandomState`.

Its streams never change (NEP 19), so that the seed and the order of drawing say all the numbers.
A chain is `[seed, steps]`, and a step is one of

- `["words", n]`, `["normals", n]`: of 32 bits or N(0,1), for something else;
- `["weights", prefix]`: all weights of a StyleGAN2 network, by the alphabet, each by its own law;
- `["beside", prefix]`: how far an average is from its network G, by the alphabet;
- `[law, name]`: the array of that name, or all whose names begin so if it ends in "/".
"""

from collections.abc import Callable

import numpy as np

Shapes = dict[str, tuple[int, ...]]


def uniform(stream, shape):
    return np.float32(stream.uniform(-1, 1, shape))


def normal(stream, shape, deviation=1.0, mean=0.0):
    return np.float32(stream.standard_normal(shape)) * np.float32(deviation) + np.float32(mean)


def half(stream, shape):
    return normal(stream, shape, 0.5)


def image(stream, shape):
    return half(stream, shape).clip(-1, 1)


def strength(stream, shape):
    """Of noise: from 0.05 to 0.25, or its negative."""
    sign = np.sign(stream.standard_normal())
    return np.array(sign * (0.05 + 0.2 * stream.random_sample()), np.float32)


def beside(stream, name: str, shape):
    return normal(stream, shape, 0.05)


LAWS: dict[str, Callable] = {"normal": normal, "uniform": uniform, "half": half, "image": image}


def weight(stream, name: str, shape):
    """Of a StyleGAN2 network, by its published name."""
    if name.endswith("noise_strength"):
        return strength(stream, shape)
    if name.endswith("w_avg"):
        return normal(stream, shape, 0.3)
    if name.endswith("affine.bias"):
        return normal(stream, shape, 0.1, 1)
    is_bias = name.endswith("bias")
    if "mapping.fc" in name:  # what a learning rate of 0.01 divides
        return normal(stream, shape, 10 if is_bias else 100)
    return normal(stream, shape, 0.1 if is_bias else 1)


BY_NAME = {"weights": weight, "beside": beside}


def arrays(chains: list, shapes: Shapes) -> dict[str, np.ndarray]:
    """Returns all drawn arrays of a set, in the order of `shapes`."""
    result: dict[str, np.ndarray] = {}
    for seed, steps in chains:
        result |= chain(seed, steps, shapes)
    for name in result:
        if name.startswith("G_ema/init/"):
            result[name] = result[name.replace("G_ema/", "G/", 1)] + result[name]
    return result


def chain(seed: int, steps: list, shapes: Shapes) -> dict[str, np.ndarray]:
    """Returns the arrays of a chain by name.

    Args:
        seed: of the stream.
        steps: what was drawn, one after the other.
        shapes: of all drawn arrays of the set, in the order of drawing.
    """
    stream, result = np.random.RandomState(seed), {}
    for law, what in steps:
        if law == "words":
            stream.randint(0, 2**32, size=what, dtype=np.uint32)
        elif law == "normals":
            stream.standard_normal(what)
        elif law in BY_NAME:
            for name in sorted(one for one in shapes if one.startswith(what)):
                result[name] = BY_NAME[law](stream, name, shapes[name])
        else:
            for name in (one for one in shapes if fits(one, what)):
                result[name] = LAWS[law](stream, shapes[name])
    return result


def fits(name: str, what: str) -> bool:
    """Whether a step draws an array."""
    return name.startswith(what) if what.endswith("/") else name == what
