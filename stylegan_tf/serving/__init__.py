"""Serving: a trained generator as a SavedModel of stock ops, for TensorFlow Serving."""

from stylegan_tf.serving.export import export

__all__ = ["export"]
