"""One test for all layers: shapes, configuration, saving, precision, gradients, graphs."""

import inspect
import json
from dataclasses import dataclass, field

import keras
import numpy as np
import pytest
import tensorflow as tf

from compare import assert_close
from stylegan_tf import layers
from stylegan_tf.backend_compat import tf_variable
from stylegan_tf.layers.inputs import DenseInput, LearnedConstant, NormalConstant
from stylegan_tf.models import Mapping, StyleGAN2Mapping, StyleGAN2Synthesis, Synthesis
from stylegan_tf.models.dcgan.synthesis import DCGANSynthesis
from stylegan_tf.models.gan.synthesis import GANSynthesis
from stylegan_tf.models.latent_mapping import LatentMapping
from stylegan_tf.models.stylegan2.mapping import LabelMapping
from weights import randomize

MAPS, W = (4, 8, 8, 6), (4, 5)


@dataclass(frozen=True)
class Case:
    layer: type
    inputs: list
    output: tuple
    arguments: dict = field(default_factory=dict)
    call: dict = field(default_factory=dict)
    half: bool = True  # follows the precision policy; mapping and synthesis give float32

    def __str__(self):
        values = [value for value in self.arguments.values() if isinstance(value, str)]
        return "-".join([self.layer.__name__, *values])

    def make(self):
        return self.layer(**self.arguments)

    def sample(self):
        rng = np.random.default_rng(1)
        return [tf.constant(rng.standard_normal(shape), tf.float32) for shape in self.inputs]


CONSTANT = {"noise": "constant"}
CASES = [
    Case(layers.AdaIN, [MAPS, W], MAPS),
    Case(layers.BatchNorm, [MAPS], MAPS, {"epsilon": 1e-3}),
    Case(layers.BatchNorm, [MAPS], MAPS, {"moving": False}),
    Case(layers.Blur, [MAPS], MAPS),
    Case(layers.BoxDownsample, [MAPS], (4, 4, 4, 6)),
    Case(layers.DiscriminatorBlock, [MAPS], (4, 4, 4, 7), {"filters": 3, "out_filters": 7}),
    Case(
        layers.DiscriminatorBlock,
        [MAPS],
        (4, 4, 4, 7),
        {"filters": 3, "out_filters": 7, "blur": False, "pool_first": False},
    ),
    Case(layers.EqualizedConv2D, [MAPS], (4, 8, 8, 3), {"filters": 3, "gain": 1.0}),
    Case(
        layers.EqualizedConv2D,
        [MAPS],
        (4, 8, 8, 3),
        {"filters": 3, "kernel_size": 1, "use_bias": False},
    ),
    Case(layers.EqualizedConv2D, [MAPS], (4, 16, 16, 3), {"filters": 3, "resample": "up"}),
    Case(layers.EqualizedConv2D, [MAPS], (4, 4, 4, 3), {"filters": 3, "resample": "down"}),
    Case(layers.EqualizedConv2D, [MAPS], (4, 16, 16, 3), {"filters": 3, "resample": "fir_up"}),
    Case(layers.EqualizedConv2D, [MAPS], (4, 4, 4, 3), {"filters": 3, "resample": "fir_down"}),
    Case(layers.EqualizedDense, [W], (4, 3), {"units": 3, "gain": 1.0, "lr_multiplier": 0.1}),
    Case(layers.EqualizedDense, [W], (4, 3), {"units": 3, "initial_bias": 1.0}),
    Case(layers.MinibatchStdDev, [MAPS], (4, 8, 8, 8), {"group_size": 2, "num_features": 2}),
    Case(layers.ModulatedConv2D, [MAPS, W], (4, 8, 8, 3), {"filters": 3, "gain": 2.0}),
    Case(layers.ModulatedConv2D, [MAPS, W], (4, 16, 16, 3), {"filters": 3, "up": True}),
    Case(
        layers.ModulatedLayer,
        [MAPS, W],
        (4, 16, 16, 3),
        {"filters": 3, "up": True, "gain": 1.0, "clamp": 2.0},
        CONSTANT,
    ),
    Case(layers.ModulatedRGB, [MAPS, W], (4, 8, 8, 3), {"channels": 3, "clamp": 2.0}, half=False),
    Case(layers.NearestUpsample, [MAPS], (4, 16, 16, 6)),
    Case(layers.NoiseInjection, [MAPS], MAPS, call=CONSTANT),
    Case(layers.NoiseInjection, [MAPS], MAPS, {"per_map": False}, CONSTANT),
    Case(layers.PixelNorm, [MAPS], MAPS, {"epsilon": 1e-6}),
    Case(layers.ResidualBlock, [MAPS], (4, 4, 4, 7), {"filters": 3, "out_filters": 7}),
    Case(
        layers.ResidualBlock,
        [MAPS],
        (4, 4, 4, 7),
        {"filters": 3, "out_filters": 7, "residual": False, "clamp": 2.0},
    ),
    Case(layers.SynthesisLayer, [MAPS, W], (4, 8, 8, 3), {"filters": 3}, CONSTANT),
    Case(
        layers.SynthesisLayer,
        [MAPS, W],
        (4, 16, 16, 3),
        {"filters": 3, "source": "up", "blur": True, "use_noise": False, "use_styles": False},
    ),
    Case(LearnedConstant, [W], (4, 4, 4, 3), {"filters": 3}),
    Case(NormalConstant, [W], (4, 4, 4, 3), {"filters": 3}),
    Case(DenseInput, [W], (4, 4, 4, 3), {"filters": 3}),
    Case(
        Mapping,
        [W],
        (4, 3),
        {"latent_size": 5, "w_size": 3, "layers": 2, "units": 4},
        half=False,
    ),
    Case(
        Synthesis,
        [W],
        (4, 8, 8, 3),
        {"resolution": 8, "w_size": 5, "fmap_max": 4},
        {**CONSTANT, "fade": 0.5},  # so that both layers to RGB are in use
        half=False,
    ),
    Case(LatentMapping, [W], W, {"latent_size": 5}, half=False),
    Case(GANSynthesis, [W], (4, 8, 8, 3), {"resolution": 8, "w_size": 5, "units": 4}, half=False),
    Case(
        DCGANSynthesis,
        [W],
        (4, 16, 16, 3),
        {"resolution": 16, "w_size": 5, "fmap_max": 4},
        half=False,
    ),
    Case(LabelMapping, [W], (4, 3), {"label_size": 5, "size": 3, "layers": 2}, half=False),
    Case(
        StyleGAN2Mapping,
        [W],
        (4, 3),
        {"latent_size": 5, "w_size": 3, "layers": 2, "units": 4},
        half=False,
    ),
    Case(
        StyleGAN2Synthesis,
        [W],
        (4, 8, 8, 3),
        {"resolution": 8, "w_size": 5, "fmap_max": 4, "architecture": "stylegan2-resnet"},
        CONSTANT,
        half=False,
    ),
]
every_layer = pytest.mark.parametrize("case", CASES, ids=str)


