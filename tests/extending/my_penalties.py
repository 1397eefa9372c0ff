"""Keeps the logits of fakes near 0; R1 by a tape of one's own, every second step."""

import tensorflow as tf

import stylegan_tf as sg


@sg.penalties.register("fake_drift")
class FakeDrift:
    def __call__(self, critic, real, fake, rng):
        return tf.square(critic.logits(fake))


@sg.penalties.register("noisy_r1")
class NoisyR1:
    interval = 2

    def __init__(self, deviation=0.1):
        self.deviation = deviation

    def __call__(self, critic, real, fake, rng):
        images = real + rng.normal(real.shape, stddev=self.deviation)
        with tf.GradientTape() as tape:
            tape.watch(images)
            logits = critic(images)
        return tf.reduce_sum(tf.square(tape.gradient(logits, images)), axis=[1, 2, 3]) / 2
