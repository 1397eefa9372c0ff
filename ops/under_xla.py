"""Which kernels the programs of XLA call; the others they compute in plain TensorFlow."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import tensorflow as tf

from .stablehlo import Array, Results, Side

BLOCKS = 1024  # that fill a GPU


@dataclass(frozen=True)
class Kernel:
    """A kernel that programs of XLA can call.

    Attributes:
        results: returns the results' arrays, from those of the inputs and the attributes.
        on_cpu: whether `"auto"` calls it on a CPU.
        on_gpu: whether `"auto"` calls it on a GPU.
        workspace: returns another result, which a GPU's kernel has as memory, from the same.
    """

    results: Results
    on_cpu: bool
    on_gpu: bool = False
    workspace: Callable[..., Array] | None = None


def _float32(*shape: Side) -> Array:
    return Array(shape, tf.float32)


def _like_first(first: Array, *others: Array, **attributes: object) -> list[Array]:
    return [first]


def _bias_act_grad(dy: Array, y: Array, gain: float, clamp: float, noise: bool) -> list[Array]:
    pixels = (*dy.shape[:-1], 1) if noise else (0,)
    return [dy, _float32(dy.shape[-1]), _float32(*pixels)]


def _sums_workspace(dy: Array, y: Array, gain: float, clamp: float, noise: bool) -> Array:
    """With noise also its gradient by parts, one for each 32 channels of a pixel."""
    channels = dy.shape[-1]
    if not noise:
        return _workspace(1, channels)
    parts = math.prod(dy.shape[:-1], start=channels // 32 + 1)
    (sums,) = _workspace(1, channels, dy.shape[0]).shape
    return _float32(sums + parts)


def _workspace(numbers: int, channels: Side, tiles: Side = 1) -> Array:
    """Numbers for each channel and each of the blocks that share it: an upper bound of these.

    There are as many blocks as fill a GPU, with up to 32 vectors of 8 channels each, or one for
    each tile of columns if these are more (kernels/cuda/strips.h).
    """
    return _float32((channels * tiles + BLOCKS * 32 * 8) * numbers)


def _upfirdn(x: Array, kernel: Array, up: int, down: int, padding: Sequence[int]) -> list[Array]:
    n, height, width, channels = x.shape
    top, bottom, left, right = padding
    rows = (height * up + (top + bottom) - kernel.shape[0]) // down + 1
    columns = (width * up + (left + right) - kernel.shape[1]) // down + 1
    return [Array((n, rows, columns, channels), x.dtype)]


def _conv_kernel(w: Array, T: tf.DType, scale: float, shifts: int, transposed: bool) -> list[Array]:
    return [Array(_kernel_shape(w.shape, shifts - 1, transposed), tf.as_dtype(T))]


def _conv_kernel_grad(g: Array, scale: float, shifts: int, transposed: bool) -> list[Array]:
    return [_float32(*_kernel_shape(g.shape, 1 - shifts, transposed))]


def _kernel_shape(shape: Sequence[Side], more: int, transposed: bool) -> tuple[Side, ...]:
    height, width, c, d = shape
    channels = (d, c) if transposed else (c, d)
    return (height + more, width + more, *channels)


def _epilogue(x: Array, *others: Array, blur: bool) -> list[Array]:
    n, _, _, channels = x.shape
    return [x, _float32(n, channels), _float32(n, channels)]


def _moments_workspace(x: Array, *others: Array, blur: bool) -> Array:
    return _workspace(3, x.shape[3], _tiles(x))


def _style_workspace(dy: Array, x: Array, *others: Array, blur: bool) -> Array:
    return _workspace(2, x.shape[3], _tiles(x))


def _tiles(x: Array) -> Side:
    """Of columns, in all images; the narrowest are of 6."""
    return (x.shape[2] // 6 + 1) * x.shape[0]


def _epilogue_grad(dy: Array, x: Array, *others: Array, blur: bool) -> list[Array]:
    n, _, _, channels = x.shape
    return [x, _float32(channels), _float32(channels), _float32(n, channels * 2)]


def _to_rgb(x: Array, w: Array, bias: Array, scale: float) -> list[Array]:
    return [_float32(*x.shape[:3], bias.shape[0])]


def _winograd(x: Array, w: Array, scale: float, resample: int, transposed: bool) -> list[Array]:
    n, height, width, _ = x.shape
    if resample > 0:
        height, width = height * 2, width * 2
    elif resample < 0:
        height, width = height // 2, width // 2
    return [Array((n, height, width, w.shape[2 if transposed else 3]), x.dtype)]


def _winograd_grad(x: Array, dy: Array, scale: float, resample: int) -> list[Array]:
    return [_float32(3, 3, x.shape[3], dy.shape[3])]


def _warp_workspace(x: Array, matrices: Array, taps: Array, transpose: bool) -> Array:
    """The images twice as large, with margins, and the same with the width halved again."""
    n, height, width, channels = x.shape
    margin = 10  # of the filter's 12 taps
    return _float32(n * (height * 2 + margin) * (width * 3 + margin) * channels)


# Measured by benchmarks/xla.py on one core of an Intel Xeon, TensorFlow 2.21, float32: how many
# times as long plain TensorFlow took in the same program, without and with the gradient. On GPUs
# nothing is measured, so there programs call kernels only for `implementation="compiled"`.
KERNELS = {
    # 0.8 to 1.2: XLA compiles such a loop as well, and joins it with its neighbours.
    "StyleganBiasAct": Kernel(_like_first, on_cpu=False),
    "StyleganBiasActGrad": Kernel(_bias_act_grad, on_cpu=False, workspace=_sums_workspace),
    "StyleganMaskedBias": Kernel(_like_first, on_cpu=False),
    # 12 to 180: XLA's convolutions of each channel by itself are slow on CPUs.
    "StyleganBlur": Kernel(_like_first, on_cpu=True),
    "StyleganUpfirdn": Kernel(_upfirdn, on_cpu=True),
    # 1.0 to 2.1, with the blur 20 to 30.
    "StyleganEpilogue": Kernel(_epilogue, on_cpu=True, workspace=_moments_workspace),
    "StyleganEpilogueGrad": Kernel(_epilogue_grad, on_cpu=True, workspace=_style_workspace),
    # 1.0: the convolution after it is what takes the time.
    "StyleganConvKernel": Kernel(_conv_kernel, on_cpu=False),
    "StyleganConvKernelGrad": Kernel(_conv_kernel_grad, on_cpu=False),
    # 0.8 to 5.7: most with many pixels and after upsampling, least with few pixels.
    "StyleganWinograd": Kernel(_winograd, on_cpu=True),
    "StyleganWinogradGrad": Kernel(_winograd_grad, on_cpu=True),
    # 0.8 to 1.1; with the gradient, which is plain TensorFlow in either case, 1.0 to 1.6.
    "StyleganToRgb": Kernel(_to_rgb, on_cpu=False),
    # 2.6 to 4.2.
    "StyleganAffineWarp": Kernel(_like_first, on_cpu=True, workspace=_warp_workspace),
}


def is_called(op: str) -> bool:
    """Returns whether `"auto"` calls the kernel of an op under XLA on this machine."""
    return KERNELS[op].on_gpu if _has_gpu() else KERNELS[op].on_cpu


def is_any_called() -> bool:
    """Returns whether `"auto"` calls any kernel under XLA on this machine."""
    return any(map(is_called, KERNELS))


def results_of(op: str, attributes: Mapping[str, Any]) -> Results:
    """Returns what gives the results of a call, and at their end the workspace, if it has one."""

    def results(*inputs: Array) -> list[Array]:
        arrays = list(KERNELS[op].results(*inputs, **attributes))
        workspace = KERNELS[op].workspace
        if workspace and _has_gpu():
            arrays.append(workspace(*inputs, **attributes))
        return arrays

    return results


def has_workspace(op: str) -> bool:
    """Returns whether the last result of a call on this machine is a workspace."""
    return _has_gpu() and KERNELS[op].workspace is not None


def _has_gpu() -> bool:
    return bool(tf.config.list_physical_devices("GPU"))
