"""Losses and gradient penalties, for each picture of a batch (paper, appendix C).

Logits are [N, 1] and every loss is [N]; the trainer takes the mean over the global batch.
"""

import tensorflow as tf


def generator_loss(name: str, fake_logits):
    """What the generator minimizes.

    Args:
        name: one of `config.LOSSES`; "logistic_ns" is the non-saturating one (Goodfellow et al.
            2014).
        fake_logits: [N, 1].

    Returns:
        [N].
    """
    fake = _flat(fake_logits)
    return tf.nn.softplus(-fake) if name == "logistic_ns" else -fake


def discriminator_loss(name: str, real_logits, fake_logits):
    """What the discriminator minimizes, penalties aside.

    Args:
        name: one of `config.LOSSES`.
        real_logits: [N, 1].
        fake_logits: [N, 1].

    Returns:
        [N].
    """
    real, fake = _flat(real_logits), _flat(fake_logits)
    if name == "logistic_ns":
        return tf.nn.softplus(fake) + tf.nn.softplus(-real)
    if name.startswith("hinge"):
        return tf.nn.relu(1 + fake) + tf.nn.relu(1 - real)
    return fake - real


def logits_and_squared_gradient(logits_of, images, scale=1.0, loss_scale=None):
    """The logits of pictures, and the squared length of their gradient by each picture.

    Pictures below the full resolution R are counted as R×R ones that repeat pixels, as published:
    the gradient by those is smaller by r/R, which `scale` = (r/R)² accounts for.

    Where the loss is multiplied by a loss scale S, the logits are multiplied by an s of their own
    before this gradient is taken, and it is divided by s in float32. At the pixels this gradient is
    s · ∇D in float16, and backpropagation of its square begins with S · scale · ∇D / s, times the
    weight of the penalty: s = √(S · scale) keeps both equally far from underflow.

    Args:
        logits_of: function from pictures [N, r, r, C] to logits [N, 1].
        images: [N, r, r, C], float32.
        scale: float, (r/R)².
        loss_scale: scalar tensor, S, or None where the loss is not scaled.

    Returns:
        logits [N, 1] and ‖∇D‖² [N], both differentiable by the weights.
    """
    with tf.GradientTape() as tape:
        tape.watch(images)
        logits = logits_of(images)
    if loss_scale is None:
        gradient = tape.gradient(logits, images)
    else:
        factor = tf.sqrt(loss_scale * scale)
        gradient = tape.gradient(logits, images, tf.fill(tf.shape(logits), factor)) / factor
    return logits, scale * tf.reduce_sum(tf.square(gradient), axis=[1, 2, 3])


def zero_centered_penalty(squared_gradient, gamma: float):
    """R1 on real or R2 on generated pictures: γ/2 · ‖∇D‖² (Mescheder et al. 2018), [N]."""
    return gamma / 2 * squared_gradient


def gradient_penalty(squared_gradient, weight: float, target: float):
    """WGAN-GP: λ · (‖∇D‖ - target)² / target² (Gulrajani et al. 2017), [N]."""
    return weight / target**2 * tf.square(_sqrt(squared_gradient) - target)


def drift_penalty(real_logits, weight: float):
    """Keeps the logits of real pictures near 0: ε · D(x)² (Karras et al. 2017, appendix A), [N]."""
    return weight * tf.square(_flat(real_logits))


def interpolate(reals, fakes, alpha):
    """Pictures on the lines between real and generated ones; alpha [N, 1, 1, 1] in [0, 1]."""
    return reals + (fakes - reals) * alpha


def _sqrt(x):
    # The gradient of √x at 0 is infinite; a picture without any gradient must not end the run.
    return tf.sqrt(tf.maximum(x, tf.constant(1e-30, x.dtype)))


def _flat(logits):
    return tf.squeeze(logits, axis=1)
