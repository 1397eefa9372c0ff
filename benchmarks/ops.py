"""How fast each op is, compiled, as our fallback and as plain TensorFlow.

    python benchmarks/ops.py

The same as `stylegan-tf ops benchmark`: interleaved calls, medians, ratios, and the share of the
bandwidth of a copy, measured beside it, that an op uses of what it must move.
"""

import stylegan_tf  # noqa: I001, F401  before TensorFlow, which it tells to use oneDNN
from stylegan_tf.ops import benchmark

if __name__ == "__main__":
    benchmark.run(print)
