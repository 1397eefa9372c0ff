"""Metrics of a user's own: one of features, one of images, one of a generator."""

import numpy as np

import stylegan_tf as sg


@sg.metrics.register("mean_distance", needs="features", label="distance of the means")
def mean_distance(real_features, fake_features):
    """Returns the distance of the means of features, [N, D] and [M, D]."""
    return float(np.linalg.norm(real_features.mean(0) - fake_features.mean(0)))


@sg.metrics.register(
    "contrast", needs="images", higher_is_better=True, minimum=1, label="contrast", unit="levels"
)
def contrast(real_images, fake_images):
    """Returns how far bytes are from their mean, uint8 [N, R, R, 3] and [M, R, R, 3]."""
    return {"fake": fake_images.std(), "real": real_images.std()}


@sg.metrics.register("w_length", needs="generator", count=8)
def w_length(generator, sampling):
    """Returns the mean length of w."""
    first = sampling.seed
    z = sg.latents.z_from_seeds(range(first, first + sampling.count), generator.latent_size)
    w = generator.mapping(z, sampling.labels).numpy()
    return np.linalg.norm(w, axis=1).mean()
