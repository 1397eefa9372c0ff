"""Linear separability of generators whose images are known functions of z and w."""

import keras
import numpy as np
import pytest
import tensorflow as tf

pytest.importorskip("sklearn", reason="needs the extra `metrics`")

from known_generators import LATENT, Known  # noqa: E402
from recorded_progress import RecordedProgress
from stylegan_tf.metrics import classifiers, linear_separability  # noqa: E402
from stylegan_tf.metrics.classifiers import Classifiers, load  # noqa: E402


def by_rgb(matrix) -> keras.Model:
    """A classifier of mean RGB: each column of a matrix [3, A] gives a logit."""
    inputs = keras.Input([32, 32, 3])
    means = keras.layers.GlobalAveragePooling2D()(inputs)
    layer = keras.layers.Dense(len(matrix[0]), use_bias=False)
    model = keras.Model(inputs, layer(means))
    layer.set_weights([np.array(matrix, np.float32)])
    return model


RED = by_rgb([[1], [0], [0]])
BOTH = by_rgb([[1, 0], [0, 1], [0, 0]])  # red, and green


def test_what_is_linear_in_w_is_separable():
    result = linear_separability(Known(), RED, 600)
    assert result.w == result.z  # w is z
    assert result.w.score == 1


def test_a_mapping_can_make_attributes_separable():
    """Red is where two numbers of z have the same sign: w tells it by a plane, z does not."""
    generator = Known(mapping=lambda z, labels: z[:, :1] * z[:, 1:2] * tf.ones([1, LATENT]))
    result = linear_separability(generator, RED, 800)
    assert result.w.score == 1
    assert result.z.score > 1.5


def test_what_neither_tells_is_not_separable():
    """RGB comes from noise alone."""
    generator = Known(images=lambda w: tf.zeros([w.shape[0], 32, 32, 3]), strength=1.0)
    result = linear_separability(generator, RED, 800)
    assert result.z.score == pytest.approx(2, abs=0.1)
    assert result.w.score == pytest.approx(2, abs=0.1)


def test_attributes_add_up():
    """Red is one number of w; green is where two others have the same sign."""

    def images(w):
        rgb = tf.stack([w[:, 0], w[:, 1] * w[:, 2], w[:, 3]], 1) / 5
        return tf.broadcast_to(rgb[:, None, None], [w.shape[0], 32, 32, 3])

    result = linear_separability(Known(images=images), BOTH, 800)
    assert result.w.entropies[0] == 0
    assert result.w.entropies[1] > 0.6
    assert result.w.score == pytest.approx(2 ** result.w.entropies.sum())


def test_a_model_and_its_files_are_the_same_classifiers(tmp_path):
    BOTH.save(tmp_path / "both.keras")
    module = tf.Module()
    module.model = BOTH
    call = tf.function(lambda x: {"logits": BOTH(x)}, autograph=False)
    signature = call.get_concrete_function(tf.TensorSpec([None, 32, 32, 3], tf.float32))
    tf.saved_model.save(module, tmp_path / "both", {"serving_default": signature})
    generator = Known(mapping=lambda z, labels: z**2 - 0.5)
    results = [
        linear_separability(generator, one, 300)
        for one in (BOTH, tmp_path / "both.keras", str(tmp_path / "both"), load(BOTH))
    ]
    for result in results[1:]:
        assert result.z.score == results[0].z.score
        np.testing.assert_array_equal(result.w.entropies, results[0].w.entropies)


def test_names_are_kept_in_the_file_and_the_model_loads_as_it_is(tmp_path):
    classifiers.save(BOTH, ["red ones", "green & bright"], tmp_path / "c.keras")
    result = load(tmp_path / "c.keras")
    assert isinstance(result, Classifiers)
    assert result.names == ["red ones", "green & bright"]
    assert load(BOTH).names == ["0", "1"]
    x = np.random.default_rng(0).uniform(-1, 1, (2, 32, 32, 3)).astype(np.float32)
    again = keras.models.load_model(tmp_path / "c.keras")
    np.testing.assert_allclose(again(x), BOTH(x), rtol=1e-6)
    classifiers.save(BOTH, ["one", "too", "many"], tmp_path / "d.keras")
    assert load(tmp_path / "d.keras").names == ["0", "1"]


def test_labels_are_those_of_the_images(rng):
    """Colours are the labels, and so is w; z knows nothing of them."""
    generator = Known(mapping=lambda z, labels: labels, label_size=LATENT)
    labels = rng.choice([-3, 3], [400, LATENT]).astype(np.float32)
    result = linear_separability(generator, RED, 400, labels=labels)
    assert result.w.score == 1
    assert result.z.score > 1.7


def test_progress_hears_of_images_and_planes():
    progress = RecordedProgress()
    linear_separability(Known(), BOTH, 40, batch=20, progress=progress)
    images = [("images for separability", done, 40) for done in (20, 40)]
    assert progress.calls == images + [("planes", done, 4) for done in (1, 2, 3, 4)]


def test_what_cannot_be_measured_is_refused(tmp_path):
    with pytest.raises(ValueError, match="has labels; separability needs one for each image"):
        linear_separability(Known(label_size=2), RED, 10)
    with pytest.raises(ValueError, match="a path or a Keras model is expected, not int"):
        linear_separability(Known(), 3, 10)
    with pytest.raises(ValueError, match="none.keras does not exist"):
        linear_separability(Known(), tmp_path / "none.keras", 10)
