"""Measures the speed of the ops, compiled and as plain TensorFlow, in one run.

Behind `stylegan-tf ops benchmark` and `benchmarks/ops.py`.
"""

import statistics
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np
import tensorflow as tf

from ..machine import cores
from . import bias_act, conv2d, library, style_epilogue, upsample_conv2d

Shape = tuple[int, int, int, int]
ROUNDS = 11
# Of layers of the 1024² generator, and of a batch of the training at 32²: [N, H, W, C].
SHAPES = [(1, 1024, 1024, 16), (1, 256, 256, 64), (1, 64, 64, 256), (8, 32, 32, 32)]
CONVOLUTIONS = [(1, 128, 128, 128), (8, 32, 32, 32)]
# The same layers in the batches of training on one GPU.
GPU_SHAPES = [(4, 1024, 1024, 16), (8, 256, 256, 64), (32, 64, 64, 256), (64, 32, 32, 512)]
# A GPU would wait for TensorFlow if a graph had one short op, so graphs have several copies of it,
# and several calls are queued.
GPU_COPIES, GPU_CALLS = 8, 4
GAIN, CLAMP = 2**0.5, 256.0  # of StyleGAN2's activations


@dataclass(frozen=True)
class Case:
    """An op at a size: its implementations by name, and the bytes that the compiled one moves."""

    name: str
    calls: dict[str, Callable[[], object]]
    bytes: int | None = None


def run(echo: Callable[[str], None]) -> None:
    """Measures every case and prints a table with `echo`; without compiled ops prints why."""
    loaded = library.load()
    if loaded.module is None:
        echo(loaded.reason)
        return
    rate = gpu_copy_rate() if on_gpu() else cpu_copy_rate()
    reason = loaded.cuda_reason if on_gpu() else loaded.reason
    echo(f"{reason}; copying runs at {rate / 1e9:.0f} GB/s (read and written)")
    echo(f"{'':50}{'ms':>9}{'plain':>9}{'fallback':>9}{'x plain':>9}{'x fallb.':>9}{'of copy':>9}")
    for case in cases():
        plain, fallback, ours = (value / copies() for value in medians(case.calls).values())
        of_copy = f"{case.bytes / ours / rate:8.0%}" if case.bytes else ""
        echo(
            f"{case.name:50}{ours * 1e3:9.2f}{plain * 1e3:9.2f}{fallback * 1e3:9.2f}"
            f"{plain / ours:9.1f}{fallback / ours:9.1f}{of_copy:>9}"
        )


def medians(calls: Mapping[str, Callable[[], object]]) -> dict[str, float]:
    """Returns seconds by name: the median of interleaved calls, after two calls to warm up."""
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    count = GPU_CALLS if on_gpu() else 1
    for _ in range(ROUNDS + 2):
        for name, call in calls.items():
            started = time.perf_counter()
            for _ in range(count):
                call()
            tf.test.experimental.sync_devices()
            seconds[name].append((time.perf_counter() - started) / count)
    return {name: statistics.median(values[2:]) for name, values in seconds.items()}


def on_gpu() -> bool:
    """Returns whether TensorFlow runs the measured ops on a GPU."""
    return bool(tf.config.list_physical_devices("GPU"))


def copies() -> int:
    """Returns how many copies of the op a graph has."""
    return GPU_COPIES if on_gpu() else 1


def gpu_copy_rate() -> float:
    """Returns bytes per second, read and written, of a copy of 256 MB in the GPU's memory."""
    x = tf.random.normal([1 << 26])
    seconds = medians({"copy": traced(lambda x: tf.raw_ops.DeepCopy(x=x), [x])})
    return 2 * size_in_bytes(x) * copies() / seconds["copy"]


