"""`stylegan-tf train` that saves what every variable has become on each replica, at its end.

`python trained_weights.py OUT.npz [mirrored] [stop=KIMG] ARGUMENTS…`: with `mirrored` on two CPU
devices of this process; `stop` sends it SIGTERM once so many thousand images were shown.
"""

import os
import signal
import sys

import numpy as np
import tensorflow as tf

from stylegan_tf.backend_compat import tf_variable
from stylegan_tf.cli import main
from stylegan_tf.training import strategies
from stylegan_tf.training.trainer import Trainer


def two_devices() -> None:
    """Makes `mirrored` mean two CPU devices."""
    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    strategies.replicas = lambda name: 2
    strategies.make = lambda name: tf.distribute.MirroredStrategy(
        ["CPU:0", "CPU:1"], cross_device_ops=tf.distribute.ReductionToOneDevice()
    )


def stop_at(limit: float) -> None:
    """Sends this process SIGTERM after a step."""
    run_step = Trainer._run_step

    def run_and_stop(self, state):
        run_step(self, state)
        if self.kimg == limit:
            os.kill(os.getpid(), signal.SIGTERM)

    Trainer._run_step = run_and_stop


def keep_weights(path: str) -> None:
    """Saves variables when training ends in whatever way."""
    train = Trainer.train

    def train_and_keep(self, callbacks):
        try:
            train(self, callbacks)
        finally:
            weights = {}
            for name in ("generator", "discriminator", "generator_ema"):
                for index, variable in enumerate(getattr(self.networks, name).weights):
                    copies = self.strategy.experimental_local_results(tf_variable(variable))
                    weights[f"{name}/{index}"] = np.stack([copy.numpy() for copy in copies])
            np.savez(path, images=self.networks.images.numpy(), **weights)

    Trainer.train = train_and_keep


if __name__ == "__main__":
    out, *arguments = sys.argv[1:]
    keep_weights(out)
    if arguments[0] == "mirrored":
        two_devices()
        arguments = ["--strategy", *arguments]
    else:
        arguments = ["--strategy", "multi_worker", *arguments]
    for argument in [one for one in arguments if one.startswith("stop=")]:
        stop_at(float(argument.removeprefix("stop=")))
        arguments.remove(argument)
    main(["train", *arguments])
