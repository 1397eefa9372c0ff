"""Trainable parameters of the full-size networks, against the published counts (DESIGN 2.10)."""

import math

import pytest

import stylegan_tf as sg

RESOLUTIONS = [2**n for n in range(3, 11)]
GENERATOR = [
    11_295_750,
    17_068_553,
    22_841_356,
    25_137_935,
    25_843_858,
    26_086_229,
    26_179_768,
    26_219_627,
]
DISCRIMINATOR = [
    11_283_457,
    16_005_121,
    20_726_785,
    22_498_049,
    22_941_313,
    23_052_353,
    23_080_225,
    23_087_249,
]
AT_1024 = {"a": 23_079_115, "b": 23_079_115, "c": 30_400_651, "d": 26_214_539}
WITH_10_LABELS = (26_486_891, 23_091_866)


@pytest.fixture(autouse=True)
def cheap_weights(monkeypatch):
    """Zeros in place of 20 million random numbers: only their count is looked at."""
    import keras

    monkeypatch.setattr(
        keras.initializers, "RandomNormal", lambda **kwargs: keras.initializers.Zeros()
    )


def parameters(network) -> int:
    return sum(math.prod(weight.shape) for weight in network.trainable_weights)


@pytest.mark.parametrize(("resolution", "count"), zip(RESOLUTIONS, GENERATOR, strict=True))
def test_generator(resolution, count):
    assert parameters(sg.Generator(resolution)) == count


@pytest.mark.parametrize(("resolution", "count"), zip(RESOLUTIONS, DISCRIMINATOR, strict=True))
def test_discriminator(resolution, count):
    assert parameters(sg.Discriminator(resolution)) == count


@pytest.mark.parametrize("architecture", AT_1024)
def test_generator_of_an_architecture(architecture):
    assert parameters(sg.Generator(architecture=architecture)) == AT_1024[architecture]


def test_noise_is_what_e_adds_to_d():
    """A strength for each feature map of each of the 18 layers."""
    maps = sum(2 * min(8192 // 2**stage, 512) for stage in range(1, 10))
    assert parameters(sg.Generator(architecture="e")) == AT_1024["d"] + maps == GENERATOR[-1]


def test_labels():
    networks = sg.Generator(label_size=10), sg.Discriminator(label_size=10)
    assert tuple(map(parameters, networks)) == WITH_10_LABELS


def test_discriminator_of_progressive_gan():
    assert parameters(sg.Discriminator(architecture="a")) == DISCRIMINATOR[-1]
