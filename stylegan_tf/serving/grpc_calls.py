"""The calls of a client over gRPC."""

import grpc
import numpy as np
import tensorflow as tf
from google.protobuf.json_format import MessageToDict
from tensorflow_serving.apis import (
    get_model_metadata_pb2,
    get_model_status_pb2,
    model_service_pb2_grpc,
    predict_pb2,
    prediction_service_pb2_grpc,
)

from stylegan_tf.serving import rest
from stylegan_tf.serving.failures import ServingError

PASSING = ("UNAVAILABLE", "RESOURCE_EXHAUSTED", "DEADLINE_EXCEEDED")
WAYS_OUT = {
    "UNAVAILABLE": "; is a server running there?",
    "DEADLINE_EXCEEDED": "; give timeout= more, or batch_size= less",
}
# By itself gRPC takes 4 MB, which is less than a batch of large images.
OPTIONS = [("grpc.max_send_message_length", -1), ("grpc.max_receive_message_length", -1)]


class GrpcCalls:
    """TensorFlow Serving's gRPC calls.

    Args:
        url: like `grpc://host:8500`.
        model: name of the model.
        timeout: seconds to wait for an answer.
    """

    def __init__(self, url: str, model: str, timeout: float):
        self._url, self._model, self._timeout = url, model, timeout
        address = url.removeprefix("grpc://").rstrip("/")
        self._channel = grpc.insecure_channel(address, OPTIONS)
        self._predictions = prediction_service_pb2_grpc.PredictionServiceStub(self._channel)
        self._models = model_service_pb2_grpc.ModelServiceStub(self._channel)

    def close(self) -> None:
        """Closes the connection."""
        self._channel.close()

    def predict(self, signature: str, inputs: dict[str, np.ndarray], version) -> dict:
        """Returns the outputs by name."""
        request = self._about(predict_pb2.PredictRequest(), version)
        request.model_spec.signature_name = signature
        for name, value in inputs.items():
            request.inputs[name].CopyFrom(tf.make_tensor_proto(value))
        answer = self._call(self._predictions.Predict, request)
        return {name: tf.make_ndarray(proto) for name, proto in answer.outputs.items()}

    def metadata(self, version) -> dict:
        """Returns the signatures in the form of the REST call."""
        request = self._about(get_model_metadata_pb2.GetModelMetadataRequest(), version)
        request.metadata_field.append("signature_def")
        answer = self._call(self._predictions.GetModelMetadata, request)
        message = get_model_metadata_pb2.SignatureDefMap()
        answer.metadata["signature_def"].Unpack(message)
        signatures = {
            name: rest.signature_json(signature)
            for name, signature in sorted(message.signature_def.items())
        }
        return {
            "model_spec": {
                "name": answer.model_spec.name,
                "signature_name": "",
                "version": str(answer.model_spec.version.value),
            },
            "metadata": {"signature_def": {"signature_def": signatures}},
        }

    def status(self, version) -> dict:
        """Returns the states of the versions in the form of the REST call."""
        request = self._about(get_model_status_pb2.GetModelStatusRequest(), version)
        answer = self._call(self._models.GetModelStatus, request)
        message = MessageToDict(answer, preserving_proto_field_name=True)
        for version_status in message.get("model_version_status", []):
            no_error = {"error_code": "OK", "error_message": ""}  # defaults are left out of it
            version_status["status"] = {**no_error, **version_status.get("status", {})}
        return message

    def _about(self, request, version):
        request.model_spec.name = self._model
        if version is not None:
            request.model_spec.version.value = version
        return request

    def _call(self, method, request):
        try:
            return method(request, timeout=self._timeout)
        except grpc.RpcError as error:
            name = error.code().name
            message = f"the server answered {name}: {error.details()}{WAYS_OUT.get(name, '')}"
            raise ServingError(self._url, message, name, name in PASSING) from None
