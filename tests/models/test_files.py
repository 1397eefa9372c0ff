"""What Keras writes of a network: HDF5 files, and SavedModels without our compiled ops."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

from compare import assert_close
from stylegan_tf.backend_compat import KERAS_3
from stylegan_tf.models import Discriminator, Generator

NETWORK = {"resolution": 8, "label_size": 2, "fmap_base": 16, "fmap_max": 4}
LABELS = tf.one_hot([0, 1, 1], 2)


def make_generator():
    return Generator(latent_size=4, w_size=4, mapping_units=4, mapping_layers=1, **NETWORK)


def ops_in(folder) -> set[str]:
    """The names of all ops in the functions of a SavedModel."""
    saved = SavedModel()
    saved.ParseFromString((folder / "saved_model.pb").read_bytes())
    library = saved.meta_graphs[0].graph_def.library
    return {node.op for function in library.function for node in function.node_def}


def test_a_discriminator_is_exported_uncalled_in_stock_ops(tmp_path):
    network = Discriminator(**NETWORK)
    images = tf.random.stateless_normal([3, 8, 8, 3], [0, 1])
    network.export(tmp_path / "d")
    loaded = tf.saved_model.load(str(tmp_path / "d"))
    assert_close(loaded.serve(images, LABELS), network(images, LABELS), 1e-5)
    assert not {op for op in ops_in(tmp_path / "d") if "stylegan" in op.lower()}


def test_a_generator_is_exported_as_far_as_it_has_grown(tmp_path):
    network = make_generator()
    network.grown = 2.5
    network(tf.zeros([1, 4]))
    network.export(tmp_path / "g")
    z = tf.random.stateless_normal([3, 4], [0, 1])
    loaded = tf.saved_model.load(str(tmp_path / "g"))
    # Without strengths, noise does nothing: they are 0 in a network that was never trained.
    assert_close(loaded.serve(z, LABELS), network(z, LABELS), 1e-5)
    assert not {op for op in ops_in(tmp_path / "g") if "stylegan" in op.lower()}


def test_other_formats_name_the_way(tmp_path):
    with pytest.raises(ValueError, match=r"format is 'onnx'.*sg\.serving\.export"):
        make_generator().export(tmp_path / "g", "onnx")
    assert not (tmp_path / "g").exists()


@pytest.mark.skipif(not KERAS_3, reason="Keras 2 has no HDF5 files of subclassed models")
def test_an_hdf5_file_loads_again(tmp_path):
    network = make_generator()
    network.save(tmp_path / "g.h5")
    loaded = keras.models.load_model(tmp_path / "g.h5")
    for one, other in zip(loaded.get_weights(), network.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.skipif(KERAS_3, reason="Keras 3 writes HDF5 files")
def test_keras_2_refuses_an_hdf5_file(tmp_path):
    with pytest.raises(ValueError, match="Keras 2 has no HDF5 file"):
        make_generator().save(tmp_path / "g.h5")
