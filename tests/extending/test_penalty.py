"""A penalty from outside: a file of the user's, by the command line and by Python."""

import tensorflow as tf

import stylegan_tf as sg


def test_penalties_train_by_the_command_line(trained):
    plan = "loss      saturating + 0.5 × fake_drift + 2 × noisy_r1 + 1 × r1"
    assert plan in trained.printed
    assert trained.config["loss"]["penalty_options"] == {"noisy_r1": {"deviation": 0}}
    (row,) = trained.rows
    assert row["fake_drift"] > 0
    # Without noise it is R1 times 2, in half of the steps times 2: about the same on average.
    assert 1 < row["noisy_r1"] / row["r1"] < 4


def test_a_penalty_trains_by_python(folder, small):
    @sg.penalties.register("real_drift_of_a_test")
    class RealDrift:
        def __call__(self, critic, real, fake, rng):
            return tf.abs(critic.logits(real))

    images = tf.ones([2, 4, 4, 3])
    critic = sg.penalties.Critic(lambda x, labels: -tf.reduce_sum(x, [1, 2, 3]), images, images)
    penalty = sg.penalties.get("real_drift_of_a_test")()
    assert penalty(critic, images, images, rng=None).numpy().tolist() == [48, 48]
    config = small.replace({"loss.penalties": {"real_drift_of_a_test": 3}})
    (row,) = sg.training.train(config).stats
    # Four images of one step: the mean of |x| is at least |the mean of x|.
    assert row["real_drift_of_a_test"] >= 3 * abs(row["real_logit"]) - 1e-6
    assert "r1" not in row
