"""Memory of metrics of many features: measured in a process of its own, against what is needed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

if not Path("/proc/self/status").exists():
    pytest.skip("needs Linux's /proc", allow_module_level=True)

PROGRAM = """
from pathlib import Path
import numpy as np
from stylegan_tf.metrics.statistics import gather
from stylegan_tf.metrics.precision_and_recall import density_coverage, precision_recall
from stylegan_tf.metrics.kernel import kernel_distance

COUNT, WIDTH, BATCH = 9000, 256, 50
rng = np.random.default_rng(0)

def batches():
    for _ in range(COUNT // BATCH):
        yield (rng.standard_normal((BATCH, WIDTH), np.float32),)

def peak():
    # What getrusage tells would include the process that started this one.
    status = dict(line.split(":") for line in Path("/proc/self/status").open())
    return 1024 * int(status["VmHWM"].split()[0])

np.ones([99, 99]) @ np.ones([99, 99])  # loads the library of products
before = peak()
METRIC
print(peak() - before)
"""
SETS = "*(gather(batches(), [('features', COUNT)])['features', COUNT] for _ in 'ab')"
METRICS = {  # and how many sets of features they need
    "moments": ("gather(batches(), [('moments', COUNT)])", 0),
    "kd": (f"kernel_distance({SETS}, subsets=3)", 2),
    "pr": (f"precision_recall({SETS})", 2),
    "dc": (f"density_coverage({SETS})", 2),
}
COUNT, WIDTH, BLOCK = 9000, 256, 2048


@pytest.mark.parametrize("metric", METRICS)
def test_no_more_is_held_than_features_and_some_blocks(metric):
    """All distances of 9000 samples would take 648 MB."""
    call, sets = METRICS[metric]
    program = PROGRAM.replace("METRIC", call)
    threads = dict.fromkeys(["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"], "2")  # each has memory
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        env={**os.environ, **threads},
    )
    assert done.returncode == 0, done.stderr
    features = 4 * COUNT * WIDTH * sets
    result = int(done.stdout)
    # Blocks of distances: two, a copy, which of them are small; and of samples.
    blocks = 8 * (4 * BLOCK * BLOCK + 4 * BLOCK * WIDTH)
    assert features < result < features + blocks < 0.3 * 8 * COUNT**2
