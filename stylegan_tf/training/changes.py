"""What may be different where a run is resumed."""

import dataclasses
from collections.abc import Iterable
from typing import Any

from stylegan_tf.training.config import Config
from stylegan_tf.training.settings import SettingError

# Whether another value of a key changes the mathematics: what is computed from the checkpoint on.
# The number of devices does not: they share the batch (the random numbers of an image are others).
CHANGES_MATHEMATICS = {
    "data.path": False,  # the same images may have moved
    "data.fingerprint": True,
    "data.resolution": True,
    "data.mirror": True,
    "data.cond": True,
    "generator.architecture": True,
    "generator.latent_size": True,
    "generator.w_size": True,
    "generator.fmap_base": True,
    "generator.fmap_decay": True,
    "generator.fmap_max": True,
    "generator.mapping_layers": True,
    "generator.mapping_units": True,
    "generator.mapping_lr_multiplier": True,
    "generator.mixing_probability": True,
    "generator.clamp": True,
    "generator.half_resolutions": True,
    "discriminator.architecture": True,
    "discriminator.fmap_base": True,
    "discriminator.fmap_decay": True,
    "discriminator.fmap_max": True,
    "discriminator.mbstd_group_size": True,
    "discriminator.mbstd_num_features": True,
    "discriminator.pool_first": True,
    "discriminator.mapping_layers": True,
    "discriminator.mapping_lr_multiplier": True,
    "discriminator.clamp": True,
    "discriminator.half_resolutions": True,
    "loss.name": True,
    "loss.penalties": True,
    "loss.penalty_options": True,
    "augment.name": True,
    "augment.options": True,
    "optimizer.generator": True,
    "optimizer.discriminator": True,
    "optimizer.beta_1": True,
    "optimizer.beta_2": True,
    "optimizer.epsilon": True,
    "optimizer.freeze_d": True,
    "schedule.total_kimg": False,  # where it ends
    "schedule.start_resolution": True,
    "schedule.stable_kimg": True,
    "schedule.fade_kimg": True,
    "schedule.batch": True,
    "schedule.batch_base": True,
    "schedule.learning_rate": True,
    "schedule.learning_rate_base": True,
    "schedule.tick_kimg": False,  # how often it reports
    "schedule.tick_kimg_base": False,
    "schedule.minibatch_repeats": True,
    "schedule.reset_optimizers": True,
    "schedule.generator_first": True,
    "schedule.ema_kimg": True,
    "schedule.ema_rampup": True,
    "schedule.w_avg_beta": True,
    "output.snapshot_ticks": False,
    "output.grid_columns": False,
    "output.grid_rows": False,
    "output.keep_checkpoints": False,
    "metrics.names": False,
    "metrics.every_ticks": False,
    "metrics.features": False,
    "metrics.classifiers": False,
    "plugins": False,
    "strategy": False,
    "precision": True,
    "xla": False,  # sums in another order
    "seed": True,
    "init_from": True,
    "licence": False,
}

# Parts of a checkpoint that do not fit where these keys have changed: they start anew.
PARTS = {
    "loss.name": ("sums",),
    "loss.penalties": ("sums", "penalties"),
    "loss.penalty_options": ("penalties",),
    "augment.name": ("augment",),
    "augment.options": ("augment",),
    "optimizer.generator": ("generator_optimizer",),
    "optimizer.discriminator": ("discriminator_optimizer",),
    "optimizer.freeze_d": ("discriminator_optimizer",),
    "precision": ("loss_scales",),
}


@dataclasses.dataclass(frozen=True)
class Change:
    """A key of the configuration that has another value than the run was started with."""

    key: str
    before: Any
    after: Any

    @property
    def is_mathematical(self) -> bool:
        """Whether it changes what is computed."""
        return CHANGES_MATHEMATICS[self.key]


def changes(stored: Config, resumed: Config) -> list[Change]:
    """Returns what differs between two configurations."""
    before, after = dict(stored.leaves()), dict(resumed.leaves())
    return [Change(key, before[key], value) for key, value in after.items() if value != before[key]]


def refuse(name: str, differences: Iterable[Change]) -> None:
    """Raises SettingError if a change of a run changes the mathematics.

    Args:
        name: of the run, for the message.
        differences: as by `changes`.
    """
    for change in differences:
        if change.key == "data.fingerprint":
            raise SettingError(
                "data.path",
                f": {name} was started with other images (their fingerprint is another); give "
                "the same ones, or --allow-change to go on with these",
            )
        if change.is_mathematical:
            raise SettingError(
                change.key,
                f" is {change.after}, but {name} was started with {change.before}; that changes "
                "what it computes, so start a new run, or give --allow-change",
            )


def parts_anew(differences: Iterable[Change]) -> set[str]:
    """Returns the parts of the checkpoint, as `Networks.parts` names them, that do not fit."""
    return {part for change in differences for part in PARTS.get(change.key, ())}
