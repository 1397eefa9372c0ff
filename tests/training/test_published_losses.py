"""Losses and their gradients against those of the published networks."""

import os

import numpy as np
import pytest
import tensorflow as tf

import published
import vectors
from published import resolution_and_fade
from published_draws import draws_of
from stylegan_tf.backend_compat import tf_variable
from stylegan_tf.importing import assign_discriminator, assign_generator
from stylegan_tf.training import gan as gan_module
from stylegan_tf.training.config import Config
from stylegan_tf.training.settings import replace

# Every entry is within 2e-5 of the largest by TensorFlow's own kernels. oneDNN's round otherwise,
# and where a leaky ReLU sees that on the other side of 0, all that this pixel adds to is farther
# off: one channel of a kernel, and what comes before. `.ci/run` runs this file both ways.
ONEDNN = os.environ.get("TF_ENABLE_ONEDNN_OPTS") != "0"
# Rounded weights of the small vectors do the same, for more pixels.
NEAR, SHARE, LARGEST = (2e-5, 1e-2, 5e-3) if ONEDNN else (2e-5, 0, 2e-5)
if not vectors.IS_WHOLE:
    NEAR, SHARE, LARGEST = 3e-3, 0.1, 3e-2

NAMES = {
    "D_logistic": {"loss.name": "logistic_ns", "loss.gamma": 0.0},
    "D_logistic_simplegp": {"loss.name": "logistic_ns"},
    "D_logistic_simplegp_r2only": {
        "loss.name": "logistic_ns",
        "loss.gamma": 0.0,
        "loss.r2_gamma": 10.0,
    },
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
    """Takes the stored noise where nothing was drawn, as the "plain" vectors did."""

    def fakes(self, draw, labels, fade, resolution):
        if draw.noise or not self.generator.synthesis.noise_shapes():
            return super().fakes(draw, labels, fade, resolution)
        layers = self.generator.synthesis.synthesis_layers
        stored = [tf.convert_to_tensor(layer.noise.constant) for layer in layers]
        return super().fakes(draw._replace(noise=stored), labels, fade, resolution)


def gradients(network, config, function, lod, variant):
    """The loss, the network it belongs to, and its gradients by variable name."""
    arrays = published.arrays(network)
    prefix = f"loss/{function}/lod{lod}/{variant}"
    generator = published.generator(network, fused=int(config == "a"), config=config)
    discriminator = published.discriminator(network, config=config)
    settings = replace(Config(), NAMES[function])
    gan = ConstantNoise(generator, discriminator, settings)
    draw = draws_of(f"{prefix}/rnd/", arrays, generator.num_layers)
    where = resolution_and_fade(lod)
    fade = tf.constant(where["fade"], tf.float32)
    if function.startswith("G_"):
        found = gan.generator_gradients(draw, None, fade, where["resolution"], 1.0)
        variables = gan_module.active_generator_variables(generator, where["resolution"])
        return found, generator, variables, "loss_g"
    reals = published.nhwc(arrays[f"out/process_reals/lod{lod}/plain"], where["resolution"])
    reals = tf.constant(reals, tf.float32)
    found = gan.discriminator_gradients(draw, reals, None, fade, where["resolution"], 1.0)
    variables = gan_module.active_discriminator_variables(discriminator, where["resolution"])
    return found, discriminator, variables, "loss_d"


@pytest.mark.parametrize("case", CASES, ids=lambda case: "-".join(map(str, case)))
def test_loss_and_gradients_equal_the_published(case):
    network, _, function, lod, variant = case
    found, model, variables, name = gradients(*case)
    arrays = published.arrays(network)
    prefix = f"loss/{function}/lod{lod}/{variant}"
    limit = published.TOLERANCE
    np.testing.assert_allclose(found.sums[name], arrays[f"{prefix}/mean"], rtol=limit, atol=limit)
    compare_gradients(found, model, variables, arrays, prefix, network)


def compare_gradients(found, model, variables, arrays, prefix, network):
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
    errors = []
    for gradient, variable in zip(found.values, variables, strict=True):
        want = expected[place[id(variable)]]
        known = ~np.isnan(want)
        scale = np.abs(want[known]).max() or 1.0  # with fade 1 nothing reaches the lower picture
        errors.append(np.abs(gradient[known] - want[known]) / scale)
        assert errors[-1].max() <= LARGEST, variable.name
    assert np.mean(np.concatenate(errors) > NEAR) <= SHARE
    inactive = set(place.values()) - {place[id(variable)] for variable in variables}
    for index in inactive:
        assert not expected[index].any(), "a variable that the loss depends on was left out"
