"""Other machines than this one, as far as the choice of arithmetic goes."""

import tensorflow as tf

from stylegan_tf.ops import halves


def pretend(monkeypatch, gpus: int, extensions: list[str]) -> None:
    """Has so many GPUs, and a CPU with these vector extensions."""
    monkeypatch.setattr(halves, "_is_fast", halves._is_fast.__wrapped__)  # remembers nothing
    monkeypatch.setattr(halves, "vector_extensions", lambda: extensions)
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: [kind] * gpus)
