"""Seconds per picture of the whole generator, one picture at a time.

    python benchmarks/generator.py

prints medians over interleaved rounds for the full-size networks of 256² and 1024²: with the tail
as one writes it first (tf.nn.moments; the convolutions are the same transposed ones), with our
fallback in plain TensorFlow, and with the compiled ops; then the compiled ops with convolutions in
bfloat16, and how far those pictures are from the float32 ones. bfloat16 needs a CPU with AVX-512
at least, better AMX, to be fast.
"""

import stylegan_tf as sg  # noqa: I001  before TensorFlow, which it tells to use oneDNN

import os
from unittest import mock

import click
import keras
import numpy as np
import tensorflow as tf

from stylegan_tf.ops import benchmark, style_epilogue

PATHS = ("moments", "reference", "compiled")


def moments(x, noise, strength, bias, style, blur):
    """In place of the reference, with its signature."""
    return benchmark.plain_tail(x, noise, strength, bias, style, blur)


def traced(network, path: str, z):
    """A call that makes one picture, and the first picture."""
    os.environ["STYLEGAN_TF_OPS"] = "compiled" if path == "compiled" else "reference"
    graph = tf.function(lambda z: network(z, noise="constant"))
    module = __import__("sys").modules[style_epilogue.__module__]
    plain = mock.patch.object(module, "_reference", moments) if path == "moments" else None
    if plain:
        with plain:
            picture = graph(z)
    else:
        picture = graph(z)
    return (lambda: graph(z)), picture.numpy()


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
            rms = np.sqrt(np.mean((pictures[path] - exact) ** 2)) / np.sqrt(np.mean(exact**2))
            click.echo(
                f"{resolution:>5}²  {path:10}{value:7.3f} s  {seconds['moments'] / value:5.2f}x  "
                f"pictures differ by {rms:.1e} RMS"
            )


if __name__ == "__main__":
    main()
