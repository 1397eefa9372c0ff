"""What a program of XLA does with each compiled op: call the kernel, or compute in plain TensorFlow."""

from collections.abc import Sequence
from dataclasses import dataclass

import tensorflow as tf

from .stablehlo import Array, Results, Side


@dataclass(frozen=True)
class Call:
    """A kernel that programs of XLA can call.

    Attributes:
        results: returns the results' arrays, from those of the inputs and the attributes.
        on_cpu: whether `"auto"` calls it on a CPU.
        on_gpu: whether `"auto"` calls it on a GPU.
    """

    results: Results
    on_cpu: bool = True
    on_gpu: bool = False


def _float32(*shape: Side) -> Array:
    return Array(shape, tf.float32)


def _like_first(first: Array, *others: Array, **attributes: object) -> list[Array]:
    return [first]


def _bias_act_grad(dy: Array, y: Array) -> list[Array]:
    return [dy, _float32(dy.shape[-1])]


def _upfirdn(
    x: Array, kernel: Array, up: int, down: int, padding: Sequence[int]
) -> list[Array]:
    n, height, width, channels = x.shape
    top, bottom, left, right = padding
    rows = (height * up + (top + bottom) - kernel.shape[0]) // down + 1
    columns = (width * up + (left + right) - kernel.shape[1]) // down + 1
    return [Array((n, rows, columns, channels), x.dtype)]


def _conv_kernel(
    w: Array, T: tf.DType, scale: float, shifts: int, transposed: bool
) -> list[Array]:
    return [Array(_kernel_shape(w.shape, shifts - 1, transposed), tf.as_dtype(T))]


def _conv_kernel_grad(g: Array, scale: float, shifts: int, transposed: bool) -> list[Array]:
    return [_float32(*_kernel_shape(g.shape, 1 - shifts, transposed))]


def _kernel_shape(shape: Sequence[Side], more: int, transposed: bool) -> tuple[Side, ...]:
    height, width, c, d = shape
    return (height + more, width + more, d, c) if transposed else (height + more, width + more, c, d)


def _epilogue(x: Array, *others: Array, blur: bool) -> list[Array]:
    n, _, _, channels = x.shape
    return [x, _float32(n, channels), _float32(n, channels)]


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


CALLS = {
    "StyleganBiasAct": Call(_like_first),
    "StyleganBiasActGrad": Call(_bias_act_grad),
    "StyleganMaskedBias": Call(_like_first),
    "StyleganBlur": Call(_like_first),
    "StyleganUpfirdn": Call(_upfirdn),
    "StyleganEpilogue": Call(_epilogue),
    "StyleganEpilogueGrad": Call(_epilogue_grad),
    "StyleganConvKernel": Call(_conv_kernel),
    "StyleganConvKernelGrad": Call(_conv_kernel_grad),
    "StyleganWinograd": Call(_winograd),
    "StyleganWinogradGrad": Call(_winograd_grad),
    "StyleganToRgb": Call(_to_rgb),
    "StyleganAffineWarp": Call(_like_first),
}


def is_called(op: str) -> bool:
    """Returns whether `"auto"` calls the kernel of an op under XLA on this machine."""
    return CALLS[op].on_gpu if tf.config.list_physical_devices("GPU") else CALLS[op].on_cpu
