"""A program that has TensorFlow and not this project: lists a SavedModel's ops, or runs it.

python without_package.py MODEL ops
python without_package.py MODEL SIGNATURE INPUTS.npz OUTPUTS.npz
"""

import json
import sys
from pathlib import Path

sys.modules["stylegan_tf"] = None  # importing it is an ImportError now

import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402
from tensorflow.core.protobuf import saved_model_pb2  # noqa: E402
from tensorflow.python.framework import op_def_registry  # noqa: E402


def ops(model: Path) -> dict[str, bool]:
    """Whether TensorFlow has an op, for each that the graph and its function library name."""
    proto = saved_model_pb2.SavedModel.FromString((model / "saved_model.pb").read_bytes())
    graph = proto.meta_graphs[0].graph_def
    nodes = [*graph.node, *(node for body in graph.library.function for node in body.node_def)]
    own = {body.signature.name for body in graph.library.function}
    return {node.op: node.op in own or bool(op_def_registry.get(node.op)) for node in nodes}


def run(model: Path, signature: str, inputs: str, outputs: str) -> None:
    """Answers the arrays of one file with those of another."""
    function = tf.saved_model.load(str(model)).signatures[signature]
    given = {name: tf.constant(value) for name, value in np.load(inputs).items()}
    np.savez(outputs, **{name: value.numpy() for name, value in function(**given).items()})


if __name__ == "__main__":
    folder, what, *files = sys.argv[1:]
    if what == "ops":
        print(json.dumps(ops(Path(folder))))
    else:
        run(Path(folder), what, *files)
