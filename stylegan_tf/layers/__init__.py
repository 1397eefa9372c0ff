"""The Keras layers that StyleGAN, StyleGAN2 and Progressive GAN are made of, one a file."""

from stylegan_tf import backend_compat  # noqa: F401  checks Keras and TensorFlow before they start
from stylegan_tf.layers.adain import AdaIN
from stylegan_tf.layers.batch_norm import BatchNorm
from stylegan_tf.layers.discriminator_block import DiscriminatorBlock
from stylegan_tf.layers.equalized_conv import EqualizedConv2D
from stylegan_tf.layers.equalized_dense import EqualizedDense
from stylegan_tf.layers.minibatch_stddev import MinibatchStdDev
from stylegan_tf.layers.modulated_conv import ModulatedConv2D
from stylegan_tf.layers.modulated_layer import ModulatedLayer
from stylegan_tf.layers.modulated_rgb import ModulatedRGB
from stylegan_tf.layers.noise import NoiseInjection
from stylegan_tf.layers.pixel_norm import PixelNorm
from stylegan_tf.layers.resample import Blur, BoxDownsample, NearestUpsample
from stylegan_tf.layers.residual_block import ResidualBlock
from stylegan_tf.layers.synthesis_layer import SynthesisLayer

__all__ = [
    "AdaIN",
    "BatchNorm",
    "Blur",
    "BoxDownsample",
    "DiscriminatorBlock",
    "EqualizedConv2D",
    "EqualizedDense",
    "MinibatchStdDev",
    "ModulatedConv2D",
    "ModulatedLayer",
    "ModulatedRGB",
    "NearestUpsample",
    "NoiseInjection",
    "PixelNorm",
    "ResidualBlock",
    "SynthesisLayer",
]
