"""The explorer's images, against the generator called by hand."""

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

import tiny
from stylegan_tf import directions
from stylegan_tf.cli import main
from stylegan_tf.explorer import Controls, LocalSession
from stylegan_tf.images import to_uint8
from stylegan_tf.labels import LabelSpace
from stylegan_tf.latents import labels_from_seeds, noise_from_seeds, z_from_seeds

LAYERS = 6  # of a 16×16 network
OF_TWO_LAYERS = ["--seeds", "3", "--trunc", "-0.5", "--trunc-cutoff", "2"]


def session_of(tmp_path, directions=None, **arguments) -> LocalSession:
    """A session with a network of its own."""
    path = tmp_path / "g.keras"
    tiny.generator(**arguments).save(path)
    return LocalSession(path, directions)


def all_w(session, seed) -> np.ndarray:
    """The w of a seed for every layer, [L, w_size], with its own class, not truncated."""
    generator = session.generator
    labels = LabelSpace.of(generator)
    label = labels_from_seeds([seed], labels) if labels.size else None
    w = generator.mapping(z_from_seeds([seed], generator.latent_size), label).numpy()
    return np.repeat(w, generator.num_ws, axis=0)


def test_a_moved_mean_is_the_image_of_w_avg_and_a_multiple_of_the_direction(session):
    w = np.asarray(session.w_avg) - 3 * session.direction("component 2")
    w = np.repeat(w[None], session.generator.num_ws, axis=0)
    result = session.moved_mean("component 2", -3)
    np.testing.assert_array_equal(result, imaged(session, w, "constant"))
    assert not np.array_equal(result, session.moved_mean("component 2", 3))


def test_what_names_of_directions_mean_is_told_for_those_that_are_there(tmp_path):
    path = tmp_path / "d.npz"
    directions.save({"sefa 1": np.ones(5), "smile": np.ones(5)}, path)
    assert list(session_of(tmp_path, path).meanings) == ["sefa", "component"]


def test_the_label_of_a_seed_is_told(session, tmp_path):
    space = LabelSpace.of(session.generator)
    for seed in (3, 4):
        assert session.label_of_seed(seed) == space.text(labels_from_seeds([seed], space)[0])
    assert session_of(tmp_path).label_of_seed(3) is None


def imaged(session, w, noise) -> np.ndarray:
    """The generator's image of w [L, w_size]."""
    w = tf.constant(w, tf.float32)[None]
    return to_uint8(session.generator.synthesis(w, noise=noise))[0].numpy()


def seed_noise(session, seed) -> list:
    return noise_from_seeds([seed], session.generator.synthesis.noise_shapes())


@pytest.mark.parametrize(
    ("controls", "options"),
    [
        (Controls(), ["--seeds", "0"]),
        (Controls(seed=7, psi=0.35), ["--seeds", "7", "--trunc", "0.35"]),
        (Controls(seed=7, psi=1.0), ["--seeds", "7", "--trunc", "1"]),
        (Controls(seed=3, psi=-0.5, cutoff=2), OF_TWO_LAYERS),
        (Controls(seed=3, label=2), ["--seeds", "3", "--class", "2"]),
        (Controls(seed=3, noise="constant"), ["--seeds", "3", "--noise", "constant"]),
        (Controls(seed=3, noise="none"), ["--seeds", "3", "--noise", "none"]),
    ],
)
def test_without_extras_it_is_the_image_of_generate(controls, options, run, session, tmp_path):
    main(["generate", str(run), *options, "--outdir", str(tmp_path)])
    (path,) = tmp_path.glob("*.png")
    np.testing.assert_array_equal(session.generate(controls), np.array(Image.open(path)))


def test_the_same_controls_give_the_same_image(session):
    controls = Controls(seed=1, mixing={2: [3]}, strengths={1: 2.0}, directions={"component 1": 1})
    first = session.generate(controls)
    session.generate(Controls(seed=2))
    np.testing.assert_array_equal(session.generate(controls), first)


def test_layers_are_driven_by_the_seeds_that_they_are_given(session):
    drawn = session.generate(Controls(seed=1, psi=1, mixing={2: [1, 2], 3: [5]}))
    w = all_w(session, 1)
    w[[1, 2]], w[5] = all_w(session, 2)[[1, 2]], all_w(session, 3)[5]
    np.testing.assert_array_equal(drawn, imaged(session, w, seed_noise(session, 1)))


def test_the_later_seed_has_a_layer_that_two_want(session):
    both = Controls(seed=1, mixing={2: [0, 1], 3: [1, 2]})
    np.testing.assert_array_equal(
        session.generate(both), session.generate(Controls(seed=1, mixing={2: [0], 3: [1, 2]}))
    )


def test_what_is_mixed_is_truncated(session):
    drawn = session.generate(Controls(seed=1, psi=0.25, cutoff=3, mixing={2: [0, 4]}))
    w = all_w(session, 1)
    w[[0, 4]] = all_w(session, 2)[[0, 4]]
    mean = session.generator.w_avg.numpy()
    w[:3] = mean + np.float32(0.25) * (w[:3] - mean)
    np.testing.assert_array_equal(drawn, imaged(session, w, seed_noise(session, 1)))


