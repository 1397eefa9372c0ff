"""The configurations A to F of the paper's Table 1, as switches of one generator."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Configuration:
    """What a row of Table 1 switches on.

    Attributes:
        blur: low-pass filter after up- and before down-convolutions ("bilinear up/down").
        mapping: a mapping network; without one w is the normalized latent.
        styles: AdaIN at every layer; without it pixel normalization, as in Progressive GAN.
        constant: the first layer is a learned constant rather than a dense map of w.
        noise: noise inputs.
        mixing: style-mixing regularization while training.
    """

    blur: bool = False
    mapping: bool = False
    styles: bool = False
    constant: bool = False
    noise: bool = False
    mixing: bool = False


CONFIGURATIONS = {
    "a": Configuration(),  # Progressive GAN
    "b": Configuration(blur=True),
    "c": Configuration(blur=True, mapping=True, styles=True),
    "d": Configuration(blur=True, mapping=True, styles=True, constant=True),
    "e": Configuration(blur=True, mapping=True, styles=True, constant=True, noise=True),
    "f": Configuration(True, True, True, True, True, True),
}


def configuration(name: str) -> Configuration:
    """The switches of a configuration by its letter, in either case.

    Raises:
        ValueError: if there is none of that name.
    """
    try:
        return CONFIGURATIONS[name.lower()]
    except (KeyError, AttributeError):
        raise ValueError(f"config is {name!r}; it can be one of a, b, c, d, e, f") from None
