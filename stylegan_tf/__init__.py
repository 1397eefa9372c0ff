"""StyleGAN and Progressive GAN for Keras and TensorFlow 2.

Names load on first use, so that `import stylegan_tf` (and `stylegan-tf --help`) costs nothing.
"""

import os

import lazy_loader

from stylegan_tf.deprecation import deprecated_attributes
from stylegan_tf.keras_registration import follow_keras

__version__ = "0.1.0"

# TensorFlow reads this when it is imported. By itself it turns oneDNN on only where it finds
# AVX-512, but convolutions are 2 to 3 times faster by it on older CPUs, too.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")

_getattr, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=[
        "augment",
        "backend_compat",
        "datasets",
        "directions",
        "explorer",
        "exporting",
        "figures",
        "importing",
        "latents",
        "layers",
        "losses",
        "metrics",
        "models",
        "ops",
        "penalties",
        "projection",
        "serving",
        "training",
        "video",
    ],
    submod_attrs={
        "loading": ["load"],
        "models": [
            "DCGANDiscriminator",
            "DCGANGenerator",
            "Discriminator",
            "GANDiscriminator",
            "GANGenerator",
            "Generator",
            "StyleGAN2Discriminator",
            "StyleGAN2Generator",
        ],
        "pipeline": ["Pipeline"],
        "pretrained.catalog": ["presets"],
    },
)
__getattr__ = deprecated_attributes(
    __name__, {"stack": "stylegan_tf.backend_compat"}, otherwise=_getattr
)

follow_keras()
