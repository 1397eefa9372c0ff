"""Two ops of tensors with more bytes than an int can count: the last pixels must be as they are by
themselves. In a process of its own, since TensorFlow keeps the memory."""

import numpy as np
import tensorflow as tf

from compare import assert_close
from stylegan_tf import ops

x = tf.fill([1, 1 << 13, 9000, 16], tf.constant(1.0, tf.float16))
assert x.shape.num_elements() * 2 > 2**31
x = tf.concat([x[:, :-1], -x[:, -1:]], axis=1)
y = ops.bias_act(x, tf.fill([16], 0.5), "compiled")
assert_close(y[0, -2:, -1, :], np.repeat([[1.5], [-0.1]], 16, axis=1), 1e-3)
del y
y = ops.style_epilogue(x, None, None, tf.zeros([16]), tf.zeros([1, 32]), "compiled")
share = 1 / (1 << 13)  # of pixels at -0.2 among ones
deviation = 1.2 * np.sqrt(share * (1 - share))
expected = [[1.2 * share / deviation], [1.2 * (share - 1) / deviation]]
assert_close(y[0, -2:, -1, :], np.repeat(expected, 16, axis=1), 1e-3)
