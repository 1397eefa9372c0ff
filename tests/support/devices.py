"""What tests ask of the device that they run on."""

import pytest
import tensorflow as tf

ON_GPU = bool(tf.config.list_physical_devices("GPU"))
same_order_every_time = pytest.mark.skipif(
    ON_GPU, reason="cuDNN adds up gradients in no fixed order: runs differ in last bits"
)
