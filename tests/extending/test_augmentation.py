"""An augmentation from outside: a file of the user's, by the command line and by Python."""

import tensorflow as tf

import stylegan_tf as sg

PLUGIN = '''
"""Mirrors images the more often, the surer the discriminator is."""

import tensorflow as tf

import stylegan_tf as sg


@sg.augment.register("adaptive_flip")
class AdaptiveFlip(tf.Module):
    def __init__(self, step=0.25):
        super().__init__()
        self.step = step
        self.probability = tf.Variable(0.0, trainable=False)
        self.sign = tf.Variable(0.0, trainable=False)

    def __call__(self, images, rng):
        mirrored = rng.uniform([tf.shape(images)[0], 1, 1, 1]) < self.probability
        return tf.where(mirrored, images[:, :, ::-1], images)

    def update(self, sign):
        self.sign.assign(sign)
        self.probability.assign(tf.clip_by_value(self.probability + self.step, 0, 1))
'''


def saved(folder) -> dict[str, float]:
    """The variables of the augmentation in the newest checkpoint."""
    (run,) = (folder / "runs").iterdir()
    checkpoint = tf.train.load_checkpoint(tf.train.latest_checkpoint(str(run / "checkpoints")))
    names = [name for name in checkpoint.get_variable_to_shape_map() if name.startswith("augment/")]
    return {name.split("/")[1]: float(checkpoint.get_tensor(name)) for name in names}


def test_an_augmentation_trains_by_the_command_line(folder, train, capsys):
    (folder / "my_flip.py").write_text(PLUGIN)
    options = "--set=augment.options.step=0.5"
    config, (row,) = train("--plugin=my_flip", "--aug=adaptive_flip", options)
    assert "augmentation adaptive_flip" in capsys.readouterr().out
    assert config["augment"] == {"name": "adaptive_flip", "options": {"step": 0.5}}
    assert "real_sign" not in row
    state = saved(folder)
    assert state["probability"] == 0.5  # one call of four steps
    assert 0 < abs(state["sign"]) <= 1
    # A resumed run goes on from there.
    _, rows = train("--resume=latest", "--kimg=0.032")
    assert len(rows) == 2
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
