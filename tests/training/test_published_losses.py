"""Losses and their gradients against those of the published networks."""

import os

import numpy as np
import pytest
import tensorflow as tf

import published
import vectors
from published import resolution_and_fade
from published_inputs import inputs_of
from stylegan_tf.backend_compat import tf_variable
from stylegan_tf.importing import assign_discriminator, assign_generator
from stylegan_tf.training import gan as gan_module
from stylegan_tf.training.config import Config

# Every entry is within 2e-5 of the largest by TensorFlow's own kernels and the whole vectors.
# oneDNN's round otherwise, on each kind of CPU in its own way, and so do the rounded weights of the
# small vectors. Where a leaky ReLU sees that on the other side of 0, the gradients of all layers
# before it are farther off, in few entries or in most, but about as often longer as shorter. So
# sums over entries are bounded: the length of each variable's difference in units of the gradient's
# (seen: up to 2e-2), and the mean over variables of the factor between the two (1 ± 7e-4, of the
# small vectors 7e-3): a loss that is wrong by 1 % shows in it. `.ci/run` runs this file both ways.
IS_EXACT = os.environ.get("TF_ENABLE_ONEDNN_OPTS") == "0" and vectors.IS_WHOLE
ENTRY, LENGTH, FACTOR = 2e-5, 5e-2, 4e-3 if vectors.IS_WHOLE else 9e-3
# Here an activation of D is so near 0 that CPUs disagree about its sign even so.
NEAR_ZERO = {("progan32", "loss/G_wgan/lod0/plain")}

NAMES = {
    "D_logistic": {"loss.name": "non_saturating", "loss.penalties": {}},
    "D_logistic_simplegp": {"loss.name": "logistic_ns"},
    "D_logistic_simplegp_r2only": {"loss.name": "non_saturating", "loss.penalties": {"r2": 10.0}},
    "D_wgan": {"loss.name": "wgan"},
    "D_wgan_gp": {"loss.name": "wgan_gp"},
    "D_hinge": {"loss.name": "hinge"},
    "D_hinge_gp": {"loss.name": "hinge_gp"},
    "G_logistic_nonsaturating": {"loss.name": "logistic_ns"},
    "G_wgan": {"loss.name": "wgan"},
}
ONLY_AT_THE_END = {"D_logistic", "D_wgan", "D_hinge", "D_hinge_gp", "G_wgan"}  # at lod 0
# (set, configuration, function, lod, variant): what the vectors hold.
CASES = [
    (network, config, function, lod, "plain")
    for network, config in (("stylegan32", "f"), ("progan32", "a"))
    for function in NAMES
    for lod in (0, 1.3)
    if lod == 0 or function not in ONLY_AT_THE_END
] + [
    ("stylegan32", "f", "G_logistic_nonsaturating", 0, "full"),
    ("stylegan32", "f", "D_logistic_simplegp", 0, "full"),
]


class ConstantNoise(gan_module.GAN):
    """Takes the stored noise where none was sampled, as the "plain" vectors did."""

    def fakes(self, inputs, labels, fade, resolution):
        if inputs.noise or not self.generator.noise_shapes():
            return super().fakes(inputs, labels, fade, resolution)
        layers = self.generator.synthesis.synthesis_layers
        stored = [tf.convert_to_tensor(layer.noise.constant) for layer in layers]
        return super().fakes(inputs._replace(noise=stored), labels, fade, resolution)


def gradients(network, config, function, lod, variant):
    """The loss, the network it belongs to, and its gradients by variable name."""
    arrays = published.arrays(network)
    prefix = f"loss/{function}/lod{lod}/{variant}"
    generator = published.generator(network, fused=int(config == "a"), config=config)
    discriminator = published.discriminator(network, config=config)
    settings = Config().replace(NAMES[function])
    gan = ConstantNoise(generator, discriminator, settings)
    inputs = inputs_of(f"{prefix}/rnd/", arrays, generator.num_ws)
    where = resolution_and_fade(lod)
    fade = tf.constant(where["fade"], tf.float32)
    reals = published.nhwc(arrays[f"out/process_reals/lod{lod}/plain"], where["resolution"])
    reals = tf.constant(reals, tf.float32)
    arguments = (inputs, reals, None, fade, where["resolution"], 1.0)
    if function.startswith("G_"):
        result = gan.generator_gradients(*arguments)
        variables = generator.trainable_at(where["resolution"])
        return result, generator, variables, "loss_g"
    result = gan.discriminator_gradients(*arguments)
    variables = discriminator.trainable_at(where["resolution"])
    return result, discriminator, variables, "loss_d"


@pytest.mark.parametrize("case", CASES, ids=lambda case: "-".join(map(str, case)))
def test_loss_and_gradients_equal_the_published(case):
    network, _, function, lod, variant = case
    result, model, variables, name = gradients(*case)
    arrays = published.arrays(network)
    prefix = f"loss/{function}/lod{lod}/{variant}"
    limit = published.TOLERANCE
    np.testing.assert_allclose(result.sums[name], arrays[f"{prefix}/mean"], rtol=limit, atol=limit)
    compare_gradients(result, model, variables, arrays, prefix, network)


def compare_gradients(result, model, variables, arrays, prefix, network):
    """Puts the published gradients where our variables are, to compare like with like."""
    letter = "G" if prefix.startswith("loss/G") else "D"
    theirs = {
        key[len(f"{prefix}/grad/") :]: value
        for key, value in arrays.items()
        if key.startswith(f"{prefix}/grad/")
    }
    if not theirs:
        return
    own = published.variables(network, f"{letter}/vars/")
    clone = model.from_config(model.get_config())
    zeros = {name: np.zeros_like(value) for name, value in own.items()}
    if letter == "G":
        fused_from = 4 if network == "progan32" else None
        assign_generator(clone, {**zeros, **theirs}, fused_from)
    else:
        assign_discriminator(clone, {**zeros, **theirs})
    place = {id(variable): index for index, variable in enumerate(model.trainable_variables)}
    expected = [tf_variable(variable).numpy() for variable in clone.trainable_variables]
    factors = []
    for gradient, variable in zip(result.values, variables, strict=True):
        want = expected[place[id(variable)]]
        known = ~np.isnan(want)
        error, want = np.asarray(gradient)[known] - want[known], want[known]
        if IS_EXACT and (network, prefix) not in NEAR_ZERO:
            assert np.abs(error).max() <= ENTRY * (np.abs(want).max() or 1.0), variable.name
        length = np.linalg.norm(want)
        assert np.linalg.norm(error) <= LENGTH * (length or 1.0), variable.name
        if length:  # with fade 1 nothing reaches the lower image
            factors.append(np.sum(error * want) / length**2)
    assert abs(np.mean(factors)) <= FACTOR
    inactive = set(place.values()) - {place[id(variable)] for variable in variables}
    for index in inactive:
        assert not expected[index].any(), "a variable that the loss depends on was left out"
