"""Derivatives of NumPy functions, to hold TensorFlow's against."""

import numpy as np
import tensorflow as tf

TINY = 1e-30


def gradient(function, x):
    """The gradient of a scalar function, exact to rounding: Im f(x + ih) / h."""
    x = np.array(x, np.complex128)
    result = np.empty(x.shape)
    for index in np.ndindex(x.shape):
        x[index] += 1j * TINY
        result[index] = function(x).imag / TINY
        x[index] = x[index].real
    return result


def difference(function, x, step=1e-4):
    """The gradient of a scalar function by central differences, to about 1e-8."""
    x = np.array(x, np.float64)
    result = np.empty(x.shape)
    for index in np.ndindex(x.shape):
        middle = x[index]
        x[index] = middle + step
        above = function(x)
        x[index] = middle - step
        result[index] = (above - function(x)) / (2 * step)
        x[index] = middle
    return result


def gradients(function, arguments):
    """The gradient of a scalar function with respect to each argument."""
    return [
        gradient(lambda x, i=i: function(*arguments[:i], x, *arguments[i + 1 :]), argument)
        for i, argument in enumerate(arguments)
    ]


def penalty_gradients(function, arguments):
    """The gradient with respect to each argument of the squared norm of all gradients."""

    def penalty(*arguments):
        return sum((result**2).sum() for result in gradients(function, arguments))

    return [
        difference(lambda x, i=i: penalty(*arguments[:i], x, *arguments[i + 1 :]), argument)
        for i, argument in enumerate(arguments)
    ]


def tf_gradients(function, arguments):
    """`gradients` by TensorFlow, in float32."""
    arguments = [tf.constant(argument, tf.float32) for argument in arguments]
    with tf.GradientTape() as tape:
        tape.watch(arguments)
        value = function(*arguments)
    return tape.gradient(value, arguments)


def tf_penalty_gradients(function, arguments):
    """`penalty_gradients` by TensorFlow, in float32: a gradient of gradients."""

    def penalty(*arguments):
        with tf.GradientTape() as tape:
            tape.watch(arguments)
            value = function(*arguments)
        result = tape.gradient(value, arguments)
        return tf.add_n([tf.reduce_sum(one**2) for one in result])

    return tf_gradients(penalty, arguments)
