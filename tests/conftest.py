"""What all tests share: a quiet TensorFlow, repeatable examples, a clean policy."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

# TensorFlow reads the variable above when it starts, and what the package sets.
import stylegan_tf  # noqa: E402, F401, I001  isort: skip
import keras  # noqa: E402
import numpy as np  # noqa: E402
import pytest  # noqa: E402
import tensorflow as tf  # noqa: E402
from hypothesis import settings  # noqa: E402

settings.register_profile(
    "repeatable", max_examples=12, deadline=None, derandomize=True, database=None
)
settings.load_profile("repeatable")

# GPUs would round the factors of float32 products to 10 bits: too coarse for float64 beside it.
tf.config.experimental.enable_tensor_float_32_execution(False)


def pytest_collection_modifyitems(items):
    """Skips what needs a GPU where there is none."""
    wanted = [item for item in items if item.get_closest_marker("gpu")]
    if wanted and not tf.config.list_physical_devices("GPU"):
        for item in wanted:
            item.add_marker(pytest.mark.skip(reason="no CUDA device"))


@pytest.fixture(autouse=True)
def repeatable():
    """Fresh weights and random noise are the same in every run."""
    keras.utils.set_random_seed(0)


@pytest.fixture
def rng() -> np.random.Generator:
    """Random numbers, the same in every run."""
    return np.random.default_rng(0)


@pytest.fixture
def mixed_bfloat16():
    """Layers made in the test compute in bfloat16 and keep float32 weights."""
    before = keras.mixed_precision.global_policy()
    keras.mixed_precision.set_global_policy("mixed_bfloat16")
    yield
    keras.mixed_precision.set_global_policy(before)
