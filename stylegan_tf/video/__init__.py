"""Videos of a trained generator: paths through its latents, and the files they go into."""

from stylegan_tf.lazy import names_of

__all__ = ["frames", "write"]
__getattr__ = names_of(__name__, {"frames": "scenes", "write": "writing"})
