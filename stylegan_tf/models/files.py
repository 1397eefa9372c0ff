"""The files that Keras writes of a network: `.h5`, and SavedModels without our compiled ops."""

import json
import os
from typing import Any

import keras
import tensorflow as tf

from stylegan_tf import ops
from stylegan_tf.backend_compat import KERAS_3

HDF5 = (".h5", ".hdf5")
# Gradients would be traced anew, with compiled ops in them; what serves images needs none.
SAVING = tf.saved_model.SaveOptions(experimental_custom_gradients=False)


class NetworkFiles(keras.Model):
    """A Keras model whose files need nothing that only this machine has."""

    def input_specs(self) -> list[tf.TensorSpec]:
        """Returns what a call takes, without options, for a batch of any size."""
        raise NotImplementedError

    def save(self, filepath: str | os.PathLike[str], *args: Any, **kwargs: Any) -> None:
        """Writes the network as `keras.Model.save` does.

        Raises:
            ValueError: for an `.h5` file with Keras 2, which has none of subclassed models.
        """
        is_hdf5 = str(filepath).endswith(HDF5)
        if is_hdf5 and not KERAS_3:
            raise ValueError(f"{filepath}: Keras 2 has no HDF5 file of it; take a name in .keras")
        super().save(filepath, *args, **kwargs)
        if is_hdf5:
            _name_registered_class(filepath, type(self))

    def export(
        self,
        filepath: str | os.PathLike[str],
        format: str = "tf_saved_model",
        *,
        input_signature: list[tf.TensorSpec] | None = None,
        **kwargs: Any,
    ) -> None:
        """Writes a SavedModel of TensorFlow's own ops: `serve` is a call without options.

        `Pipeline.export` writes more: truncation, seeds, encoded images, batches without influence.

        Args:
            filepath: of the new folder.
            format: `"tf_saved_model"`.
            input_signature: of the call; None for what the network takes, a batch of any size.
            **kwargs: `verbose`, which Keras 3 takes.

        Raises:
            ValueError: for another format.
        """
        if format != "tf_saved_model":
            raise ValueError(
                f"format is {format!r}; it can be 'tf_saved_model'. For other forms: "
                "sg.Pipeline(generator).export(folder), or sg.serving.export with targets"
            )
        archive = keras.export.ExportArchive()
        archive.track(self)
        with ops.plain_tensorflow():
            archive.add_endpoint("serve", self.__call__, input_signature or self.input_specs())
            archive.write_out(str(filepath), SAVING, **kwargs)


def _name_registered_class(path: str | os.PathLike[str], network: type) -> None:
    """Gives the class in an HDF5 file its registered name, by which Keras finds it again.

    Keras writes the bare one, `Generator`; under that it would find the class of whoever registers
    another.
    """
    import h5py

    with h5py.File(path, "r+") as file:
        config = json.loads(file.attrs["model_config"])
        config["class_name"] = keras.saving.get_registered_name(network)
        file.attrs["model_config"] = json.dumps(config).encode()
