"""The local server's contract: TensorFlow Serving's REST calls, through real connections."""

import base64
import gc
import shutil
import threading
import time
import weakref
from types import SimpleNamespace

import numpy as np
import pytest

for _module in ("requests", "starlette", "uvicorn", "prometheus_client"):
    pytest.importorskip(_module, reason="needs the extra `serving`")

import requests  # noqa: E402
import tensorflow as tf  # noqa: E402

import tiny  # noqa: E402
from local_server import connection, head, in_thread, metric, until  # noqa: E402
from served import answer  # noqa: E402
from stylegan_tf.serving import rest, versions, warmup  # noqa: E402
from stylegan_tf.serving.limits import Limits  # noqa: E402
from stylegan_tf.serving.versions import Versions  # noqa: E402

ROW = {"seed": 3, "psi": 0.7}


@pytest.fixture
def url(server):
    """The address of the model without labels."""
    return f"{server}/v1/models/stylegan"


def post(url, call=":predict", data=None, **body):
    """The status and the JSON of an answer."""
    sent = {"json": body} if data is None else {"data": data}
    result = requests.post(url + call, timeout=30, **sent)
    assert result.headers["content-type"] == "application/json"
    return result.status_code, result.json()


def predict(url, **body):
    """What is in a good answer."""
    status, result = post(url, **body)
    assert status == 200, result
    (value,) = result.values()
    return value


def refused(url, status=400, **body) -> str:
    """The message of a refusal; it is all that there is."""
    result, value = post(url, **body)
    assert result == status
    assert list(value) == ["error"]
    return value["error"]


def png(value) -> bytes:
    (encoded,) = value.values()
    assert list(value) == ["b64"]
    return base64.b64decode(encoded, validate=True)


def test_images_are_those_of_the_saved_model_bit_for_bit(url, model):
    seeds, psi = [3, 2**40, -7], [0.7, 0.5, 1.0]
    rows = [{"seed": seed, "psi": one} for seed, one in zip(seeds, psi, strict=True)]
    expected = list(answer(model, "serving_default", seed=seeds, psi=psi)["image_bytes"])
    assert [png(value) for value in predict(url, instances=rows)] == expected
    assert [png(value) for value in predict(url, inputs={"seed": seeds, "psi": psi})] == expected
    assert all(data.startswith(b"\x89PNG") for data in expected)


def test_the_form_of_the_question_is_that_of_the_answer(url):
    assert list(post(url, instances=[ROW])[1]) == ["predictions"]
    assert list(post(url, inputs={"seed": [3], "psi": [0.7]})[1]) == ["outputs"]


@pytest.mark.parametrize("rows", [False, True])
@pytest.mark.parametrize(
    "signature", ["serving_default", "generate", "mapping", "synthesis", "mix", "discriminate"]
)
def test_every_signature_is_answered(signature, rows, url, model, rng):
    inputs = {
        "serving_default": {"seed": [1, 2], "psi": [0.7, 0.7]},
        "generate": {"z": normals(rng, 2, tiny.LATENT), "psi": [0.5, 1]},
        "mapping": {"z": normals(rng, 2, tiny.LATENT)},
        "synthesis": {"w": normals(rng, 2, 6, 5)},
        "mix": {"seed_a": [1, 2], "seed_b": [3, 4], "crossover": [0, 2], "psi": [0.7, 0.7]},
        "discriminate": {"images": rng.integers(0, 256, [2, 16, 16, 3]).tolist()},
    }[signature]
    form = {"instances": in_rows(inputs)} if rows else {"inputs": inputs}
    result = predict(url, signature_name=signature, **form)
    (expected,) = answer(model, signature, **inputs).values()
    if signature in ("serving_default", "mix"):
        assert [png(value) for value in result] == list(expected)
    else:
        assert np.array_equal(np.array(result, expected.dtype), expected)


def normals(rng, *shape) -> list:
    """Normally distributed numbers, as JSON has them."""
    return rng.normal(size=shape).astype(np.float32).tolist()


