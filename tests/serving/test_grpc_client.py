"""The client over gRPC, against a service that fails when it is told to."""

import io
from concurrent import futures

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

for _module in ("grpc", "tensorflow_serving", "requests", "tenacity"):
    pytest.importorskip(_module, reason="needs the extra `serving`")

import grpc  # noqa: E402
from tensorflow_serving.apis import (  # noqa: E402
    get_model_metadata_pb2,
    get_model_status_pb2,
    model_service_pb2_grpc,
    predict_pb2,
    prediction_service_pb2_grpc,
)

from stylegan_tf.serving import Client, ServingError, failures  # noqa: E402

CODE = grpc.StatusCode


class Service(
    prediction_service_pb2_grpc.PredictionServiceServicer,
    model_service_pb2_grpc.ModelServiceServicer,
):
    """Answers each seed with an image of that grey; first it goes through a list of failures."""

    def __init__(self):
        self.plan, self.requests = [], []

    def Predict(self, request, context):  # noqa: N802
        self._fail(request, context)
        answer = predict_pb2.PredictResponse()
        greys = tf.make_ndarray(request.inputs["seed"])
        images = [png(grey) for grey in greys.tolist()]
        answer.outputs["image_bytes"].CopyFrom(tf.make_tensor_proto(images, tf.string))
        return answer

    def GetModelMetadata(self, request, context):  # noqa: N802
        answer = get_model_metadata_pb2.GetModelMetadataResponse()
        answer.model_spec.name = request.model_spec.name
        answer.model_spec.version.value = 7
        result = get_model_metadata_pb2.SignatureDefMap()
        signature = result.signature_def["serving_default"]
        for name, dtype in (("seed", tf.int64), ("psi", tf.float32), ("label", tf.int32)):
            describe(signature.inputs[name], dtype)
        describe(signature.outputs["image_bytes"], tf.string)
        answer.metadata["signature_def"].Pack(result)
        return answer

    def GetModelStatus(self, request, context):  # noqa: N802
        self._fail(request, context)
        answer = get_model_status_pb2.GetModelStatusResponse()
        answer.model_version_status.add(version=7, state="AVAILABLE")
        return answer

    def _fail(self, request, context):
        self.requests.append(request)
        if self.plan:
            context.abort(self.plan.pop(0), "so it is")


def describe(info, dtype):
    """A tensor of [N]."""
    info.dtype = dtype.as_datatype_enum
    info.tensor_shape.dim.add(size=-1)


def png(grey: int) -> bytes:
    data = io.BytesIO()
    Image.new("L", (2, 2), grey).save(data, "PNG")
    return data.getvalue()


@pytest.fixture
def service():
    """The service, and a client of it."""
    made = Service()
    server = grpc.server(futures.ThreadPoolExecutor(2))
    prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(made, server)
    model_service_pb2_grpc.add_ModelServiceServicer_to_server(made, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    made.url = f"grpc://127.0.0.1:{port}"
    yield made
    server.stop(None).wait()


@pytest.fixture
def client(service, monkeypatch):
    monkeypatch.setattr(failures, "FIRST", 0.001)
    with Client(service.url, "faces", batch_size=2, attempts=3) as made:
        yield made


def test_images_of_many_seeds_go_out_in_batches(service, client):
    images = client.generate([9, 8, 7], psi=[0.5, 0.6, 0.7], version=7)
    assert [image.getpixel((0, 0)) for image in images] == [9, 8, 7]
    first, second = service.requests
    assert first.model_spec.name == "faces"
    assert first.model_spec.version.value == 7
    assert first.model_spec.signature_name == "serving_default"
    inputs = {name: tf.make_ndarray(proto) for name, proto in second.inputs.items()}
    assert {name: (one.dtype, one.tolist()) for name, one in inputs.items()} == {
        "seed": (np.int64, [7]),
        "psi": (np.float32, [float(np.float32(0.7))]),
        "label": (np.int32, [-1]),
    }


def test_metadata_and_status_are_those_of_the_rest_calls(client):
    metadata = client.metadata()
    assert metadata["model_spec"] == {"name": "faces", "signature_name": "", "version": "7"}
    signatures = metadata["metadata"]["signature_def"]["signature_def"]
    shape = {"dim": [{"size": "-1", "name": ""}], "unknown_rank": False}
    seed = signatures["serving_default"]["inputs"]["seed"]
    assert seed == {"dtype": "DT_INT64", "tensor_shape": shape, "name": ""}
    fine = {"error_code": "OK", "error_message": ""}
    assert client.status() == {
        "model_version_status": [{"version": "7", "state": "AVAILABLE", "status": fine}]
    }


@pytest.mark.parametrize(
    "code", [CODE.UNAVAILABLE, CODE.RESOURCE_EXHAUSTED, CODE.DEADLINE_EXCEEDED]
)
def test_what_passes_is_tried_again(code, service, client):
    service.plan = [code] * 2
    assert len(client.generate([1])) == 1
    assert len(service.requests) == 3


@pytest.mark.parametrize("code", [CODE.INVALID_ARGUMENT, CODE.NOT_FOUND, CODE.INTERNAL])
def test_what_stays_is_not_tried_again(code, service, client):
    service.plan = [code]
    with pytest.raises(ServingError) as caught:
        client.generate([1])
    assert str(caught.value) == f"{service.url}: the server answered {code.name}: so it is"
    assert (caught.value.status, len(service.requests)) == (code.name, 1)


def test_nobody_there_is_told_with_a_way_out(monkeypatch):
    monkeypatch.setattr(failures, "FIRST", 0.001)
    with pytest.raises(ServingError, match="UNAVAILABLE.*; is a server running there"):
        Client("grpc://127.0.0.1:1", attempts=2).status()


def test_without_the_protocol_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ImportError, match=r"grpc, tensorflow_serving .* pip install 'stylegan-tf"):
        Client("grpc://127.0.0.1:1")
