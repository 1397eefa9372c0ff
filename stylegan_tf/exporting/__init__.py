"""Weights for other programs, under the published names."""

from stylegan_tf.exporting.published import published_arrays
from stylegan_tf.exporting.weights_file import write_weights

__all__ = ["published_arrays", "write_weights"]