def in_rows(columns) -> list[dict]:
    """A dict for each example."""
    examples = zip(*columns.values(), strict=True)
    return [dict(zip(columns, values, strict=True)) for values in examples]


@pytest.mark.parametrize("rows", [False, True])
def test_classes_are_told_by_their_number(rows, labelled_server, labelled_model):
    inputs = {"seed": [1, 1, 1], "psi": [0.7, 0.7, 0.7], "label": [2, 1, -1]}
    form = {"instances": in_rows(inputs)} if rows else {"inputs": inputs}
    result = [png(value) for value in predict(f"{labelled_server}/v1/models/labelled", **form)]
    assert result == list(answer(labelled_model, "serving_default", **inputs)["image_bytes"])
    assert result[0] != result[1]


def test_a_single_input_goes_without_its_name(url, rng):
    z = rng.normal(size=[2, tiny.LATENT]).tolist()
    named = predict(url, signature_name="mapping", instances=[{"z": one} for one in z])
    assert predict(url, signature_name="mapping", instances=z) == named
    assert predict(url, signature_name="mapping", inputs=z) == named
    assert predict(url, signature_name="mapping", inputs={"z": z}) == named


def test_a_version_can_be_named(url):
    call = "/versions/1:predict"
    assert post(url, call, instances=[ROW]) == post(url, instances=[ROW])
    there, newest = (requests.get(url + call, timeout=30).json() for call in ("/versions/1", ""))
    assert there == newest


def test_the_status_is_tensorflow_servings(url):
    fine = {"error_code": "OK", "error_message": ""}
    assert requests.get(url, timeout=30).json() == {
        "model_version_status": [{"version": "1", "state": "AVAILABLE", "status": fine}]
    }


def test_the_metadata_is_tensorflow_servings(url):
    result = requests.get(url + "/metadata", timeout=30).json()
    spec = {"name": "stylegan", "signature_name": "", "version": "1"}
    assert result["model_spec"] == spec
    signatures = result["metadata"]["signature_def"]["signature_def"]
    one = {"dim": [{"size": "-1", "name": ""}], "unknown_rank": False}
    assert signatures["serving_default"]["method_name"] == "tensorflow/serving/predict"
    seed = signatures["serving_default"]["inputs"]["seed"]
    assert seed == {
        "dtype": "DT_INT64",
        "tensor_shape": one,
        "name": "serving_default_seed:0",
    }
    (name, output), *_ = signatures["serving_default"]["outputs"].items()
    assert (name, output["dtype"]) == ("image_bytes", "DT_STRING")
    (image,) = signatures["discriminate"]["inputs"].values()
    assert [dim["size"] for dim in image["tensor_shape"]["dim"]] == ["-1", "16", "16", "3"]


