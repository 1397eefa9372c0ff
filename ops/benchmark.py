"""How fast the ops are, compiled and as plain TensorFlow: ratios measured in one run.

Behind `stylegan-tf ops benchmark` and `benchmarks/ops.py`.
"""

import os
import statistics
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from . import bias_act, conv2d, library, style_epilogue, upsample_conv2d

ROUNDS = 11
# Of layers of the 1024² generator, and of a batch while 32² is trained: [N, H, W, C].
SHAPES = [(1, 1024, 1024, 16), (1, 256, 256, 64), (1, 64, 64, 256), (8, 32, 32, 32)]
CONVOLUTIONS = [(1, 128, 128, 128), (8, 32, 32, 32)]
# The same layers in the batches that one GPU is trained with.
GPU_SHAPES = [(4, 1024, 1024, 16), (8, 256, 256, 64), (32, 64, 64, 256), (64, 32, 32, 512)]
# A GPU waits for TensorFlow if a graph has one short op. So it has several, and several are queued.
GPU_COPIES, GPU_CALLS = 8, 4


@dataclass(frozen=True)
class Case:
    """An op at a size: functions to time by their names, and the bytes that ours has to move."""

    name: str
    calls: dict[str, Callable]
    bytes: int | None = None


def run(say: Callable[[str], None]) -> None:
    """Measures everything and says it in lines of text; without compiled ops, says why."""
    loaded = library.load()
    if loaded.module is None:
        say(loaded.reason)
        return
    rate = gpu_copy_rate() if on_gpu() else cpu_copy_rate()
    reason = loaded.cuda_reason if on_gpu() else loaded.reason
    say(f"{reason}; copying runs at {rate / 1e9:.0f} GB/s (read and written)")
    say(f"{'':46}{'ms':>9}{'plain':>9}{'fallback':>9}{'x plain':>9}{'x fallb.':>9}{'of copy':>9}")
    for case in cases():
        plain, fallback, ours = (value / copies() for value in medians(case.calls).values())
        of_copy = f"{case.bytes / ours / rate:8.0%}" if case.bytes else ""
        say(
            f"{case.name:46}{ours * 1e3:9.2f}{plain * 1e3:9.2f}{fallback * 1e3:9.2f}"
            f"{plain / ours:9.1f}{fallback / ours:9.1f}{of_copy:>9}"
        )


def medians(calls: dict[str, Callable]) -> dict[str, float]:
    """Seconds by name: medians of interleaved calls, after two to warm up."""
    seconds = {name: [] for name in calls}
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
    """Whether TensorFlow puts what is measured on a GPU."""
    return bool(tf.config.list_physical_devices("GPU"))


def copies() -> int:
    """How often a graph has what is measured."""
    return GPU_COPIES if on_gpu() else 1


def gpu_copy_rate() -> float:
    """Bytes a second, read and written, of a copy of 256 MB in the GPU's memory."""
    x = tf.random.normal([1 << 26])
    found = medians({"copy": traced(lambda x: tf.raw_ops.DeepCopy(x=x), [x])})
    return 2 * moved(x) * copies() / found["copy"]


