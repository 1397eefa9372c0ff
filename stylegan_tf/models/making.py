"""The networks of an architecture: the one place that knows which class a name means."""

import inspect
from collections.abc import Callable
from typing import Any, NamedTuple

from stylegan_tf.models.architectures import DEFAULT, get_architecture
from stylegan_tf.models.base_discriminator import BaseDiscriminator
from stylegan_tf.models.base_generator import BaseGenerator
from stylegan_tf.models.dcgan.discriminator import DCGANDiscriminator
from stylegan_tf.models.dcgan.generator import DCGANGenerator
from stylegan_tf.models.discriminator import Discriminator
from stylegan_tf.models.gan.discriminator import GANDiscriminator
from stylegan_tf.models.gan.generator import GANGenerator
from stylegan_tf.models.generator import Generator
from stylegan_tf.models.stylegan2.discriminator import StyleGAN2Discriminator
from stylegan_tf.models.stylegan2.generator import StyleGAN2Generator


class Family(NamedTuple):
    """The classes of the networks of a family of architectures."""

    generator: Callable[..., BaseGenerator]
    discriminator: Callable[..., BaseDiscriminator]


FAMILIES = {
    "stylegan": Family(Generator, Discriminator),
    "stylegan2": Family(StyleGAN2Generator, StyleGAN2Discriminator),
    "gan": Family(GANGenerator, GANDiscriminator),
    "dcgan": Family(DCGANGenerator, DCGANDiscriminator),
}


def make_generator(architecture: str = DEFAULT, **arguments: Any) -> BaseGenerator:
    """Returns a new generator of an architecture.

    Args:
        architecture: a letter, `"a"` to `"f"`, or such as `"stylegan2"` or `"dcgan"`.
        **arguments: of its class. Those that other families alone have, as a configuration holds
            them, are left out where they have their defaults.

    Raises:
        ValueError: for an unknown architecture, or an argument that it does not take.
    """
    makers = {name: family.generator for name, family in FAMILIES.items()}
    network: BaseGenerator = _make(makers, architecture, arguments)
    return network


def make_discriminator(architecture: str = DEFAULT, **arguments: Any) -> BaseDiscriminator:
    """Returns a new discriminator of an architecture; the arguments are as in `make_generator`."""
    makers = {name: family.discriminator for name, family in FAMILIES.items()}
    network: BaseDiscriminator = _make(makers, architecture, arguments)
    return network


def _make(
    makers: dict[str, Callable[..., Any]], architecture: str, arguments: dict[str, Any]
) -> Any:
    known = {name: inspect.signature(maker).parameters for name, maker in makers.items()}
    family = get_architecture(architecture).family
    taken = {}
    for name, value in arguments.items():
        if name in known[family]:
            taken[name] = value
            continue
        defaults = [others[name].default for others in known.values() if name in others]
        if value not in defaults:
            raise ValueError(f"{name} is {value!r}; architecture {architecture} has no {name}")
    return makers[family](architecture=architecture, **taken)
