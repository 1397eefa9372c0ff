"""What `--config NAME` stands for."""

import pytest

from stylegan_tf.models.sizes import feature_maps
from stylegan_tf.training import recipes
from stylegan_tf.training.config import Config
from stylegan_tf.training.networks import Networks
from stylegan_tf.training.objective import statistics
from stylegan_tf.training.recipes import RECIPES
from stylegan_tf.training.schedule import Schedule

# Resolution, GPUs: batch, fmap_base, learning rate, R1, ema_kimg, group of the minibatch deviation,
# as the program of the ADA paper resolves them (its `channel_base` is twice `fmap_base`).
AUTOMATIC = {
    (32, 1): (32, 8192, 0.0025, 0.0064, 10.0, 4),
    (256, 1): (16, 8192, 0.0025, 0.8192, 5.0, 4),
    (256, 8): (64, 8192, 0.0025, 0.2048, 20.0, 4),
    (512, 2): (16, 16384, 0.0025, 3.2768, 5.0, 4),
    (1024, 1): (4, 16384, 0.002, 52.4288, 1.25, 4),
    (1024, 8): (32, 16384, 0.002, 6.5536, 10.0, 4),
}


@pytest.mark.parametrize(("resolution", "gpus"), AUTOMATIC)
def test_the_sizes_of_stylegan2_ada_are_the_published_ones(resolution, gpus):
    config = Config.preset("stylegan2-ada", resolution=resolution, gpus=gpus)
    result = (
        config.schedule.batch_base,
        config.generator.fmap_base,
        config.schedule.learning_rate_base,
        pytest.approx(config.loss.penalties["r1"]),
        config.schedule.ema_kimg,
        config.discriminator.mbstd_group_size,
    )
    assert AUTOMATIC[resolution, gpus] == result
    assert config.generator.fmap_base == config.discriminator.fmap_base
    assert config.generator.mapping_layers == 2
    assert config.schedule.ema_rampup == 0.05
    assert config.generator.clamp == config.discriminator.clamp == 256


def test_stylegan2_is_configuration_f_of_its_paper():
    config = Config.preset("stylegan2", resolution=1024, gpus=8)
    assert config.schedule.batch_base == 32
    assert config.generator.fmap_base == config.discriminator.fmap_base == 16384
    assert config.schedule.learning_rate_base == 0.002
    assert config.loss.penalties == {"r1": 10.0, "path_length": 2.0}
    assert config.schedule.ema_kimg == 10.0
    assert config.schedule.total_kimg == 25000


@pytest.mark.parametrize("gpus", [3, 5, 6, 7])
@pytest.mark.parametrize("name", RECIPES)
def test_gpus_share_a_batch_equally(name, gpus):
    assert Config.preset(name, resolution=64, gpus=gpus).schedule.batch_base % gpus == 0


@pytest.mark.parametrize("name", ["stylegan2", "stylegan2-ada"])
def test_a_cpu_keeps_the_small_sizes_of_its_plan(name):
    cpu = Config.preset("cpu")
    config = cpu.replace(recipes.on_cpu(name))
    assert config.generator.architecture == RECIPES[name].essence["generator.architecture"]
    for section, key in [
        ("generator", "fmap_max"),
        ("generator", "w_size"),
        ("schedule", "total_kimg"),
    ]:
        assert getattr(getattr(config, section), key) == getattr(getattr(cpu, section), key)


@pytest.mark.parametrize("name", ["gan", "dcgan"])
def test_adam_of_a_dcgan_is_that_of_its_paper(name):
    """Radford et al. 2015, section 4: mini-batches of 128, a rate of 0.0002, β₁ 0.5."""
    config = Config.preset(name, resolution=64)
    assert (config.schedule.batch_base, config.schedule.learning_rate_base) == (128, 0.0002)
    assert (config.optimizer.beta_1, config.optimizer.beta_2) == (0.5, 0.999)
    assert config.generator.latent_size == 100
    assert (config.loss.name, config.loss.penalties) == ("non_saturating", {})


def test_the_feature_maps_of_a_dcgan_are_those_of_its_paper():
    config = Config.preset("dcgan", resolution=64)
    for network in (config.generator, config.discriminator):
        maps = [
            feature_maps(stage, network.fmap_base, 1, network.fmap_max) for stage in range(1, 5)
        ]
        assert maps == [1024, 512, 256, 128]


@pytest.mark.parametrize("name", ["gan", "dcgan"])
def test_the_generator_of_a_dcgan_is_not_averaged(name):
    config = Config.preset(name, resolution=32)
    assert Schedule(config.schedule, 32).ema_beta(batch=16, images_shown=0) < 1e-4


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_makes_networks_on_a_cpu(name):
    """The plan for CPUs sets nothing that the networks of the recipe do not take."""
    config = Config.preset("cpu").replace({"data.resolution": 8, **recipes.on_cpu(name)})
    tiny = {f"{part}.fmap_max": 4 for part in ("generator", "discriminator")}
    networks = Networks(config.replace(tiny), 3, 0, statistics(config.loss))
    assert networks.generator.architecture == RECIPES[name].essence["generator.architecture"]


def test_lazy_regularization_is_that_of_the_paper():
    config = Config.preset("stylegan2", resolution=32)
    intervals = {name: one["interval"] for name, one in config.loss.penalty_options.items()}
    assert intervals == {"r1": 16, "path_length": 4}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("stylegan2",), "preset 'stylegan2' needs the resolution of the images"),
        (("stylegan2", 64, 0), "gpus is 0; it must be at least 1"),
        (("stylegan3", 64), "there is no preset 'stylegan3'.*stylegan2"),
    ],
)
def test_presets_that_there_are_not_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        Config.preset(*arguments)
