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
