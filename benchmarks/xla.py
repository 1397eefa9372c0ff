"""Measures the ops in programs of XLA: in plain TensorFlow and as calls of the kernels.

    taskset -c 0 python benchmarks/xla.py

prints, for each op alone and with its gradient, the median over interleaved rounds of plain
TensorFlow that XLA compiles, of the kernel that such a program calls, and of the kernel outside
XLA. The table in ops/under_xla.py, which says where programs call kernels, is from here.
"""

import stylegan_tf  # noqa: I001, F401  first, since it makes TensorFlow use oneDNN

from functools import partial

import click
import tensorflow as tf

from stylegan_tf import ops
from stylegan_tf.ops import benchmark, library, xla

NAMES = ("plain under XLA", "kernel inside XLA", "kernel outside XLA")
LAYERS = [(1, 128, 128, 32), (8, 32, 32, 64)]
WIDE = [(1, 64, 64, 64), (8, 64, 64, 32), (8, 16, 16, 128), (4, 8, 8, 256)]
MAPS = [[[0.9, 0.2, 3.0], [-0.2, 0.9, -2.0]]]


def cases(dtype: str):
    """Yields a name, a function of an implementation, and its arguments."""
    for n, h, w, c in LAYERS:
        x, bias = tf.cast(tf.random.normal([n, h, w, c]), dtype), tf.random.normal([c])
        size = f"{h}²×{c}, batch {n}"
        yield f"blur2d, {size}", ops.blur2d, [x]
        yield f"bias_act, {size}", ops.bias_act, [x, bias]
        yield f"fir_upsample2d, {size}", ops.fir_upsample2d, [x]
        yield f"fir_downsample2d, {size}", ops.fir_downsample2d, [x]
        rest = [tf.random.normal([1, h, w, 1]), bias, bias, tf.random.normal([n, 2 * c])]
        for blur in (False, True):
            name = f"{'blur + ' if blur else ''}style_epilogue, {size}"
            yield name, partial(ops.style_epilogue, blur=blur), [x, *rest]
        weights = [tf.random.normal([1, 1, c, 3]), tf.zeros([3])]
        yield f"to_rgb, {size}", partial(ops.to_rgb, scale=0.1), [x, *weights]
    for n, h, w, c in WIDE:
        x, kernel = tf.random.normal([n, h, w, c]), tf.random.normal([3, 3, c, c])
        x = tf.cast(x, dtype)
        for op in (ops.conv2d, ops.upsample_conv2d, ops.conv2d_downsample):
            yield f"{op.__name__}, {h}²×{c}, batch {n}", partial(op, scale=0.1), [x, kernel]
        narrow = kernel[..., : c - 8]  # which no kernel takes but the one that prepares weights
        name = f"upsample_conv2d, {h}²×{c} to {c - 8}, batch {n}"
        yield name, partial(ops.upsample_conv2d, scale=0.1), [x, narrow]
    for n, side in ((1, 128), (8, 32)):
        x = tf.cast(tf.random.normal([n, side, side, 3]), dtype)
        warp = partial(ops.affine_warp, matrices=tf.constant(MAPS * n))
        yield f"affine_warp, {side}²×3, batch {n}", warp, [x]


def traced(op, arguments, gradient: bool, implementation: str, in_xla: bool):
    """Returns a call of an op, with `gradient` of its gradients, too."""
    # Training needs no gradient by the noise.
    sources = [index for index, one in enumerate(arguments) if one.shape[-1] != 1]

    @tf.function(jit_compile=in_xla)
    def graph(*arguments):
        if not in_xla:
            xla.stay_outside()
        with tf.GradientTape() as tape:
            tape.watch(arguments)
            y = op(*arguments, implementation=implementation)
        return tape.gradient(y, [arguments[i] for i in sources], y) if gradient else y

    return lambda: graph(*arguments)


@click.command()
@click.option("--dtype", default="float32", show_default=True)
@click.option("--only", default="", help="Ops whose names contain this.")
def main(dtype, only):
    """Measure each op."""
    loaded = library.load()
    if loaded.xla_reason:
        raise click.ClickException(f"programs of XLA call no kernels: {loaded.xla_reason}")
    click.echo("| op | " + " | ".join(f"{name}, ms" for name in NAMES) + " | plain / inside |")
    click.echo("| --- | --- | --- | --- | --- |")
    for name, op, arguments in cases(dtype):
        if only not in name:
            continue
        for gradient in (False, True):
            ways = [("reference", True), ("compiled", True), ("compiled", False)]
            calls = [traced(op, arguments, gradient, *way) for way in ways]
            seconds = benchmark.medians(dict(zip(NAMES, calls, strict=True)))
            numbers = " | ".join(f"{value * 1e3:.2f}" for value in seconds.values())
            plain, inside, _ = seconds.values()
            label = f"{name}{', with gradient' if gradient else ''}"
            click.echo(f"| {label} | {numbers} | {plain / inside:.1f} |")


if __name__ == "__main__":
    main()
