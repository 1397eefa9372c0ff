"""StyleGAN and Progressive GAN for Keras and TensorFlow 2.

Names load on first use, so that `import stylegan_tf` (and `stylegan-tf --help`) costs nothing.
"""

import importlib
import os

from stylegan_tf.lazy import names_of

__version__ = "0.1.0"

# TensorFlow reads this when it is imported. By itself it turns oneDNN on only where it finds
# AVX-512, but convolutions are 2 to 3 times faster by it on older CPUs, too.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")

_MODULES = (
    "datasets",
    "ops",
    "layers",
    "models",
    "training",
    "figures",
    "directions",
    "importing",
    "metrics",
    "projection",
    "explorer",
    "latents",
    "serving",
    "stack",
    "video",
)
_NAMES = {
    "Generator": "models",
    "Discriminator": "models",
    "load": "models",
}

__all__ = [*_MODULES, *_NAMES]
_name = names_of(__name__, _NAMES)


def __getattr__(name: str):
    if name in _MODULES:
        return importlib.import_module(f"stylegan_tf.{name}")
    return _name(name)


def __dir__():
    return sorted([*globals(), *__all__])
