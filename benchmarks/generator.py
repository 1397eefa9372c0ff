"""Seconds per picture of the whole generator, one picture at a time.

    python benchmarks/generator.py

prints medians over interleaved rounds for the full-size networks of 256² and 1024²: in plain
TensorFlow as one writes it first (tf.nn.moments, tf.nn.conv2d, and the same transposed up-
convolutions as ours), with our fallback in plain TensorFlow, and with the compiled ops; then the
compiled ops with convolutions in bfloat16, and how far those pictures are from the float32 ones.
CPUs without AVX-512 convolve in float32 then, too, and round once.
"""

import stylegan_tf as sg  # noqa: I001  before TensorFlow, which it tells to use oneDNN

import contextlib
import os
import sys
from unittest import mock

import click
import keras
import numpy as np
import tensorflow as tf

from stylegan_tf import ops
from stylegan_tf.ops import benchmark, dispatch

PATHS = ("moments", "reference", "compiled")


def traced(network, path: str, z):
    """A call that makes one picture, and the first picture."""
    os.environ["STYLEGAN_TF_OPS"] = "compiled" if path == "compiled" else "reference"
    graph = tf.function(lambda z: network(z, noise="constant"))
    with as_first_written() if path == "moments" else contextlib.nullcontext():
        picture = graph(z).numpy()
    return (lambda: graph(z)), picture


@contextlib.contextmanager
def as_first_written():
    """Graphs traced inside take the tail with tf.nn.moments, and tf.nn.conv2d as it is."""
    tail = sys.modules[ops.style_epilogue.__module__]
    with (
        mock.patch.object(tail, "_reference", benchmark.plain_tail),
        mock.patch.object(dispatch, "avx2_at_most", lambda: False),
    ):
        yield


def halves(network):
    """The same network with convolutions in bfloat16."""
    before = keras.mixed_precision.global_policy()
    keras.mixed_precision.set_global_policy("mixed_bfloat16")
    twin = sg.Generator.from_config(network.get_config())
    keras.mixed_precision.set_global_policy(before)
    twin.set_weights(network.get_weights())
    return twin


@click.command()
@click.option("--resolution", "resolutions", multiple=True, type=int, default=(256, 1024))
@click.option("--bfloat16/--no-bfloat16", default=True, show_default=True)
def main(resolutions, bfloat16):
    """Measure the generator at each resolution."""
    for resolution in resolutions:
        network = sg.Generator(resolution=resolution)
        z = tf.random.stateless_normal([1, network.latent_size], seed=(0, 1))
        calls, pictures = {}, {}
        for path in PATHS:
            calls[path], pictures[path] = traced(network, path, z)
        if bfloat16:
            calls["bfloat16"], pictures["bfloat16"] = traced(halves(network), "compiled", z)
        seconds = benchmark.medians(calls)
        exact = pictures["moments"]
        for path, value in seconds.items():
            rms = root_mean_square(pictures[path] - exact) / root_mean_square(exact)
            shown = root_mean_square(np.clip(pictures[path], -1, 1) - np.clip(exact, -1, 1)) / 2
            click.echo(
                f"{resolution:>5}²  {path:10}{value:7.3f} s  {seconds['moments'] / value:5.2f}x  "
                f"pictures differ by {rms:.1e} RMS, {shown:.2%} of the range shown"
            )


def root_mean_square(x) -> float:
    """Of all numbers."""
    return np.sqrt(np.mean(np.square(x)))


if __name__ == "__main__":
    main()
