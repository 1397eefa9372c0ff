"""Measures seconds per image of the whole generator, one image at a time.

    python benchmarks/generator.py

prints medians over interleaved rounds for the full-size networks of 256² and 1024²: in a
straightforward implementation in plain TensorFlow (tf.nn.moments, tf.nn.conv2d, and the same
transposed up-convolutions as ours), with our fallback in plain TensorFlow, and with the compiled
ops; then the compiled ops with convolutions in bfloat16, and how far those images are from the
float32 ones. CPUs without AVX-512 compute bfloat16 convolutions in float32 and round once.
"""

import stylegan_tf as sg  # noqa: I001  first, since it makes TensorFlow use oneDNN

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
    """Returns a call that generates one image, and the first image."""
    os.environ["STYLEGAN_TF_OPS"] = "compiled" if path == "compiled" else "reference"
    graph = tf.function(lambda z: network(z, noise="constant"))
    with straightforward() if path == "moments" else contextlib.nullcontext():
        image = graph(z).numpy()
    return (lambda: graph(z)), image


@contextlib.contextmanager
def straightforward():
    """Makes graphs traced inside use tf.nn.moments in the epilogue, and tf.nn.conv2d."""
    epilogue = sys.modules[ops.style_epilogue.__module__]
    with (
        mock.patch.object(epilogue, "_reference", benchmark.plain_epilogue),
        mock.patch.object(dispatch, "avx2_at_most", lambda: False),
    ):
        yield


def in_bfloat16(network):
    """Returns the same network with convolutions in bfloat16."""
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
        calls, images = {}, {}
        for path in PATHS:
            calls[path], images[path] = traced(network, path, z)
        if bfloat16:
            calls["bfloat16"], images["bfloat16"] = traced(in_bfloat16(network), "compiled", z)
        seconds = benchmark.medians(calls)
        exact = images["moments"]
        for path, value in seconds.items():
            rms = root_mean_square(images[path] - exact) / root_mean_square(exact)
            shown = root_mean_square(np.clip(images[path], -1, 1) - np.clip(exact, -1, 1)) / 2
            click.echo(
                f"{resolution:>5}²  {path:10}{value:7.3f} s  {seconds['moments'] / value:5.2f}x  "
                f"images differ by {rms:.1e} RMS, {shown:.2%} of the displayed range"
            )


def root_mean_square(x) -> float:
    """Returns that of all elements."""
    return np.sqrt(np.mean(np.square(x)))


if __name__ == "__main__":
    main()
