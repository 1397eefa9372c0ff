"""How many functions of this package a value passes through: who follows it must read them all."""

import inspect
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

import runs
import stylegan_tf
import tiny
from random_images import RandomImages
from stylegan_tf import datasets, generation, ops
from train_command import TINY, train

FOLDERS = tuple(str(Path(one.__file__).parent) for one in (stylegan_tf, datasets, ops))
KEY, VALUE = "schedule.w_avg_beta", 0.987654321  # no other number is equal to it


def test_z_is_at_most_seven_functions_from_the_image():
    """An op of the graph of z to the image has at most seven of our functions on its stack.

    It is a graph without the switches for XLA, like those of training and of metrics.
    """
    generator = tiny.generator()

    def images(z):
        ops.xla.stay_outside()
        w = generation.truncate(generator, generation.map_latents(generator, z), 0.7)
        return generation.synthesize(generator, w, "constant")

    z = tf.TensorSpec([1, tiny.LATENT])
    graph = tf.function(images, autograph=False).get_concrete_function(z).graph
    stacks = [
        [frame.name for frame in op.traceback if frame.filename.startswith(FOLDERS)]
        for op in graph.get_operations()
    ]
    longest = max(stacks, key=len)
    assert 3 <= len(longest) <= 7, longest


@pytest.fixture
def place(tmp_path, monkeypatch):
    """An empty working directory, and images in memory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(datasets, "open", lambda path: RandomImages(8))


@pytest.mark.usefixtures("place")
def test_a_setting_is_at_most_four_functions_from_the_configuration(capsys):
    """At most four of our functions are given the bare value of a `--set`, or return it, and hand
    something on; the part of training that uses it reads it off the configuration."""
    passed = set()

    def record(frame, event, result):
        code = frame.f_code
        if event != "return" or result is None or not code.co_filename.startswith(FOLDERS):
            return
        if code.co_flags & inspect.CO_GENERATOR:
            return  # goes over all settings, to print them
        arguments = inspect.getargvalues(frame)
        results = result if isinstance(result, tuple) else (result,)
        values = [*(arguments.locals.get(name) for name in arguments.args), *results]
        if any(isinstance(value, float) and value == VALUE for value in values):
            passed.add(code.co_name)

    before = sys.getprofile()
    sys.setprofile(record)
    try:
        assert train("--dry-run", *TINY, f"--set={KEY}={VALUE}") == 0
    finally:
        sys.setprofile(before)
    assert 1 <= len(passed) <= 4, passed
    step, _ = runs.step(schedule={"w_avg_beta": VALUE})
    assert step.w_avg_beta == VALUE


def test_an_image_gets_to_its_gradient_by_named_functions(monkeypatch):
    """Where the discriminator is given an image, and where a gradient is taken, no lambda and no
    function inside another one, of ours, is on the stack."""
    step, _ = runs.step()
    gradient, augmentation = tf.GradientTape.gradient, step.gan.augmentation
    stacks = {"image": [], "gradient": []}

    def recording(name, function):
        def record(*args, **kwargs):
            stacks[name].append(_stack())
            return function(*args, **kwargs)

        return record

    monkeypatch.setattr(tf.GradientTape, "gradient", recording("gradient", gradient))
    step.gan.augmentation = recording("image", augmentation)
    images = iter([np.zeros([4, 8, 8, 3], np.uint8)])
    tf.config.run_functions_eagerly(True)
    try:
        step(8, (tf.constant(batch) for batch in images), 0, 1.0, 0.5)
    finally:
        tf.config.run_functions_eagerly(False)
    assert len(stacks["image"]) >= 4  # reals and fakes, of D and of G
    assert len(stacks["gradient"]) == 3  # of D, of G, and of R1
    for code in {code for name in stacks for stack in stacks[name] for code in stack}:
        assert not code.co_flags & inspect.CO_NESTED, code


def _stack() -> list:
    """The functions of this package that are running, as code objects."""
    frame, codes = inspect.currentframe(), []
    while frame := frame.f_back:
        if frame.f_code.co_filename.startswith(FOLDERS):
            codes.append(frame.f_code)
    return codes