def test_health_and_metrics(url):
    address = url.partition("/v1/")[0]
    assert requests.get(address + "/healthz", timeout=30).text == "ok\n"
    good = 'stylegan_tf_requests_total{status="200"}'
    bad = 'stylegan_tf_requests_total{status="400"}'
    before = metric(address, good), metric(address, bad)
    predict(url, instances=[ROW] * 3)
    refused(url, instances=[])
    assert (metric(address, good), metric(address, bad)) == (before[0] + 1, before[1] + 1)
    assert metric(address, "stylegan_tf_requests_in_flight") == 0
    assert metric(address, "stylegan_tf_model_version") == 1
    assert metric(address, "process_resident_memory_bytes") > 1e8


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", '"instances" or "inputs"'),
        (b"{}", '"instances" or "inputs"'),
        (b'{"instances": [], "inputs": {}}', '"instances" or "inputs"'),
        (b'{"instances": []}', "a list of examples"),
        (b'{"instances": 3}', "a list of examples"),
        (b'{"instances": [3]}', "the names of the inputs"),
        (b'{"instances": [{"seed": 3}]}', "the input 'psi' is missing"),
        (b'{"instances": [{"seed": 3, "psi": 1}, {"seed": 4}]}', "the same inputs"),
        (b'{"instances": [{"seed": 3, "psi": 1, "x": 1}]}', "no input 'x'"),
        (b'{"instances": [{"seed": 1.5, "psi": 1}]}', "seed: not all values"),
        (b'{"instances": [{"seed": "3", "psi": 1}]}', "seed: not all values"),
        (b'{"instances": [{"seed": true, "psi": 1}]}', "seed: not all values"),
        (b'{"instances": [{"seed": null, "psi": 1}]}', "seed: not all values"),
        (b'{"instances": [{"seed": 9223372036854775808, "psi": 1}]}', "int64 goes from"),
        (b'{"instances": [{"seed": 99999999999999999999, "psi": 1}]}', "seed: not all values"),
        (b'{"instances": [{"seed": [1], "psi": 1}]}', "seed: the shape is [1, 1]"),
        (b'{"instances": [{"seed": 3, "psi": NaN}]}', "psi: values must be finite"),
        (b'{"instances": [{"seed": 3, "psi": 1e39}]}', "psi: values must be finite"),
        (b'{"instances": [{"seed": 3, "psi": 2.1}]}', "psi must be between -2 and 2"),
        (b'{"instances": [{"seed": 3, "psi": -2.1}]}', "psi must be between -2 and 2"),
        (b'{"inputs": {"seed": 3, "psi": 1}}', "psi: the shape is []; it must be [N]"),
        (b'{"inputs": {"seed": [3, 4], "psi": [1]}}', "of different lengths"),
        (b'{"inputs": {"seed": [], "psi": []}}', "no examples"),
        (b'{"inputs": {"seed": [[1], [1, 2]], "psi": [1]}}', "seed: "),
        (b'{"signature_name": "mapping", "inputs": [[1, 2]]}', "it must be [N, 6]"),
        (b'{"signature_name": "paint", "inputs": [1]}', "no signature 'paint'; there are disc"),
        (b'{"signature_name": ["mix"], "inputs": [1]}', "no signature ['mix']"),
        (b'{"signature_name": "discriminate", "inputs": [[[[256]]]]}', "uint8 goes from 0 to 255"),
    ],
)
def test_bad_bodies_are_refused(body, message, url):
    assert message in refused(url, data=body)


def test_too_many_examples_are_refused(url):
    assert refused(url, instances=[ROW] * 5) == "5 examples in a request; this server takes 4"
    assert len(predict(url, instances=[ROW] * 4)) == 4


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_that_is_too_large_is_refused(chunked, url):
    part = b" " * 10_000
    data = iter([part] * 21) if chunked else part * 21
    assert "larger than the 0.2 MB" in refused(url, 413, data=data)
    assert "not JSON" in refused(url, data=part * 19)


def test_a_large_body_is_refused_before_it_comes(url):
    with connection(url.partition("/v1/")[0]) as sent:
        sent.sendall(head("stylegan", 300000))
        assert sent.recv(1000).startswith(b"HTTP/1.1 413 ")


def test_a_body_that_does_not_come_is_given_up(url):
    with connection(url.partition("/v1/")[0]) as sent:
        sent.sendall(head("stylegan", 30) + b"{")
        assert sent.recv(1000).startswith(b"HTTP/1.1 408 ")
        until(lambda: sent.recv(1000) == b"")  # and the connection is closed


@pytest.mark.parametrize("call", ["x:predict", "x", "x/metadata", "stylegan/versions/2:predict"])
def test_models_that_are_not_there(call, url):
    method = "POST" if call.endswith("predict") else "GET"
    address = f"{url.rpartition('/')[0]}/{call}"
    result = requests.request(method, address, json={"instances": [ROW]}, timeout=30)
    assert result.status_code == 404
    assert result.json()["error"].endswith("no such model here; there is stylegan, version 1")


