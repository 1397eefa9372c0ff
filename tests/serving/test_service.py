"""A PredictionService over exported models, in a process that has TensorFlow and not this project.

Messages and service are TensorFlow Serving's own; tests/support/prediction_service.py answers.
"""

import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

import served
import tiny
from compare import assert_close
from served import assert_same_images, decoded
from stylegan_tf.cli import main
from stylegan_tf.images import to_float, to_uint8
from stylegan_tf.models import styles

grpc = pytest.importorskip("grpc", reason="needs tensorflow-serving-api")
pytest.importorskip("tensorflow_serving", reason="needs tensorflow-serving-api")
from tensorflow_serving.apis import (  # noqa: E402
    get_model_metadata_pb2,
    predict_pb2,
    prediction_log_pb2,
    prediction_service_pb2_grpc,
)

PROGRAM = Path(served.__file__).with_name("prediction_service.py")
DTYPES = {
    "seed": np.int64,
    "seed_a": np.int64,
    "seed_b": np.int64,
    "crossover": np.int32,
    "label": np.int32,
    "images": np.uint8,
}  # every other input is float32
SEEDS = [3, 0, 2**40, 7]
BY_LABEL = {"serving_default", "generate", "mapping", "mix", "discriminate"}
SIGNATURES = {
    False: {"synthesis", *BY_LABEL},
    True: {"synthesis", "labels", *BY_LABEL, *(f"{name}_with_vector" for name in BY_LABEL)},
}  # without and with labels