def test_no_layer_is_forgotten():
    assert {case.layer.__name__ for case in CASES} >= set(layers.__all__)


@every_layer
def test_output_has_the_shape_and_type_it_says(case):
    layer, inputs = case.make(), case.sample()
    output = layer(*inputs, **case.call)
    assert output.shape == case.output
    assert output.dtype == "float32"
    assert tuple(layer.compute_output_shape(*case.inputs)) == case.output


@every_layer
def test_configuration_makes_the_same_layer(case):
    config = json.loads(json.dumps(case.make().get_config()))
    again = case.layer.from_config(config)
    assert again.get_config() == config
    assert {name: config[name] for name in case.arguments} == case.arguments
    assert arguments_of(case.layer) <= set(config)


def arguments_of(layer) -> set[str]:
    """The names in the signature of the constructor that Keras does not have itself."""
    own, base = (inspect.signature(made.__init__) for made in (layer, keras.layers.Layer))
    old_names = {"config"}  # of `architecture`
    return set(own.parameters) - set(base.parameters) - {"args", "kwargs"} - old_names


@every_layer
def test_saved_in_a_model_it_computes_the_same(case, tmp_path):
    inputs = [keras.Input(shape[1:]) for shape in case.inputs]
    model = keras.Model(inputs, case.make()(*inputs, **case.call))
    randomize(model)
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    assert_close(again(case.sample()), model(case.sample()), 1e-6)


@every_layer
def test_mixed_precision_keeps_float32_weights(case, mixed_bfloat16):
    layer = case.make()
    output = layer(*case.sample(), **case.call)
    assert output.dtype == ("bfloat16" if case.half else "float32")
    assert {tf.as_dtype(weight.dtype) for weight in layer.weights} <= {tf.float32}


def make_random(case):
    """The layer with random weights, and inputs for it."""
    layer, inputs = case.make(), case.sample()
    layer(*inputs, **case.call)
    return randomize(layer), inputs


@every_layer
def test_every_trainable_weight_has_a_finite_gradient(case, rng):
    layer, inputs = make_random(case)
    weights = [tf_variable(weight) for weight in layer.trainable_weights]
    with tf.GradientTape() as tape:
        output = layer(*inputs, **case.call)
        loss = tf.reduce_sum(output * rng.standard_normal(case.output))
    for weight, gradient in zip(weights, tape.gradient(loss, weights), strict=True):
        assert gradient is not None, weight.name
        assert np.all(np.isfinite(gradient)), weight.name
        assert np.any(gradient), weight.name


@every_layer
def test_graph_computes_what_eager_does(case):
    layer, inputs = make_random(case)
    graph = tf.function(lambda *inputs: layer(*inputs, **case.call))
    assert_close(graph(*inputs), layer(*inputs, **case.call), 1e-5)
