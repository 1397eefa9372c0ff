"""An augmentation from outside: a file of the user's, by the command line and by Python."""

import shutil

import pytest
import tensorflow as tf

import stylegan_tf as sg


def saved(folder) -> dict[str, float]:
    """The variables of the augmentation in the newest checkpoint."""
    (run,) = (folder / "runs").iterdir()
    checkpoint = tf.train.load_checkpoint(tf.train.latest_checkpoint(str(run / "checkpoints")))
    names = [name for name in checkpoint.get_variable_to_shape_map() if name.startswith("augment/")]
    return {name.split("/")[1]: float(checkpoint.get_tensor(name)) for name in names}


def test_an_augmentation_trains_by_the_command_line(trained):
    assert "augmentation adaptive_flip" in trained.printed
    assert trained.config["augment"] == {"name": "adaptive_flip", "options": {"step": 0.5}}
    (row,) = trained.rows
    assert "real_sign" not in row
    state = saved(trained.folder)
    assert state["probability"] == 0.5  # one call of four steps
    assert 0 < abs(state["sign"]) <= 1


@pytest.mark.slow
def test_a_resumed_run_goes_on_from_there(trained, folder, train):
    shutil.copytree(trained.folder, folder, dirs_exist_ok=True)
    assert len(train("--resume=latest", "--kimg=0.032").rows) == 2
    assert saved(folder)["probability"] == 1.0


def test_an_augmentation_trains_by_python(folder, small):
    @sg.augment.register("blank_of_a_test")
    class Blank:
        def __call__(self, images, rng):
            return images * 0

    (row,) = sg.training.train(small.replace({"augment.name": "blank_of_a_test"})).stats
    # The discriminator sees no difference, and its gradient at the images is 0.
    assert row["real_logit"] == row["fake_logit"]
    assert row["r1"] == 0