@pytest.mark.parametrize("noise", ["random", "constant"])
def test_a_strength_multiplies_the_noise_of_its_layer(noise, session):
    drawn = session.generate(Controls(seed=1, psi=1, noise=noise, strengths={0: 0.0, 4: 2.5}))
    layers = session.generator.synthesis.synthesis_layers
    stored = [tf.convert_to_tensor(layer.noise.constant) for layer in layers]
    images = seed_noise(session, 1) if noise == "random" else stored
    images[0], images[4] = images[0] * 0.0, images[4] * 2.5
    np.testing.assert_array_equal(drawn, imaged(session, all_w(session, 1), images))


def test_no_strength_at_all_is_no_noise(session):
    silent = Controls(seed=1, strengths=dict.fromkeys(range(LAYERS), 0.0))
    np.testing.assert_array_equal(
        session.generate(silent), session.generate(Controls(seed=1, noise="none"))
    )


def test_drawing_leaves_the_weights_alone(session):
    before = [weight.numpy() for weight in session.generator.weights]
    session.generate(Controls(strengths={1: 3.0}, directions={"component 1": 3.0}, mixing={1: [1]}))
    for weight, value in zip(session.generator.weights, before, strict=True):
        np.testing.assert_array_equal(weight.numpy(), value)


def test_directions_move_w_after_truncation(rng, tmp_path):
    one, each = rng.standard_normal(5), rng.standard_normal((LAYERS, 5))
    np.savez(tmp_path / "d.npz", one=one, each=each)
    session = session_of(tmp_path, tmp_path / "d.npz")
    drawn = session.generate(Controls(seed=1, psi=0.5, directions={"one": 2.0, "each": -0.5}))
    mean = session.generator.w_avg.numpy()
    w = mean + np.float32(0.5) * (all_w(session, 1) - mean)
    w = w + np.float32(2) * one.astype(np.float32) - np.float32(0.5) * each.astype(np.float32)
    np.testing.assert_array_equal(drawn, imaged(session, w, seed_noise(session, 1)))


def test_components_come_from_the_w_of_all_classes(session):
    """Along a component its samples have the deviation that is the component's length."""
    w = session.sampled_w
    assert w.shape == (4096, 5)
    for name in session.direction_names:
        vector = session.direction(name)
        length = np.linalg.norm(vector)
        assert np.std(w @ vector / length, ddof=1) == pytest.approx(length, rel=1e-3)


def test_a_strip_is_a_straight_line_in_w(session):
    controls = Controls(seed=1, psi=1, mixing={4: [5]})
    drawn = session.strip(controls, seed=2, count=3)
    ends = all_w(session, 1), all_w(session, 2)
    for w in ends:
        w[5] = all_w(session, 4)[5]
    noise = seed_noise(session, 1)
    half = (ends[0] + ends[1]) / 2
    expected = [imaged(session, w, noise) for w in (ends[0], half, ends[1])]
    np.testing.assert_array_equal(drawn, expected)
    np.testing.assert_array_equal(drawn[0], session.generate(controls))


@pytest.mark.parametrize("channels", [1, 4])
def test_images_have_the_channels_of_the_network(channels, tmp_path):
    assert session_of(tmp_path, channels=channels).draw(Controls()).shape == (16, 16, channels)


@pytest.mark.parametrize("architecture", ["a", "c"])
def test_networks_without_noise_inputs_are_drawn(architecture, tmp_path):
    session = session_of(tmp_path, architecture=architecture)
    main(["generate", str(session.source), "--seeds", "1", "--outdir", str(tmp_path)])
    expected = np.array(Image.open(tmp_path / "seed0001.png"))
    np.testing.assert_array_equal(session.generate(Controls(seed=1)), expected)
    assert session.facts.has_styles == (architecture == "c")
    assert not session.facts.has_noise


def test_a_network_that_still_grows_is_drawn_as_far_as_it_has_come(tmp_path):
    session = session_of(tmp_path, grown=2.5)  # 8×8, half faded in
    main(["generate", str(session.source), "--seeds", "1", "--outdir", str(tmp_path)])
    expected = np.array(Image.open(tmp_path / "seed0001.png"))
    np.testing.assert_array_equal(session.generate(Controls(seed=1)), expected)
    assert session.facts.sides == [4, 4, 8, 8]


@pytest.mark.parametrize(
    ("controls", "message"),
    [
        (Controls(seed=-1), "the seed is -1; it must be a whole number"),
        (Controls(seed=0.5), "the seed is 0.5"),
        (Controls(mixing={-3: [0]}), "the seed is -3"),
        (Controls(mixing={1: [6]}), "there is no layer 6; the last is 5"),
        (Controls(strengths={9: 0.0}), "there is no layer 9"),
        (Controls(label=3), "the class is 3; it can be 0 to 2"),
        (Controls(noise="loud"), "noise is 'loud'; it can be random or constant or none"),
        (Controls(directions={"smile": 1}), "no direction 'smile'; there are component 1,"),
    ],
)
def test_what_the_network_has_not_is_refused(controls, message, session):
    with pytest.raises(ValueError, match=message):
        session.generate(controls)


def test_a_class_is_refused_where_there_are_none(tmp_path):
    with pytest.raises(ValueError, match="the class is 0; this network has no labels"):
        session_of(tmp_path).draw(Controls(label=0))


@pytest.mark.parametrize("count", [1, 17])
def test_a_strip_of_too_few_or_many_is_refused(count, session):
    with pytest.raises(ValueError, match="a strip has 2 to 16 images"):
        session.strip(Controls(), 1, count)