@pytest.mark.parametrize(
    ("method", "call", "status"), [("GET", "/x", 404), ("PUT", "", 405), ("POST", "/metadata", 405)]
)
def test_calls_that_there_are_not(method, call, status, url):
    result = requests.request(method, url + call, timeout=30)
    assert result.status_code == status
    assert result.json()["error"].startswith("Malformed request: " + method)


class Held:
    """A model that does not answer until it is let go."""

    version = 1
    signatures = {}
    inputs = {"serving_default": {"seed": tf.TensorSpec([None], tf.int64)}}

    def __init__(self):
        self.go, self.runs = threading.Event(), []
        self.error = RuntimeError("out of memory")

    def run(self, signature, inputs):
        self.go.wait(20)
        self.runs.append(inputs["seed"].tolist())
        if -1 in inputs["seed"]:
            raise self.error
        return {"seed": inputs["seed"]}


@pytest.fixture
def held(tmp_path):
    """A server of such a model: 4 requests at a time, 3 examples in a run."""
    model = Held()
    watched = SimpleNamespace(current=model, start=lambda: None, stop=lambda: None)
    with in_thread(tmp_path / "m", Limits(batch=3, requests=4), watched) as address:
        yield SimpleNamespace(model=model, address=address, url=f"{address}/v1/models/m")
        model.go.set()


def ask(held, seeds: list[int], result: list) -> threading.Thread:
    """Asks in a thread; answers and refusals go into a list."""
    thread = threading.Thread(target=lambda: result.append(post(held.url, inputs=seeds)))
    thread.start()
    return thread


def in_flight(held) -> float:
    return metric(held.address, "stylegan_tf_requests_in_flight")


def waiting(held) -> float:
    return metric(held.address, "stylegan_tf_requests_waiting")


def test_requests_that_wait_are_run_together_in_their_order(held):
    result, threads = [], []
    for count, seeds in enumerate([[1], [2, 3], [4, 5], [6]]):
        threads.append(ask(held, seeds, result))
        until(lambda count=count: (in_flight(held), waiting(held)) == (count + 1, count))
    held.model.go.set()
    for thread in threads:
        thread.join()
    assert held.model.runs == [[1], [2, 3, 6], [4, 5]]  # three examples at most
    assert sorted(value["outputs"] for _, value in result) == [[1], [2, 3], [4, 5], [6]]
    assert (in_flight(held), waiting(held)) == (0, 0)


def test_too_many_requests_are_sent_away(held):
    result = []
    threads = [ask(held, [1], result) for _ in range(4)]
    until(lambda: in_flight(held) == 4)
    answered = requests.post(held.url + ":predict", json={"inputs": [1]}, timeout=30)
    assert answered.status_code == 503
    assert answered.headers["retry-after"] == "1"
    assert answered.json()["error"].startswith("4 requests are being answered")
    assert requests.get(held.address + "/healthz", timeout=30).status_code == 200
    held.model.go.set()
    for thread in threads:
        thread.join()
    assert [status for status, _ in result] == [200] * 4


def test_what_a_client_asked_for_is_dropped_when_it_hangs_up(held):
    """While it waits; the run in progress goes on."""
    result = []
    thread = ask(held, [1], result)
    until(lambda: in_flight(held) == 1 and waiting(held) == 0)
    body = b'{"inputs": [2]}'
    with connection(held.address) as sent:
        sent.sendall(head("m", len(body)) + body)
        until(lambda: waiting(held) == 1)
    until(lambda: (in_flight(held), waiting(held)) == (1, 0))
    held.model.go.set()
    thread.join()
    assert held.model.runs == [[1]]
    assert metric(held.address, 'stylegan_tf_requests_total{status="499"}') == 1


def test_a_client_that_hangs_up_while_it_sends_is_forgotten(held):
    with connection(held.address) as sent:
        sent.sendall(head("m", 900) + b"{")
        until(lambda: in_flight(held) == 1)
    until(lambda: in_flight(held) == 0)
    assert metric(held.address, 'stylegan_tf_requests_total{status="499"}') == 1


