"""A program that has TensorFlow and not this project: TensorFlow Serving's PredictionService.

python prediction_service.py MODEL...

MODEL is a folder of versions; the newest is served under the folder's name. Prints the port, on the
loopback interface, and serves until it is ended. As the real server does, it runs a signature as a
graph in a session, by the names of its tensors, with no Python function in between.
"""

import sys
import threading
from concurrent import futures
from pathlib import Path

sys.modules["stylegan_tf"] = None  # importing it is an ImportError now

import grpc  # noqa: E402
import tensorflow as tf  # noqa: E402
from tensorflow_serving.apis import (  # noqa: E402
    get_model_metadata_pb2,
    predict_pb2,
    prediction_service_pb2_grpc,
)

INVALID, NOT_FOUND = grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.NOT_FOUND


class Model:
    """The newest version of a model, in a session."""

    def __init__(self, folder: Path):
        self.version = max(int(path.name) for path in folder.iterdir() if path.name.isdecimal())
        self.session = tf.compat.v1.Session(graph=tf.Graph())
        with self.session.graph.as_default():
            meta = tf.compat.v1.saved_model.load(
                self.session, ["serve"], str(folder / str(self.version))
            )
        hidden = "__saved_model_init_op"
        self.signatures = {key: meta.signature_def[key] for key in meta.signature_def}
        self.signatures.pop(hidden, None)


class Service(prediction_service_pb2_grpc.PredictionServiceServicer):
    """Answers with the models, and refuses with the real server's codes."""

    def __init__(self, folders: list[Path]):
        self.models = {folder.name: Model(folder) for folder in folders}

    def Predict(self, request, context):  # noqa: N802
        model = self._model(request.model_spec, context)
        name = request.model_spec.signature_name or "serving_default"
        signature = model.signatures.get(name)
        if signature is None:
            context.abort(INVALID, f"Serving signature key {name!r} not found.")
        if set(request.inputs) != set(signature.inputs):
            requested, given = sorted(signature.inputs), sorted(request.inputs)
            context.abort(INVALID, f"inputs are {given}; the signature takes {requested}")
        feed = {}
        for key, tensor in request.inputs.items():
            if tensor.dtype != signature.inputs[key].dtype:
                context.abort(INVALID, f"input {key!r} is of another dtype")
            feed[signature.inputs[key].name] = tf.make_ndarray(tensor)
        fetch = {key: tensor.name for key, tensor in signature.outputs.items()}
        try:
            result = model.session.run(fetch, feed)
        except (ValueError, tf.errors.InvalidArgumentError) as error:  # a shape that does not fit
            context.abort(INVALID, str(error).splitlines()[0])
        response = predict_pb2.PredictResponse()
        self._describe(response.model_spec, request.model_spec, model, name)
        for key, value in result.items():
            dtype = signature.outputs[key].dtype
            response.outputs[key].CopyFrom(tf.make_tensor_proto(value, dtype))
        return response

    def GetModelMetadata(self, request, context):  # noqa: N802
        model = self._model(request.model_spec, context)
        if list(request.metadata_field) != ["signature_def"]:
            context.abort(INVALID, "metadata_field can only be signature_def")
        response = get_model_metadata_pb2.GetModelMetadataResponse()
        self._describe(response.model_spec, request.model_spec, model)
        answer = get_model_metadata_pb2.SignatureDefMap()
        for name, signature in model.signatures.items():
            answer.signature_def[name].CopyFrom(signature)
        response.metadata["signature_def"].Pack(answer)
        return response

    def _model(self, spec, context):
        model = self.models.get(spec.name)
        if model is None or (spec.HasField("version") and spec.version.value != model.version):
            context.abort(NOT_FOUND, f"Servable not found for request: {spec.name}")
        return model

    @staticmethod
    def _describe(spec, calls, model, signature=""):
        spec.name, spec.signature_name = calls.name, signature
        spec.version.value = model.version


if __name__ == "__main__":
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=4))
    service = Service([Path(argument) for argument in sys.argv[1:]])
    prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(service, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    threading.Event().wait()
