"""Other machines than this one, as far as the choice of arithmetic goes."""

import tensorflow as tf

from stylegan_tf import machine
from stylegan_tf.ops import dispatch, low_precision


def pretend(monkeypatch, gpus: int, extensions: list[str]) -> None:
    """Has so many GPUs, and a CPU with these vector extensions."""
    for module, remembered in ((low_precision, "_is_fast"), (dispatch, "has_avx2")):
        forgetful = getattr(module, remembered).__wrapped__
        monkeypatch.setattr(module, remembered, forgetful)
    for module in (machine, dispatch):
        monkeypatch.setattr(module, "vector_extensions", lambda: extensions)
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: [kind] * gpus)