def test_a_run_that_fails_is_told_and_others_go_on(held):
    held.model.go.set()
    assert refused(held.url, 500, inputs=[-1]) == "RuntimeError: out of memory"
    assert predict(held.url, inputs=[5]) == [5]
    assert metric(held.address, 'stylegan_tf_requests_total{status="500"}') == 1


def test_of_requests_that_are_run_together_only_the_one_to_blame_fails(held):
    found, threads = [], []
    for count, seeds in enumerate([[1], [2], [-1], [3]]):  # the last three wait for the first
        threads.append(ask(held, seeds, found))
        until(lambda count=count: (in_flight(held), waiting(held)) == (count + 1, count))
    held.model.go.set()
    for thread in threads:
        thread.join()
    assert held.model.runs == [[1], [2, -1, 3], [2], [-1], [3]]
    assert sorted((status, str(value)) for status, value in found) == [
        *((200, f"{{'outputs': [{seed}]}}") for seed in (1, 2, 3)),
        (500, "{'error': 'RuntimeError: out of memory'}"),
    ]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (tf.errors.InvalidArgumentError(None, None, "the reason"), 400),
        (tf.errors.ResourceExhaustedError(None, None, "the reason"), 429),
        (MemoryError("the reason"), 429),
        (StopIteration("the reason"), 500),  # which an event loop does not take from a thread
        (SystemExit("the reason"), 500),
    ],
)
def test_whatever_a_model_raises_is_an_answer_and_the_next_request_has_one(error, status, held):
    held.model.go.set()
    held.model.error = error
    for _ in range(2):
        message = refused(held.url, status, inputs=[-1])
        assert message == f"{type(error).__name__}: the reason"
    assert predict(held.url, inputs=[5]) == [5]


def test_results_that_do_not_fit_the_requests_are_an_answer_too(held, monkeypatch):
    held.model.go.set()
    monkeypatch.setattr(held.model, "run", lambda signature, inputs: {"seed": 3})
    assert "TypeError" in refused(held.url, 500, inputs=[1])
    monkeypatch.undo()
    assert predict(held.url, inputs=[5]) == [5]


def test_bytes_come_and_go_as_base64():
    specs = {"default": {"x": tf.TensorSpec([None], tf.string)}}
    body = b'{"signature_name": "default", "instances": [{"b64": "/wA="}, "\\u00e9"]}'
    call = rest.parse(body, specs)
    assert call.inputs["x"].tolist() == [b"\xff\x00", "é".encode()]
    outputs = {"x_bytes": np.array([b"\xff"], object), "x": np.array(["é".encode()], object)}
    expected = b'{"predictions": [{"x_bytes": {"b64": "/w=="}, "x": "\\u00e9"}]}'
    assert rest.answer(outputs, rows=True) == expected
    expected = b'{"outputs": {"x_bytes": [{"b64": "/w=="}], "x": ["\\u00e9"]}}'
    assert rest.answer(outputs, rows=False) == expected
    with pytest.raises(ValueError, match="^x: "):
        rest.parse(b'{"signature_name": "default", "inputs": [{"b64": "!"}]}', specs)


def save_toy(folder, factor) -> dict:
    """A model that multiplies; saving and loading it takes no time. Gives its function."""
    module = tf.Module()
    module.run = tf.function(lambda seed: {"product": seed * factor})
    function = module.run.get_concrete_function(tf.TensorSpec([None], tf.int64, "seed"))
    tf.saved_model.save(module, str(folder), {"serving_default": function})
    return {"serving_default": function}


def test_a_server_goes_over_to_a_version_that_appears(tmp_path, monkeypatch):
    monkeypatch.setattr(versions, "POLL", 0.05)
    dest = tmp_path / "toy"
    save_toy(dest / "1", 10)
    watched = Versions(dest, 1)
    before = weakref.ref(watched.current)
    with in_thread(dest, versions=watched) as address:
        url = f"{address}/v1/models/toy"
        assert predict(url, inputs=[3]) == [30]
        save_toy(dest / "copying", 20)
        (dest / "copying").rename(dest / "12")
        until(lambda: list(watched.status()) == [12])
        assert predict(url, inputs=[3]) == [60]
        assert "no such model here" in refused(url, 404, call="/versions/1:predict", inputs=[3])
        gc.collect()
        assert before() is None  # and nothing holds on to the old one


