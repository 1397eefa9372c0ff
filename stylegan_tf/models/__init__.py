"""The networks: mapping, synthesis, generator, discriminator, in the architectures A to F."""

from typing import Any

from stylegan_tf import backend_compat  # noqa: F401  checks Keras and TensorFlow before they start
from stylegan_tf.deprecation import deprecated_attributes
from stylegan_tf.models.architectures import ARCHITECTURES, Architecture, get_architecture
from stylegan_tf.models.discriminator import Discriminator
from stylegan_tf.models.generator import Generator
from stylegan_tf.models.mapping import Mapping
from stylegan_tf.models.synthesis import Synthesis

__all__ = [
    "ARCHITECTURES",
    "Architecture",
    "Discriminator",
    "Generator",
    "Mapping",
    "Synthesis",
    "get_architecture",
]


def _no_attribute(name: str) -> Any:
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__getattr__ = deprecated_attributes(
    __name__,
    {
        "CONFIGURATIONS": "stylegan_tf.models.architectures:ARCHITECTURES",
        "Configuration": "stylegan_tf.models.architectures:Architecture",
        "configuration": "stylegan_tf.models.architectures:get_architecture",
        "configurations": "stylegan_tf.models.architectures",
    },
    otherwise=_no_attribute,
)
