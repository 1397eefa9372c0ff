"""What a stored StyleGAN2 network is, whichever code stored it."""

from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np


@dataclass(frozen=True)
class GeneratorArguments:
    """The arguments of a stored generator.

    Attributes:
        channel_base, channel_max: there are `min(channel_base // r, channel_max)` feature maps at
            r×r pixels.
        embedding_units: features of an embedded label.
        mapping_units: features of the hidden layers of the mapping network.
        architecture: "orig", "skip" or "resnet".
        conv_clamp: largest magnitude of what a layer gives, or None.
    """

    resolution: int
    channels: int
    label_size: int
    latent_size: int
    w_size: int
    channel_base: int
    channel_max: int
    mapping_layers: int
    mapping_units: int
    embedding_units: int
    mapping_lr_multiplier: float
    architecture: str
    conv_clamp: float | None


@dataclass(frozen=True)
class DiscriminatorArguments:
    """The arguments of a stored discriminator.

    Attributes:
        mapping_layers: of the network that maps a label, after its embedding.
        mbstd_group_size: images of a group in the minibatch standard deviation; None: the batch.
    """

    resolution: int
    channels: int
    label_size: int
    channel_base: int
    channel_max: int
    mapping_layers: int
    mapping_units: int
    embedding_units: int
    mapping_lr_multiplier: float
    architecture: str
    conv_clamp: float | None
    mbstd_group_size: int | None
    mbstd_num_features: int


ArgumentsT = TypeVar("ArgumentsT", GeneratorArguments, DiscriminatorArguments)


@dataclass(frozen=True)
class Stored(Generic[ArgumentsT]):
    """A stored network.

    Attributes:
        arguments: all of them.
        arrays: every weight by its name in the PyTorch code, such as "synthesis.b8.conv0.weight",
            in that code's layout: images [C, H, W], kernels [out, in, h, w], matrices [out, in].
    """

    arguments: ArgumentsT
    arrays: dict[str, np.ndarray]


def feature_maps(arguments: GeneratorArguments | DiscriminatorArguments, resolution: int) -> int:
    """Returns the number of feature maps at a resolution."""
    return min(arguments.channel_base // resolution, arguments.channel_max)
