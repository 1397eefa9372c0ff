"""What to train by name, `--config stylegan2` and others: networks with all that goes with them.

A recipe has what makes it so on every machine, and the sizes that were published for GPUs; on a CPU
the sizes are those of the CPU plan. Values are settings by dotted key, for `Config.replace`.
"""

from collections.abc import Callable
from typing import NamedTuple

Settings = dict[str, object]
NETWORKS = ("generator", "discriminator")


class Recipe(NamedTuple):
    """Settings under one name.

    Attributes:
        summary: a line about it.
        essence: what makes it so.
        published: function of the resolution and the number of GPUs → the sizes as published.
        small: what training small networks on CPU cores takes instead.
    """

    summary: str
    essence: Settings
    published: Callable[[int, int], Settings]
    small: Settings


def on_gpus(name: str, resolution: int, gpus: int) -> Settings:
    """Returns the settings of a recipe as published.

    Args:
        name: of the recipe.
        resolution: of the images.
        gpus: int ≥ 1.

    Raises:
        ValueError: if there is no GPU.
    """
    if gpus < 1:
        raise ValueError(f"gpus is {gpus}; it must be at least 1")
    recipe = RECIPES[name]
    return {**recipe.essence, **recipe.published(resolution, gpus)}


def on_cpu(name: str) -> Settings:
    """Returns what a recipe changes of the plan for CPU cores."""
    recipe = RECIPES[name]
    return {**recipe.essence, **recipe.small}


def _stylegan2(resolution: int, gpus: int) -> Settings:
    """Configuration F of the StyleGAN2 paper, the same at every resolution (appendix B)."""
    return {
        **_sizes(fmap_base=16384, batch=_shared(32, gpus), gpus=gpus),
        "schedule.learning_rate_base": 0.002,
        "schedule.ema_kimg": 10.0,
    }


def _stylegan2_ada(resolution: int, gpus: int) -> Settings:
    """The rules that the ADA paper's program calls `auto`."""
    batch = _shared(min(gpus * min(4096 // resolution, 32), 64), gpus)
    return {
        **_sizes(fmap_base=16384 if resolution >= 512 else 8192, batch=batch, gpus=gpus),
        "generator.mapping_layers": 2,
        "generator.clamp": 256.0,
        "discriminator.clamp": 256.0,
        "loss.penalties": {"r1": 0.0002 * resolution**2 / batch, "path_length": 2.0},
        "schedule.learning_rate_base": 0.0025 if resolution < 1024 else 0.002,
        "schedule.ema_kimg": batch * 10 / 32,
        "schedule.ema_rampup": 0.05,
    }


def _sizes(fmap_base: int, batch: int, gpus: int) -> Settings:
    return {
        "generator.fmap_base": fmap_base,
        "discriminator.fmap_base": fmap_base,
        "discriminator.mbstd_group_size": min(batch // gpus, 4),
        "schedule.batch": {},
        "schedule.batch_base": batch,
        "schedule.learning_rate": {},
        "schedule.tick_kimg": {},
        "schedule.tick_kimg_base": 4.0,
        "output.snapshot_ticks": 50,
    }


def _shared(batch: int, gpus: int) -> int:
    """A batch of which all GPUs get the same number of images, at least one."""
    return max(batch // gpus, 1) * gpus


def _gan(resolution: int, gpus: int) -> Settings:
    """The paper names no sizes: these are ours."""
    return {
        "generator.fmap_max": 1024,
        "discriminator.fmap_max": 256,
        **_batch_of_128(gpus),
    }


def _dcgan(resolution: int, gpus: int) -> Settings:
    """1024 feature maps at 4×4, and half as many at each further size (Radford et al. 2015)."""
    sizes = {"fmap_base": 2048, "fmap_max": 1024}
    return {
        **{f"{name}.{key}": size for name in NETWORKS for key, size in sizes.items()},
        **_batch_of_128(gpus),
    }


def _batch_of_128(gpus: int) -> Settings:
    """Batches of 128 images, of which each GPU gets a multiple of four."""
    return {
        "schedule.batch": {},
        "schedule.batch_base": 4 * _shared(32, gpus),
        "schedule.tick_kimg": {},
        "schedule.tick_kimg_base": 4.0,
        "output.snapshot_ticks": 50,
    }


STYLEGAN2: Settings = {
    "generator.architecture": "stylegan2",
    "generator.mixing_probability": 0.9,
    "loss.name": "non_saturating",
    "loss.penalties": {"r1": 10.0, "path_length": 2.0},
    "loss.penalty_options": {"r1": {"interval": 16}, "path_length": {"interval": 4}},
    "schedule.generator_first": True,
}
# R1 by the rule of `_stylegan2_ada` for 32×32 and a batch of 8; no mixing, as in the CPU plan.
SMALL: Settings = {
    "loss.penalties": {"r1": 0.0256, "path_length": 2.0},
    "generator.mixing_probability": 0.0,
}

# Adam as in Radford et al. 2015, section 4, which networks of a GAN take, too. The generator is not
# averaged (the half-life is one image): moments of batch normalization go with the weights of now.
# These moments are averaged over the last 40 turns, 20 of each network: weights change faster than
# the distribution of w does.
GAN: Settings = {
    "generator.latent_size": 100,
    "generator.mixing_probability": 0.0,
    "loss.name": "non_saturating",
    "loss.penalties": {},
    "optimizer.beta_1": 0.5,
    "optimizer.beta_2": 0.999,
    "schedule.learning_rate": {},
    "schedule.learning_rate_base": 0.0002,
    "schedule.ema_kimg": 0.001,
    "schedule.w_avg_beta": 0.975,
}
# What the CPU plan sets of the mapping network, which there is none of, has its default again.
GAN_ON_CPU: Settings = {
    "generator.w_size": 512,
    "generator.mapping_units": 512,
    "generator.mapping_lr_multiplier": 0.01,
    "schedule.batch": {},
    "schedule.batch_base": 16,
}

RECIPES = {
    "stylegan2": Recipe(
        "StyleGAN2, configuration F of its paper (Karras et al. 2020)",
        STYLEGAN2,
        _stylegan2,
        SMALL,
    ),
    "stylegan2-ada": Recipe(
        "StyleGAN2 with adaptive augmentation (Karras et al. 2020), for some thousand images",
        {**STYLEGAN2, "augment.name": "ada"},
        _stylegan2_ada,
        SMALL,
    ),
    "gan": Recipe(
        "GAN of two multilayer perceptrons (Goodfellow et al. 2014)",
        {"generator.architecture": "gan", **GAN},
        _gan,
        {
            **GAN_ON_CPU,
            **{f"{name}.fmap_base": 8192 for name in NETWORKS},  # as above: there are no maps
            "generator.fmap_max": 512,
            "discriminator.fmap_max": 128,
            "schedule.learning_rate_base": 0.0003,
        },
    ),
    "dcgan": Recipe(
        "DCGAN: transposed convolutions, batch normalization (Radford et al. 2015)",
        {"generator.architecture": "dcgan", **GAN},
        _dcgan,
        {
            **GAN_ON_CPU,
            **{f"{name}.fmap_base": 256 for name in NETWORKS},
            **{f"{name}.fmap_max": 128 for name in NETWORKS},
            "schedule.learning_rate_base": 0.0004,
        },
    ),
}
