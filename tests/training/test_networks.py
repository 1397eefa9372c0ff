"""What a checkpoint holds, by the keys that checkpoints of earlier versions have."""

from pathlib import Path

import numpy as np
import tensorflow as tf

import runs

END = "/.ATTRIBUTES/VARIABLE_VALUE"
# All keys of `tf.train.list_variables` outside the networks and the optimizers, whose own keys
# Keras decides, and their first parts.
KEYS = {
    "images",
    "last_look",
    "tick",
    "tick_start",
    "save_counter",
    "sums/calls",
    "sums/loss_g",
    "sums/loss_d",
    "sums/real_logit",
    "sums/fake_logit",
    "sums/r1",
    "sums/skipped",
}
FLOAT16_KEYS = {f"loss_scales/{name}/{part}" for name in "dg" for part in ("value", "good_steps")}
MODELS = {
    "generator",
    "discriminator",
    "average",
    "generator_optimizer",
    "discriminator_optimizer",
}
GENERATOR_KEYS = {
    "w_avg",
    *(f"mapping/dense{index}/{name}" for index in range(2) for name in ("kernel", "bias")),
    "synthesis/layer0/source_layer/constant",
    *(f"synthesis/layer{index}/source_layer/kernel" for index in (1, 2, 3)),
    *(
        f"synthesis/layer{index}/{name}"
        for index in range(4)
        for name in (
            "bias",
            "noise/constant",
            "noise/strength",
            "adain/affine/kernel",
            "adain/affine/bias",
        )
    ),
    *(f"synthesis/to_rgb{size}/{name}" for size in (4, 8) for name in ("kernel", "bias")),
}


def keys_of(networks, folder) -> set[str]:
    """The keys of a checkpoint, without the common end."""
    path = networks.checkpoint().save(str(folder / "ckpt"))
    return {name.removesuffix(END) for name, _ in tf.train.list_variables(path)}


def test_a_checkpoint_has_the_keys_of_earlier_versions(tmp_path):
    _, networks = runs.step()
    keys = keys_of(networks, tmp_path) - {"_CHECKPOINTABLE_OBJECT_GRAPH"}
    models = {key for key in keys if key.partition("/")[0] in MODELS}
    assert keys - models == KEYS
    assert {key.partition("/")[0] for key in models} == MODELS
    ema = {key.removeprefix("average/") for key in models if key.startswith("average/")}
    assert ema == GENERATOR_KEYS


def test_loss_scales_are_in_a_checkpoint_of_float16(tmp_path):
    _, networks = runs.step(precision="mixed_float16")
    assert {key for key in keys_of(networks, tmp_path) if "scale" in key} == FLOAT16_KEYS


def test_what_a_penalty_remembers_is_in_a_checkpoint(tmp_path):
    _, networks = runs.step(loss={"penalties": {"path_length": 2.0}})
    networks.objective.state["path_length"]["mean"].assign(0.75)
    keys = {key for key in keys_of(networks, tmp_path) if key.startswith("penalties/")}
    assert keys == {"penalties/path_length/mean"}
    _, others = runs.step(loss={"penalties": {"path_length": 2.0}})
    others.checkpoint().restore(tf.train.latest_checkpoint(tmp_path)).assert_consumed()
    assert others.objective.state["path_length"]["mean"] == 0.75


def test_a_checkpoint_of_an_earlier_version_is_restored(tmp_path):
    """As that version wrote it: each attribute of its state under its name."""
    _, old = runs.step()
    old.images.assign(48)
    old.last_schedule_images.assign(40)
    old.tick.assign(3)
    old.sums["loss_g"].assign(0.5)
    for index, variable in enumerate(old.generator_ema.trainable_variables):
        variable.assign(np.full(variable.shape, index + 0.5, np.float32))
    path = tf.train.Checkpoint(
        generator=old.generator,
        discriminator=old.discriminator,
        average=old.generator_ema,
        generator_optimizer=old.generator_optimizer,
        discriminator_optimizer=old.discriminator_optimizer,
        loss_scales={},
        images=old.images,
        last_look=old.last_schedule_images,
        tick=old.tick,
        tick_start=old.tick_start,
        sums=old.sums,
    ).save(str(tmp_path / "ckpt"))

    run = runs.session(tmp_path)
    run.trainer.restore(Path(path))
    networks = run.trainer.networks
    assert (networks.kimg, int(networks.tick.numpy())) == (0.048, 3)
    assert int(networks.last_schedule_images.numpy()) == 40
    assert float(networks.sums["loss_g"].numpy()) == 0.5
    restored = networks.generator_ema.get_weights()
    for new, expected in zip(restored, old.generator_ema.get_weights(), strict=True):
        np.testing.assert_array_equal(new, expected)