def test_a_version_that_cannot_be_loaded_changes_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(versions, "POLL", 0.05)
    dest, lines = tmp_path / "toy", []
    save_toy(dest / "2", 10)
    watched = Versions(dest, 1, tell=lines.append)
    with in_thread(dest, versions=watched) as address:
        url = f"{address}/v1/models/toy"
        (dest / "13").mkdir()  # nothing in it yet
        (dest / "14").mkdir()
        (dest / "14" / "saved_model.pb").write_bytes(b"no model")
        until(lambda: list(watched.status()) == [14, 2])
        broken, fine = requests.get(url, timeout=30).json()["model_version_status"]
        assert (broken["state"], fine["state"]) == ("END", "AVAILABLE")
        assert "14 cannot be loaded" in broken["status"]["error_message"]
        assert predict(url, inputs=[3]) == [30]
        time.sleep(0.2)
        assert [line.count("14 cannot be loaded") for line in lines] == [0, 1]  # tried once

        monkeypatch.setattr(versions, "AGAIN", 0.05)
        shutil.rmtree(dest / "14")
        save_toy(dest / "copying", 20)
        (dest / "copying").rename(dest / "14")
        until(lambda: list(watched.status()) == [14])
        assert predict(url, inputs=[3]) == [60]


def test_a_version_that_goes_away_gives_room_to_the_one_before(tmp_path):
    dest = tmp_path / "toy"
    for version in (1, 2):
        save_toy(dest / str(version), version)
    watched = Versions(dest, 1)
    for version, expected in (("2", 1), ("1", 1)):  # the last one stays: better than none
        shutil.rmtree(dest / version)
        watched.refresh()
        assert watched.current.version == expected


def test_a_folder_that_cannot_be_read_for_a_moment_is_watched_on(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(versions, "POLL", 0.02)
    dest, newest, looks = tmp_path / "toy", versions.newest, []
    save_toy(dest / "1", 1)
    watched = Versions(dest, 1)

    def failing(folder):
        if folder != dest:  # that of another server here
            return newest(folder)
        looks.append(folder)
        raise PermissionError(f"{folder}: no permission")

    monkeypatch.setattr(versions, "newest", failing)
    watched.start()
    until(lambda: len(looks) > 2)
    (record,) = [one for one in caplog.records if one.name == versions.__name__]
    assert record.getMessage() == f"{dest}: no permission; what is loaded stays"
    save_toy(dest / "2", 1)
    monkeypatch.setattr(versions, "newest", newest)
    until(lambda: watched.current.version == 2)
    watched.stop()


@pytest.mark.parametrize("readable", [True, False])
def test_warm_up_requests_are_replayed(readable, tmp_path, monkeypatch):
    """Those in the model that are not too large; else a call of each signature."""
    functions = save_toy(tmp_path / "1", 1)
    if readable:
        if not warmup.available():
            pytest.skip("needs tensorflow-serving-api")
        (tmp_path / "1" / "assets.extra").mkdir()
        warmup.write(tmp_path / "1" / versions.WARMUP, "toy", functions, (2, 4, 8))
    run, sizes = versions.Model.run, []

    def recorded(self, signature, inputs):
        sizes.append((signature, len(inputs["seed"])))
        return run(self, signature, inputs)

    monkeypatch.setattr(versions.Model, "run", recorded)
    versions.Model(tmp_path / "1", batch=4)
    assert sizes == [("serving_default", size) for size in ((2, 4) if readable else (1,))]


def test_the_warm_up_is_where_the_exporter_puts_it():
    folder, name = versions.WARMUP.split("/")
    assert (folder, name) == ("assets.extra", warmup.FILE)
