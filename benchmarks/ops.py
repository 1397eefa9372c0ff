"""Measures each op: compiled, as our fallback and as plain TensorFlow.

    python benchmarks/ops.py

The same as `stylegan-tf ops benchmark`: interleaved calls, medians, ratios, and the
bandwidth of the bytes that an op must move, relative to that of a copy.
"""

import stylegan_tf  # noqa: I001, F401  first, since it makes TensorFlow use oneDNN
from stylegan_tf.ops import benchmark

if __name__ == "__main__":
    benchmark.run(print)
