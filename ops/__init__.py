"""The hot operations of StyleGAN: a documented wrapper per op over its implementations."""

from .affine_warp import affine_warp
from .bias_act import bias_act
from .blur2d import blur2d
from .conv2d import conv2d
from .conv2d_downsample import conv2d_downsample
from .dispatch import plain_tensorflow
from .explanation import implementation
from .library import OpsUnavailable
from .style_epilogue import style_epilogue
from .to_rgb import to_rgb
from .upfirdn2d import upfirdn2d
from .upsample_conv2d import upsample_conv2d

__all__ = [
    "OpsUnavailable",
    "affine_warp",
    "bias_act",
    "blur2d",
    "conv2d",
    "conv2d_downsample",
    "implementation",
    "plain_tensorflow",
    "style_epilogue",
    "to_rgb",
    "upfirdn2d",
    "upsample_conv2d",
]
