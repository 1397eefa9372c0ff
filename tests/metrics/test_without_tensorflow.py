"""What works on features alone starts without TensorFlow, which takes seconds."""

import subprocess
import sys

PROGRAM = """
import sys
import numpy as np
import stylegan_tf as sg
from stylegan_tf import metrics

rng = np.random.default_rng(0)
a, b = rng.standard_normal((2, 30, 4))
one, other = sg.metrics.Moments(a), sg.metrics.Moments(b)
sg.metrics.frechet_distance(one.mean, one.covariance, other.mean, other.covariance)
sg.metrics.kernel_distance(a, b)
sg.metrics.inception_score(np.full((30, 4), 0.25))
sg.metrics.precision_recall(a, b, k=3)
sg.metrics.density_coverage(a, b)
sg.metrics.conditional_entropy(np.eye(2))
sg.metrics.path_length(a[:, 0])
sg.metrics.slerp(a, b, 0.5)
needless = {"tensorflow", "keras", "sklearn", "scipy"} & {*sys.modules}
assert not needless, needless
"""


def test_functions_of_features_import_numpy_only():
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
