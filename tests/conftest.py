"""What all tests share: a quiet TensorFlow, repeatable examples, a clean policy."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "").removeprefix("gw")
if WORKER and hasattr(os, "sched_setaffinity"):
    # A core for each worker: threads of several processes that wait for each other on the same
    # cores make a test take ten times as long.
    _cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {_cores[int(WORKER) % len(_cores)]})

# TensorFlow reads the variable above when it starts, and what the package sets.
import stylegan_tf  # noqa: E402, F401, I001  isort: skip
import keras  # noqa: E402
import numpy as np  # noqa: E402
import pytest  # noqa: E402
import tensorflow as tf  # noqa: E402
from hypothesis import settings  # noqa: E402

import slow_tests  # noqa: E402
import vectors  # noqa: E402
from stylegan_tf.machine import cores  # noqa: E402

settings.register_profile(
    "repeatable", max_examples=12, deadline=None, derandomize=True, database=None
)
settings.load_profile("repeatable")

# GPUs would round the factors of float32 products to 10 bits: too coarse for float64 beside it.
tf.config.experimental.enable_tensor_float_32_execution(False)


def pytest_addoption(parser):
    """Adds `--all`."""
    parser.addoption(
        "--all", action="store_true", help="run the slow tests, too (pytest alone: the quick ones)"
    )


def pytest_report_header(config):
    """Says which published numbers the tests compare with."""
    return f"published numbers: {vectors.REFERENCE if vectors.IS_WHOLE else vectors.BUNDLED}"


@pytest.hookimpl(tryfirst=True)  # before `-m slow` looks for the marker
def pytest_collection_modifyitems(config, items):
    """Leaves out what is slow, or what needs more than is here."""
    is_quick = not config.getoption("--all") and not is_named(config)
    has_gpu = bool(tf.config.list_physical_devices("GPU"))
    if is_whole(config):
        for entry in slow_tests.unused(items):
            config.issue_config_time_warning(UserWarning(f"slow_tests.py fits no test: {entry}"), 2)
    kept, left_out = [], []
    for item in items:
        if slow_tests.is_slow(item):
            item.add_marker("slow")
        if item.get_closest_marker("gpu") and not has_gpu:
            item.add_marker(pytest.mark.skip(reason="no CUDA device"))
        is_left_out = (is_quick and item.get_closest_marker("slow")) or (
            item.get_closest_marker("whole_vectors") and not vectors.IS_WHOLE
        )
        (left_out if is_left_out else kept).append(item)
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = kept


def is_named(config) -> bool:
    """Whether the command names a file, a test or a marker: then it is meant, slow or not."""
    is_one = any(".py" in argument for argument in config.args)
    return bool(config.option.markexpr) or is_one


def is_whole(config) -> bool:
    """Whether the command names no part of the suite."""
    return config.args == config.getini("testpaths")


def pytest_xdist_auto_num_workers(config) -> int:
    """Two to four processes for the whole suite; a part of it starts sooner in this one."""
    workers = min(cores(), 4) if is_whole(config) else 0
    if workers < 2:
        config.option.dist = "no"
        return 0
    return workers


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
