"""The architectures: A to F, rows of the paper's Table 1, as switches; StyleGAN2; GAN, DCGAN."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Architecture:
    """What a row of Table 1 switches on, or which networks of StyleGAN2 are meant.

    Attributes:
        blur: low-pass filter after up- and before down-convolutions ("bilinear up/down").
        mapping: a mapping network; without one w is the normalized latent.
        styles: AdaIN at every layer; without it pixel normalization, as in Progressive GAN.
        constant: the first layer is a learned constant rather than a dense map of w.
        noise: noise inputs.
        mixing: style-mixing regularization while training.
        family: `"stylegan"`, `"stylegan2"`, `"gan"` or `"dcgan"`, whose classes the networks are.
        generator_form, discriminator_form: of StyleGAN2, how resolutions are joined: `"orig"`,
            `"skip"` or `"resnet"` (Karras et al. 2020, figure 7).
    """

    blur: bool = False
    mapping: bool = False
    styles: bool = False
    constant: bool = False
    noise: bool = False
    mixing: bool = False
    family: str = "stylegan"
    generator_form: str = ""
    discriminator_form: str = ""

    @property
    def grows(self) -> bool:
        """Whether training begins at a low resolution."""
        return self.family == "stylegan"

    @property
    def has_w(self) -> bool:
        """Whether there is a w between z and the image, even if nothing maps to it."""
        return self.family not in ("gan", "dcgan")


def _stylegan2(generator_form: str, discriminator_form: str) -> Architecture:
    switches = (True, True, True, True, True, True)
    return Architecture(*switches, "stylegan2", generator_form, discriminator_form)


ARCHITECTURES = {
    "a": Architecture(),  # Progressive GAN
    "b": Architecture(blur=True),
    "c": Architecture(blur=True, mapping=True, styles=True),
    "d": Architecture(blur=True, mapping=True, styles=True, constant=True),
    "e": Architecture(blur=True, mapping=True, styles=True, constant=True, noise=True),
    "f": Architecture(True, True, True, True, True, True),
    "stylegan2": _stylegan2("skip", "resnet"),
    "stylegan2-orig": _stylegan2("orig", "orig"),
    "stylegan2-skip": _stylegan2("skip", "skip"),
    "stylegan2-resnet": _stylegan2("resnet", "resnet"),
    "gan": Architecture(family="gan"),
    "dcgan": Architecture(family="dcgan"),
}
DEFAULT = "f"


def get_architecture(name: str, family: str | None = None) -> Architecture:
    """Returns an architecture by its name, in either case.

    Args:
        name: a letter, or such as `"stylegan2-skip"`.
        family: only of this family; None: of any.

    Raises:
        ValueError: if there is none of that name.
    """
    known = {key: one for key, one in ARCHITECTURES.items() if family in (None, one.family)}
    try:
        return known[name.lower()]
    except (KeyError, AttributeError):
        allowed = ", ".join(known)
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
