"""The architectures A to F: rows of the paper's Table 1, as switches of one generator."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Architecture:
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


ARCHITECTURES = {
    "a": Architecture(),  # Progressive GAN
    "b": Architecture(blur=True),
    "c": Architecture(blur=True, mapping=True, styles=True),
    "d": Architecture(blur=True, mapping=True, styles=True, constant=True),
    "e": Architecture(blur=True, mapping=True, styles=True, constant=True, noise=True),
    "f": Architecture(True, True, True, True, True, True),
}
DEFAULT = "f"


def get_architecture(name: str) -> Architecture:
    """Returns the switches of an architecture by its letter, in either case.

    Raises:
        ValueError: if there is none of that name.
    """
    try:
        return ARCHITECTURES[name.lower()]
    except (KeyError, AttributeError):
        allowed = ", ".join(ARCHITECTURES)
        raise ValueError(f"architecture is {name!r}; it can be one of {allowed}") from None


def resolve_alias(architecture: str, config: str | None) -> str:
    """Returns the architecture that a network is given by either name of the argument.

    Args:
        architecture: the argument.
        config: the same by its other name, or None.

    Raises:
        ValueError: if they contradict each other.
    """
    if config is None:
        return architecture
    if architecture not in (DEFAULT, config):
        raise ValueError(
            f"architecture is {architecture!r} and config {config!r}; they are the same argument, "
            "give one of them"
        )
    return config