@pytest.fixture(scope="module")
def service(model, labelled_model):
    """A stub of the service over both models."""
    command = [sys.executable, str(PROGRAM), str(model.parent), str(labelled_model.parent)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    port = process.stdout.readline().strip()  # "" if it did not come up
    assert port, "the service did not start"
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield prediction_service_pb2_grpc.PredictionServiceStub(channel)
    process.terminate()
    process.wait(timeout=20)
    process.stdout.close()


def request(name: str, signature: str, **inputs):
    """A PredictRequest."""
    calls = predict_pb2.PredictRequest()
    calls.model_spec.name = name
    calls.model_spec.signature_name = signature
    for key, value in inputs.items():
        array = np.asarray(value, DTYPES.get(key, np.float32))
        calls.inputs[key].CopyFrom(tf.make_tensor_proto(array))
    return calls


def predict(service, name: str, signature: str, **inputs) -> dict[str, np.ndarray]:
    """The outputs of a signature."""
    response = service.Predict(request(name, signature, **inputs), timeout=60)
    assert response.model_spec.version.value == 1
    return {key: tf.make_ndarray(value) for key, value in response.outputs.items()}


def images_of(service, seeds, psi=0.7) -> np.ndarray:
    """The images of seeds, uint8 [N, H, W, C]."""
    psi = np.broadcast_to(psi, len(seeds))
    result = predict(service, "stylegan", "serving_default", seed=seeds, psi=psi)
    return decoded(result["image_bytes"])


def refusal(service, calls) -> tuple:
    """The code and the message of a refused request."""
    with pytest.raises(grpc.RpcError) as caught:
        service.Predict(calls, timeout=60)
    return caught.value.code(), caught.value.details()


def test_a_seed_is_the_image_of_the_generate_command(service, generator, tmp_path):
    generator.save(tmp_path / "g.keras")
    numbers = ",".join(map(str, SEEDS))
    main(["generate", str(tmp_path / "g.keras"), "--seeds", numbers, "--outdir", str(tmp_path)])
    expected = [np.asarray(Image.open(tmp_path / f"seed{seed:04d}.png")) for seed in SEEDS]
    assert_same_images(images_of(service, SEEDS), expected)


def test_a_seed_is_the_same_image_in_any_batch(service):
    together = images_of(service, SEEDS)
    for seed, image in zip(SEEDS, together, strict=True):
        assert_same_images(images_of(service, [seed])[0], image)
    assert_same_images(images_of(service, SEEDS[::-1])[::-1], together)


def test_requests_at_the_same_time_do_not_mix(service):
    together = images_of(service, SEEDS)
    with ThreadPoolExecutor(4) as pool:
        result = list(pool.map(lambda seed: images_of(service, [seed])[0], SEEDS * 3))
    assert_same_images(result, np.concatenate([together] * 3))


@pytest.mark.parametrize("name", ["stylegan", "labelled"])
def test_every_signature_answers_with_the_numbers_of_the_network(
    name, service, generator, labelled
):
    network = labelled if name == "labelled" else generator
    classes = {"label": [2, -1]} if network.label_size else {}
    one_hot = tf.one_hot(classes["label"], 3) if classes else None
    z = tiny.latents(2)

    result = predict(service, name, "mapping", z=z, **classes)["w"]
    assert_close(result, network.mapping(z, one_hot), 1e-6)

    images = predict(service, name, "generate", z=z, psi=[0.5, 1], **classes)["images"]
    expected = network(z, one_hot, truncation_psi=[0.5, 1.0], truncation_cutoff=8, noise="constant")
    assert_same_images(images, to_uint8(expected))

    w = styles.broadcast(result, network.num_ws)
    assert_same_images(
        predict(service, name, "synthesis", w=w)["images"],
        to_uint8(network.synthesis(w, noise="constant")),
    )

    logits = predict(service, name, "discriminate", images=images, **classes)["logits"]
    judge = tiny.discriminator(label_size=network.label_size)
    for index, image in enumerate(images):
        label = None if one_hot is None else one_hot[index : index + 1]
        assert_close(logits[index], judge(to_float(image[None]), label)[0, 0], 1e-5)

    seeds = {"seed": [5, 9], "psi": [0.7] * 2, **classes}
    alone = predict(service, name, "serving_default", **seeds)["image_bytes"]
    pair = {"seed_a": [5, 9], "seed_b": [1, 1], "crossover": [99, 99], "psi": [0.7] * 2, **classes}
    mixed = predict(service, name, "mix", **pair)["image_bytes"]
    assert_same_images(decoded(mixed), decoded(alone))  # nothing of b comes after the last layer


def test_the_metadata_tells_every_signature(service):
    calls = get_model_metadata_pb2.GetModelMetadataRequest()
    calls.model_spec.name = "labelled"
    calls.metadata_field.append("signature_def")
    response = service.GetModelMetadata(calls, timeout=60)
    messages = get_model_metadata_pb2.SignatureDefMap()
    assert response.metadata["signature_def"].Unpack(messages)
    assert set(messages.signature_def) == SIGNATURES[True]
    default = messages.signature_def["serving_default"]
    assert {key: value.dtype for key, value in default.inputs.items()} == {
        "seed": tf.int64.as_datatype_enum,
        "psi": tf.float32.as_datatype_enum,
        "label": tf.int32.as_datatype_enum,
    }
    assert default.method_name == "tensorflow/serving/predict"


@pytest.mark.parametrize("with_labels", [False, True])
def test_the_recorded_warm_up_is_answered(with_labels, service, model, labelled_model):
    folder = labelled_model if with_labels else model
    path = folder / "assets.extra" / "tf_serving_warmup_requests"
    answered = set()
    for record in tf.data.TFRecordDataset(str(path)).as_numpy_iterator():
        calls = prediction_log_pb2.PredictionLog.FromString(record).predict_log.request
        response = service.Predict(calls, timeout=60)
        (size,) = {value.tensor_shape.dim[0].size for value in response.outputs.values()}
        answered.add((calls.model_spec.signature_name, size))
    assert answered == {(name, size) for name in SIGNATURES[with_labels] for size in (1, 2, 4, 8)}


GOOD = {"seed": [1], "psi": [0.7]}


@pytest.mark.parametrize(
    ("signature", "inputs", "message"),
    [
        ("paint", GOOD, "'paint' not found"),
        ("serving_default", {"seed": [1]}, r"takes \['psi', 'seed'\]"),
        ("serving_default", {**GOOD, "label": [1]}, "takes"),
        ("serving_default", {"seed": [1, 2, 3], "psi": [0.7, 0.5]}, ""),
        ("serving_default", {"seed": [[1]], "psi": [0.7]}, "shape"),
        ("generate", {"z": [[0.0] * 5], "psi": [0.7]}, "shape"),
        ("mix", {**GOOD}, "takes"),
    ],
)
def test_what_does_not_fit_is_an_invalid_argument(signature, inputs, message, service):
    code, details = refusal(service, request("stylegan", signature, **inputs))
    assert code == grpc.StatusCode.INVALID_ARGUMENT
    assert re.search(message, details)


def test_another_dtype_is_an_invalid_argument(service):
    calls = request("stylegan", "serving_default", **GOOD)
    calls.inputs["seed"].CopyFrom(tf.make_tensor_proto(np.int32([1])))
    code, details = refusal(service, calls)
    assert (code, "dtype" in details) == (grpc.StatusCode.INVALID_ARGUMENT, True)


def test_a_refusal_does_not_harm_the_next_request(service):
    refusal(service, request("stylegan", "serving_default", seed=[1, 2, 3], psi=[0.7, 0.5]))
    assert images_of(service, [1]).shape == (1, 16, 16, 3)
