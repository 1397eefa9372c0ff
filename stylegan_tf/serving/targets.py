"""Other forms of a generator, LiteRT (TensorFlow Lite) and ONNX, checked before they are kept.

Each is the signature `generate`: z, ψ and the label, if there is one, to uint8 images.
"""

import importlib.util
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tensorflow as tf
from tensorflow.python.framework import convert_to_constants

from stylegan_tf.latents import z_from_seeds
from stylegan_tf.models.files import SAVING

SIGNATURE = "generate"
OPSET = 15  # of ONNX
PSI = (0.7, 1.0, 0.5, 0.7)  # of the images that are compared


def to_tflite(frozen) -> bytes:
    """Returns a LiteRT model with weights in float16."""
    with tempfile.TemporaryDirectory() as folder:
        signatures = {SIGNATURE: frozen.function()}
        tf.saved_model.save(tf.Module(), folder, signatures, SAVING)
        converter = tf.lite.TFLiteConverter.from_saved_model(folder, signature_keys=[SIGNATURE])
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.target_spec.supported_types = [tf.float16]
        return converter.convert()


def run_tflite(model: bytes, inputs: dict) -> np.ndarray:
    """Returns the images of a LiteRT model."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # TensorFlow 2.21 says that another package has it, too
        interpreter = tf.lite.Interpreter(model_content=model)
    return interpreter.get_signature_runner(SIGNATURE)(**inputs)["images"]


def to_onnx(frozen) -> bytes:
    """Returns an ONNX model with weights in float32."""
    import tf2onnx

    names = {f"{spec.name}:0": spec.name for spec in frozen.inputs}
    model, _ = tf2onnx.convert.from_graph_def(
        frozen.graph,
        name="generator",
        input_names=list(names),
        output_names=[frozen.output],
        opset=OPSET,
        tensors_to_rename={**names, frozen.output: "images"},
    )
    for value in (*model.graph.input, *model.graph.output):
        value.type.tensor_type.shape.dim[0].dim_param = "N"
    return model.SerializeToString()


def run_onnx(model: bytes, inputs: dict) -> np.ndarray:
    """Returns the images of an ONNX model."""
    import onnxruntime

    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    return session.run(["images"], inputs)[0]


@dataclass(frozen=True)
class Target:
    """A form of a generator.

    Attributes:
        file: its name in `assets.extra`.
        modules: what must be installed, and is with the extra of the target's name.
        tolerance: the most that a value of an image may differ from the network's, of 255.
        convert: a `Frozen` → the content of the file.
        run: that content, and arrays by the name of the input → images.
    """

    file: str
    modules: tuple[str, ...]
    tolerance: int
    convert: Callable
    run: Callable


TARGETS = {
    "tflite": Target("generator.tflite", (), 16, to_tflite, run_tflite),
    "onnx": Target("generator.onnx", ("tf2onnx", "onnxruntime"), 2, to_onnx, run_onnx),
}


def check(names) -> None:
    """Raises ValueError for a name that is no target, or one that lacks its libraries."""
    for name in names:
        if name not in TARGETS:
            raise ValueError(f"targets has {name!r}; it can have {' and '.join(TARGETS)}")
        missing = [one for one in TARGETS[name].modules if importlib.util.find_spec(one) is None]
        if missing:
            libraries = " and ".join(missing)
            raise ValueError(
                f"target {name} needs {libraries}, not installed here: "
                f"pip install 'stylegan-tf[{name}]'"
            )


def write(folder: Path, names, function) -> dict[str, dict]:
    """Writes targets into a folder, once they have been checked to give the network's images.

    Args:
        folder: where the files go.
        names: of the targets.
        function: a concrete function of whole batches, from z, psi and label, if there is one, to
            images.

    Returns:
        For each target its file, and how much a value of an image differs from the network's:
        "max_difference" and "mean_difference", of 255.

    Raises:
        ValueError: if a target cannot be made, or gives other images.
    """
    results, frozen = {}, Frozen(function)
    for name in names:
        target = TARGETS[name]
        try:
            model = target.convert(frozen)
            difference = differences(target, model, function, frozen.inputs)
        except Exception as error:  # converters and runtimes raise whatever they meet
            text = " ".join(str(error).split())
            raise ValueError(f"target {name} cannot be made: {text:.300}") from error
        largest = int(difference.max())
        if largest > target.tolerance:
            raise ValueError(
                f"target {name} gives other images than the network: a value differs by "
                f"{largest} of 255, and {target.tolerance} is allowed; leave it out"
            )
        (folder / target.file).write_bytes(model)
        results[name] = {
            "file": target.file,
            "max_difference": largest,
            "mean_difference": float(difference.mean()),
        }
    return results


def differences(target: Target, model: bytes, function, inputs) -> np.ndarray:
    """Returns |target - network| of a few images, in batches of different sizes."""
    count = len(PSI)
    values = {
        "z": z_from_seeds(range(count), inputs[0].shape[1]).numpy(),
        "psi": np.array(PSI, np.float32),
        "label": np.arange(-1, count - 1, dtype=np.int32),  # the first has no class
    }
    if inputs[-1].shape.rank == 2:  # labels are no classes
        values["label"] = z_from_seeds(range(count, 2 * count), inputs[-1].shape[1]).numpy()
    given = {spec.name: values[spec.name] for spec in inputs}
    expected = function(**{name: tf.constant(value) for name, value in given.items()})
    outputs = [
        target.run(model, {name: value[part] for name, value in given.items()})
        for part in (slice(0, 1), slice(1, count))
    ]
    return np.abs(np.concatenate(outputs).astype(int) - expected["images"].numpy().astype(int))


class Frozen:
    """The graph of a concrete function, with its weights as constants.

    Attributes:
        graph: a GraphDef.
        inputs: tf.TensorSpecs.
        output: the name of its only output.
    """

    def __init__(self, function):
        constant = convert_to_constants.convert_variables_to_constants_v2(function)
        self.graph = constant.graph.as_graph_def()
        for node in self.graph.node:
            if node.op == "EnsureShape":  # neither LiteRT nor ONNX has it
                node.op = "Identity"
                del node.attr["shape"]
        self.inputs = [
            tf.TensorSpec(tensor.shape, tensor.dtype, tensor.op.name) for tensor in constant.inputs
        ]
        (self.output,) = [tensor.name for tensor in constant.outputs]

    def function(self):
        """Returns a concrete function of it."""

        def run(*arguments):
            given = {
                f"{spec.name}:0": value for spec, value in zip(self.inputs, arguments, strict=True)
            }
            (images,) = tf.graph_util.import_graph_def(self.graph, given, [self.output], name="")
            return {"images": images}

        return tf.function(
            run, input_signature=self.inputs, autograph=False
        ).get_concrete_function()