def cpu_copy_rate() -> float:
    """Bytes a second, read and written, of a copy of 64 MB by all cores."""
    cores = len(os.sched_getaffinity(0))
    parts = [np.ones((1 << 24) // cores, np.float32) for _ in range(cores)]
    copies = [np.zeros_like(part) for part in parts]
    with ThreadPoolExecutor(cores) as pool:
        found = medians({"copy": lambda: list(pool.map(np.copyto, copies, parts))})
    return 2 * sum(part.nbytes for part in parts) / found["copy"]


def cases() -> Iterable[Case]:
    """Every op at the sizes that matter; one at a time, since the tensors are large."""
    for shape in GPU_SHAPES if on_gpu() else SHAPES:
        for blur in (False, True):
            yield tail(shape, blur, gradient=False)
            yield tail(shape, blur, gradient=True)
        yield activation(shape, gradient=False)
        yield activation(shape, gradient=True)
    yield up_convolution()
    if not on_gpu():  # there convolutions are TensorFlow's
        for shape in CONVOLUTIONS:
            yield convolution(shape)


def tail(shape, blur: bool, gradient: bool) -> Case:
    """`style_epilogue`; forward reads x twice and writes once, backward reads x and dy twice."""
    n, h, w, c = shape
    rest = [tf.random.normal(one) for one in ((1, h, w, 1), (c,), (c,), (n, 2 * c))]
    x = tf.random.normal(shape)
    functions = [
        plain_tail,
        lambda *args, blur: style_epilogue(*args, implementation="reference", blur=blur),
        lambda *args, blur: style_epilogue(*args, implementation="compiled", blur=blur),
    ]
    calls = [traced(lambda *a, f=f: f(*a, blur=blur), [x, *rest], gradient) for f in functions]
    name = f"{'blur + ' if blur else ''}tail, {size(shape)}{' with gradient' if gradient else ''}"
    return Case(name, named(calls), (8 if gradient else 3) * moved(x))


def plain_tail(x, noise, strength, bias, style, blur):
    """The tail as one writes it first, with tf.nn.moments."""
    if blur:
        kernel = np.outer([1, 2, 1], [1, 2, 1]).astype(np.float32)[:, :, None, None] / 16
        kernel = tf.tile(kernel, [1, 1, x.shape[-1], 1])
        x = tf.nn.depthwise_conv2d(x, kernel, [1, 1, 1, 1], "SAME")
    y = tf.nn.leaky_relu(x + noise * strength + bias, 0.2)
    mean, variance = tf.nn.moments(y, [1, 2], keepdims=True)
    scale, shift = tf.split(style[:, None, None, :], 2, axis=-1)
    return (y - mean) * tf.math.rsqrt(variance + 1e-8) * (scale + 1) + shift


def activation(shape, gradient: bool) -> Case:
    """`bias_act`; backward reads dy and y and writes dx."""
    x, b = tf.random.normal(shape), tf.random.normal(shape[-1:])
    functions = [
        lambda x, b: tf.nn.leaky_relu(x + b, 0.2),
        lambda x, b: bias_act(x, b, "reference"),
        lambda x, b: bias_act(x, b, "compiled"),
    ]
    calls = [traced(function, [x, b], gradient) for function in functions]
    name = f"bias_act, {size(shape)}{' with gradient' if gradient else ''}"
    return Case(name, named(calls), (5 if gradient else 2) * moved(x))


def up_convolution() -> Case:
    """`upsample_conv2d` where its kernel is large beside the picture."""
    n = 64 if on_gpu() else 1
    x, w = tf.random.normal([n, 16, 16, 512]), tf.random.normal([3, 3, 512, 512])

    def plain(x, w):
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


def convolution(shape) -> Case:
    """`conv2d` to as many channels, with its gradient."""
    channels = shape[3]
    x, w = tf.random.normal(shape), tf.random.normal([3, 3, channels, channels])
    functions = [
        lambda x, w: tf.nn.conv2d(x, w, 1, "SAME"),
        lambda x, w: conv2d(x, w, "reference"),
        lambda x, w: conv2d(x, w, "compiled"),
    ]
    calls = [traced(function, [x, w], gradient=True) for function in functions]
    return Case(f"conv2d, {size(shape)} with gradient", named(calls))


def traced(function, arguments, gradient=False) -> Callable:
    """A call of the function, or of its gradient too, as a graph; on GPUs on `copies()` of x."""
    x, *rest = arguments
    inputs = [x, *(x + 0 for _ in range(copies() - 1))]

    def once(x):
        with tf.GradientTape() as tape:
            tape.watch([x, *rest])
            y = function(x, *rest)
        # The noise of training wants no gradient; asking would cost everyone a pass.
        wanted = [one for one in [x, *rest] if one.shape[-1] != 1]
        return tape.gradient(y, wanted, x) if gradient else y

    @tf.function
    def graph(inputs):
        seen = []
        for one in inputs:
            with tf.control_dependencies(seen):  # one after the other: memory for one is enough
                results = tf.nest.flatten(once(one))
                # TensorFlow leaves out what nobody sees.
                seen.append(tf.add_n([tf.reshape(each, [-1])[0] for each in results]))
        return seen

    return lambda: graph(inputs)


def named(calls) -> dict[str, Callable]:
    return dict(zip(("plain", "fallback", "compiled"), calls, strict=True))


def size(shape) -> str:
    n, h, _, c = shape
    return f"{h}²×{c}" + (f", batch {n}" if n > 1 else "")


def moved(x) -> int:
    """Bytes of a tensor."""
    return x.shape.num_elements() * x.dtype.size