def cpu_copy_rate() -> float:
    """Returns bytes per second, read and written, of a copy of 64 MB by all cores."""
    workers = cores()
    parts = [np.ones((1 << 24) // workers, np.float32) for _ in range(workers)]
    targets = [np.zeros_like(part) for part in parts]
    with ThreadPoolExecutor(workers) as pool:
        seconds = medians({"copy": lambda: list(pool.map(np.copyto, targets, parts))})
    return 2 * sum(part.nbytes for part in parts) / seconds["copy"]


def cases() -> Iterable[Case]:
    """Yields every op at the sizes that matter, one at a time, since the tensors are large."""
    for shape in GPU_SHAPES if on_gpu() else SHAPES:
        for blur in (False, True):
            yield epilogue(shape, blur, gradient=False)
            yield epilogue(shape, blur, gradient=True)
        for noise in (False, True):
            yield activation(shape, noise, gradient=False)
            yield activation(shape, noise, gradient=True)
    yield up_convolution()
    if not on_gpu():  # there convolutions are TensorFlow's
        for shape in CONVOLUTIONS:
            yield convolution(shape)


def epilogue(shape: Shape, blur: bool, gradient: bool) -> Case:
    """Returns the case of `style_epilogue`.

    Forward it reads x twice and writes y once; backward it reads x and dy twice and writes dx.
    """
    n, h, w, c = shape
    rest = [tf.random.normal(one) for one in ((1, h, w, 1), (c,), (c,), (n, 2 * c))]
    x = tf.random.normal(shape)
    functions = [
        partial(plain_epilogue, blur=blur),
        partial(style_epilogue, implementation="reference", blur=blur),
        partial(style_epilogue, implementation="compiled", blur=blur),
    ]
    calls = [traced(function, [x, *rest], gradient) for function in functions]
    name = (
        f"{'blur + ' if blur else ''}epilogue, {size(shape)}{' with gradient' if gradient else ''}"
    )
    return Case(name, named(calls), (8 if gradient else 3) * size_in_bytes(x))


def plain_epilogue(
    x: tf.Tensor,
    noise: tf.Tensor,
    strength: tf.Tensor,
    bias: tf.Tensor,
    style: tf.Tensor,
    blur: bool,
) -> tf.Tensor:
    """Returns the epilogue by a straightforward implementation, with tf.nn.moments."""
    if blur:
        kernel = np.outer([1, 2, 1], [1, 2, 1]).astype(np.float32)[:, :, None, None] / 16
        kernel = tf.tile(kernel, [1, 1, x.shape[-1], 1])
        x = tf.nn.depthwise_conv2d(x, kernel, [1, 1, 1, 1], "SAME")
    y = tf.nn.leaky_relu(x + noise * strength + bias, 0.2)
    mean, variance = tf.nn.moments(y, [1, 2], keepdims=True)
    scale, shift = tf.split(style[:, None, None, :], 2, axis=-1)
    return (y - mean) * tf.math.rsqrt(variance + 1e-8) * (scale + 1) + shift


def activation(shape: Shape, noise: bool, gradient: bool) -> Case:
    """Returns the case of `bias_act`, which backward reads dy and y and writes dx.

    With noise it is what follows StyleGAN2's convolutions, with a gain and a clamp.
    """
    _, h, w, c = shape
    x, b = tf.random.normal(shape), tf.random.normal([c])
    rest = [b, tf.random.normal([1, h, w, 1]), tf.constant(0.1)] if noise else [b]
    functions: list[Callable[..., tf.Tensor]] = [
        plain_activation,
        partial(our_activation, "reference"),
        partial(our_activation, "compiled"),
    ]
    calls = [traced(function, [x, *rest], gradient) for function in functions]
    name = f"{'noise + ' if noise else ''}bias_act, {size(shape)}"
    name += " with gradient" if gradient else ""
    return Case(name, named(calls), (5 if gradient else 2) * size_in_bytes(x))


def plain_activation(x: tf.Tensor, b: tf.Tensor, *noise: tf.Tensor) -> tf.Tensor:
    """Returns bias and leaky ReLU, or StyleGAN2's, by TensorFlow's own functions."""
    if not noise:
        return tf.nn.leaky_relu(x + b, 0.2)
    image, strength = noise
    y = tf.nn.leaky_relu(x + image * strength + b, 0.2) * GAIN
    return tf.clip_by_value(y, -CLAMP, CLAMP)


def our_activation(implementation: str, x: tf.Tensor, b: tf.Tensor, *noise: tf.Tensor) -> tf.Tensor:
    """Returns the same by `bias_act`."""
    if not noise:
        return bias_act(x, b, implementation)
    return bias_act(x, b, implementation, GAIN, CLAMP, *noise)


def up_convolution() -> Case:
    """Returns the case of `upsample_conv2d` with a kernel that is large beside the image."""
    n = 64 if on_gpu() else 1
    x, w = tf.random.normal([n, 16, 16, 512]), tf.random.normal([3, 3, 512, 512])

    def plain(x: tf.Tensor, w: tf.Tensor) -> tf.Tensor:
        x = tf.repeat(tf.repeat(x, 2, axis=1), 2, axis=2)
        return tf.nn.conv2d(x, w, 1, "SAME")

    functions = [
        plain,
        lambda x, w: upsample_conv2d(x, w, "reference"),
        lambda x, w: upsample_conv2d(x, w, "compiled"),
    ]
    return Case(
        "upsample_conv2d, 16²×512 to 32²×512", named([traced(f, [x, w]) for f in functions])
    )


def convolution(shape: Shape) -> Case:
    """Returns the case of `conv2d` to the same number of channels, with its gradient."""
    channels = shape[3]
    x, w = tf.random.normal(shape), tf.random.normal([3, 3, channels, channels])
    functions = [
        lambda x, w: tf.nn.conv2d(x, w, 1, "SAME"),
        lambda x, w: conv2d(x, w, "reference"),
        lambda x, w: conv2d(x, w, "compiled"),
    ]
    calls = [traced(function, [x, w], gradient=True) for function in functions]
    return Case(f"conv2d, {size(shape)} with gradient", named(calls))


def traced(
    function: Callable[..., tf.Tensor], arguments: Sequence[tf.Tensor], gradient: bool = False
) -> Callable[[], object]:
    """Returns a call of a function, with `gradient` of its gradient, too, as a graph.

    On GPUs the graph has it for `copies()` of x.
    """
    x, *rest = arguments
    inputs = [x, *(x + 0 for _ in range(copies() - 1))]

    def once(x: tf.Tensor) -> object:
        with tf.GradientTape() as tape:
            tape.watch([x, *rest])
            y = function(x, *rest)
        # Training needs no gradient by the noise, which would cost another pass.
        sources = [one for one in [x, *rest] if one.shape[-1:] != [1]]
        return tape.gradient(y, sources, x) if gradient else y

    @tf.function
    def graph(inputs: list[tf.Tensor]) -> list[tf.Tensor]:
        done: list[tf.Tensor] = []
        for one in inputs:
            with tf.control_dependencies(done):  # one after the other, in the memory of one
                results = tf.nest.flatten(once(one))
                # TensorFlow prunes results that are not used.
                done.append(tf.add_n([tf.reshape(each, [-1])[0] for each in results]))
        return done

    return lambda: graph(inputs)


def named(calls: Iterable[Callable[[], object]]) -> dict[str, Callable[[], object]]:
    """Returns the calls of the three implementations by name."""
    return dict(zip(("plain", "fallback", "compiled"), calls, strict=True))


def size(shape: Shape) -> str:
    """Returns a shape as the table shows it."""
    n, h, _, c = shape
    return f"{h}²×{c}" + (f", batch {n}" if n > 1 else "")


def size_in_bytes(x: tf.Tensor) -> int:
    """Returns the bytes of a tensor."""
    return int(x.shape.num_elements() * x.dtype.size)
