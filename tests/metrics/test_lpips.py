"""LPIPS against NumPy by definition, and against the authors' package where it is installed."""

import numpy as np
import pytest
import tensorflow as tf
from scipy.signal import correlate

from compare import assert_close
from references import ask
from stylegan_tf.metrics import LPIPS, WeightsMissing, load_lpips
from stylegan_tf.metrics.networks.vgg16 import BLOCKS

WIDTHS = [2, 2, 3, 3, 4, 4, 4, 5, 5, 5, 6, 6, 6]
ENDS = np.cumsum(BLOCKS) - 1


@pytest.fixture(scope="module")
def weights():
    """Those of a network as deep as VGG16, and thin: kernels, biases, heads."""
    rng = np.random.default_rng(0)
    sizes = zip([3, *WIDTHS], WIDTHS, strict=False)
    kernels = [0.5 * rng.standard_normal((3, 3, *size), np.float32) for size in sizes]
    biases = [rng.standard_normal(size, np.float32) for size in WIDTHS]
    heads = [rng.random(WIDTHS[end], np.float32) for end in ENDS]
    return kernels, biases, heads


def features(image, kernels, biases):
    """Of one image [H, W, 3], in float64: convolutions, ReLU, halving, directions."""
    x = (image - [-0.030, -0.088, -0.188]) / [0.458, 0.448, 0.450]
    result = []
    for number, (kernel, bias) in enumerate(zip(kernels, biases, strict=True)):
        padded = np.pad(x, [(1, 1), (1, 1), (0, 0)])
        maps = [correlate(padded, kernel[..., d], "valid")[..., 0] for d in range(len(bias))]
        x = np.maximum(np.stack(maps, -1) + bias, 0)
        if number in ENDS:
            result.append(x / (np.linalg.norm(x, axis=-1, keepdims=True) + 1e-10))
            h, w, channels = x.shape
            x = x.reshape(h // 2, 2, w // 2, 2, channels).max((1, 3)) if h > 1 else x
    return result


def images(side=32):
    return np.random.default_rng(1).uniform(-1, 1, (2, 3, side, side, 3)).astype(np.float32)


def test_the_distance_is_that_of_the_paper(weights):
    kernels, biases, heads = weights
    a, b = images()
    expected = []
    for one, other in zip(a, b, strict=True):
        pairs = zip(features(one, *weights[:2]), features(other, *weights[:2]), heads, strict=True)
        expected.append(sum(((x - y) ** 2 @ head).mean() for x, y, head in pairs))
    assert_close(LPIPS(*weights)(a, b), expected, 1e-5)


def test_equal_images_have_no_distance_and_order_does_not_matter(weights):
    a, b = images()
    lpips = LPIPS(*weights)
    np.testing.assert_array_equal(lpips(a, a), np.zeros(3))
    np.testing.assert_allclose(lpips(a, b), lpips(b, a), rtol=1e-6)


def test_features_that_are_all_zero_have_a_gradient(weights):
    """Where no unit is on, a length is 0, and the root has no derivative there."""
    kernels, biases, heads = weights
    off = LPIPS(kernels, [bias - 1e3 for bias in biases], heads)
    image = tf.constant(images()[0])
    with tf.GradientTape() as tape:
        tape.watch(image)
        distance = off(image, -image)
    assert np.all(np.isfinite(tape.gradient(distance, image)))


@pytest.fixture
def published():
    """LPIPS with its published weights."""
    try:
        return load_lpips()
    except WeightsMissing as error:
        pytest.skip(str(error))


def test_published_weights_give_known_distances(published):
    """What lpips 0.1.4 gave for these images, with its own heads and the same VGG16."""
    a, b = images(64)
    np.testing.assert_allclose(published(a, b)[::2], [0.32474583, 0.34287363], rtol=1e-5)


def test_the_authors_package_agrees(published, tmp_path):
    """lpips brings the heads, and takes ours for VGG16, which it would download."""
    layers = [layer for block in published.convolutions.blocks for layer in block]
    given = {f"kernel{number}": kernel.numpy() for number, (kernel, _) in enumerate(layers)}
    given |= {f"bias{number}": bias.numpy() for number, (_, bias) in enumerate(layers)}
    a, b = images(64)
    expected = ask("perceptual", tmp_path, a=a, b=b, **given)["lpips"]
    np.testing.assert_allclose(published(a, b), expected, rtol=1e-5)
