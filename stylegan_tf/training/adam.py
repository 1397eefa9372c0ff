"""Adam as one TensorFlow op a variable."""

import keras
import tensorflow as tf

from stylegan_tf.backend_compat import tf_variable


@keras.saving.register_keras_serializable("stylegan_tf")
class FusedAdam(keras.optimizers.Adam):
    """Keras' Adam, run by TensorFlow's fused kernel: one op for a variable instead of a dozen.

    At low resolutions the networks' variables are many and small, and calling ops costs more than
    what they compute. The step is the classic lr·√(1-β₂ᵗ)/(1-β₁ᵗ)·m/(√v+ε) (Kingma and Ba 2014,
    end of section 2).
    """

    def update_step(self, gradient, variable, learning_rate=None):
        """Moves one variable; Keras 2 passes no learning rate."""
        if learning_rate is None:
            learning_rate, index = self.learning_rate, self._index_dict[self._var_key(variable)]
        else:
            index = self._get_variable_index(variable)
        rate = tf.cast(learning_rate, tf.float32)
        step = tf.cast(tf.convert_to_tensor(self.iterations) + 1, tf.float32)
        tf.raw_ops.ResourceApplyAdam(
            var=tf_variable(variable).handle,
            m=tf_variable(self._momentums[index]).handle,
            v=tf_variable(self._velocities[index]).handle,
            beta1_power=tf.pow(self.beta_1, step),
            beta2_power=tf.pow(self.beta_2, step),
            lr=rate,
            beta1=self.beta_1,
            beta2=self.beta_2,
            epsilon=self.epsilon,
            grad=gradient,
        )
