"""The saturating loss of Goodfellow et al. 2014."""

import tensorflow as tf

import stylegan_tf as sg


@sg.losses.register("saturating")
class Saturating:
    def generator(self, real_logits, fake_logits):
        return -tf.nn.softplus(fake_logits)

    def discriminator(self, real_logits, fake_logits):
        return tf.nn.softplus(fake_logits) + tf.nn.softplus(-real_logits)
