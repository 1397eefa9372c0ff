"""The client: what it asks, what it makes of answers, and what it does when there are none."""

import json
import socket
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

for _module in ("requests", "tenacity", "starlette", "uvicorn", "prometheus_client"):
    pytest.importorskip(_module, reason="needs the extra `serving`")

import stylegan_tf as sg  # noqa: E402
import tiny  # noqa: E402
from compare import assert_close  # noqa: E402
from served import answer, assert_same_images, decoded  # noqa: E402
from stylegan_tf.latents import labels_from_seeds  # noqa: E402
from stylegan_tf.pipeline import Pipeline  # noqa: E402
from stylegan_tf.serving import Client, ServingError, failures  # noqa: E402


@pytest.fixture
def client(server):
    with Client(server, batch_size=2) as made:
        yield made


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    """Milliseconds between attempts."""
    monkeypatch.setattr(failures, "FIRST", 0.001)


def test_images_of_many_seeds_go_out_in_batches(client, model):
    seeds = [5, 2**40, 3, -1, 7]
    decoded_images = client.generate(seeds, psi=[0.7, 0.5, 1, 0, 0.7])
    given = {"seed": seeds, "psi": [0.7, 0.5, 1, 0, 0.7]}
    expected = decoded(answer(model, "serving_default", **given)["image_bytes"])
    assert [image.size for image in decoded_images] == [(16, 16)] * 5
    assert_same_images([np.asarray(image) for image in decoded_images], expected)


def test_the_styles_of_two_seeds_are_mixed(client):
    a, b = client.generate([1, 2])
    mixed = client.mix([1, 1, 1], [2, 2, 2], crossover=[0, 3, 6])
    assert mixed[2] == a
    assert mixed[1] not in (a, b)
    assert mixed[0] not in (a, b)  # the styles of b and the noise of a


def test_mapping_and_synthesis(client, model, rng):
    z = rng.normal(size=[3, 6])
    w = client.mapping(z)
    assert w.dtype == np.float32
    np.testing.assert_allclose(w, answer(model, "mapping", z=z)["w"], rtol=1e-5, atol=1e-6)
    all_w = np.repeat(w[:, None], 6, axis=1)
    expected = answer(model, "synthesis", w=all_w)["images"]
    result = [np.asarray(image) for image in client.synthesis(all_w)]
    assert_same_images(result, expected)


def test_any_signature_can_be_asked(client, rng):
    images = rng.integers(0, 256, [3, 16, 16, 3], np.uint8)
    assert client.predict("discriminate", {"images": images})["logits"].shape == (3,)
    result = client.predict("generate", {"z": rng.normal(size=[6]), "psi": 0.7})["images"]
    assert (result.shape, result.dtype) == ((1, 16, 16, 3), np.uint8)  # one for all, so one


def test_a_server_is_asked_for_what_it_has(client):
    (version,) = client.status()["model_version_status"]
    assert (version["version"], version["state"]) == ("1", "AVAILABLE")
    assert client.metadata()["model_spec"]["version"] == "1"
    assert client.generate([1], version=1) == client.generate([1])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda client: client.generate([]), "one or more examples"),
        (lambda client: client.generate([1, 2], psi=[1, 1, 1]), "as many of each input"),
        (lambda client: client.generate([1.5]), "seed: not all values are numbers"),
        (lambda client: client.generate([2**63]), "seed: int64 goes from"),
        (lambda client: client.generate([1], psi=float("nan")), "psi: values must be finite"),
        (
            lambda client: client.generate([1], label=1),
            "serving_default takes psi, seed; it was given lab",
        ),
        (lambda client: client.predict("paint", {}), "no signature 'paint'; there are discr"),
    ],
)
def test_inputs_that_the_model_cannot_take_are_not_sent(call, message, client):
    client.metadata()
    with pytest.raises(ValueError, match=message):
        call(client)


def test_a_refusal_has_the_servers_words(client, server):
    with pytest.raises(ServingError) as caught:
        client.generate([1], psi=3)
    assert caught.value.status == 400
    address = f"{server}/v1/models/stylegan:predict"
    expected = f"{address}: the server answered 400: psi must be between -2 and 2"
    assert str(caught.value) == expected


def test_a_model_that_is_not_there(server):
    with (
        Client(server, "faces") as client,
        pytest.raises(ServingError, match="404: /v1/models/faces"),
    ):
        client.status()


@pytest.mark.parametrize("label", [None, 2, [2, 0, -1]])
def test_classes(label, labelled_server, labelled_model):
    with Client(labelled_server, "labelled") as client:
        result = [np.asarray(image) for image in client.generate([1, 2, 3], label=label)]
    labels = np.broadcast_to(-1 if label is None else label, 3)
    given = {"seed": [1, 2, 3], "psi": [0.7] * 3, "label": labels}
    assert_same_images(
        result, decoded(answer(labelled_model, "serving_default", **given)["image_bytes"])
    )


def test_labels_by_vector_and_of_seeds(labelled_server, labelled):
    vector = [0.5, 0.25, 0.0]
    pipe = Pipeline(labelled)
    with Client(labelled_server, "labelled") as client:
        found = [np.asarray(image) for image in client.generate([1, 2], label=vector)]
        assert_same_images(found, pipe([1, 2], label=vector, output_type="np"))
        vectors = np.float32([[0, 1, 0], [0.5, 0, 0]])
        found = client.mapping(tiny.latents(2), label=vectors)
        assert_close(found, labelled.mapping(tiny.latents(2), vectors), 1e-6)
        np.testing.assert_array_equal(
            client.labels([1, 2]), labels_from_seeds([1, 2], pipe.label_space)
        )
        assert (client.label_space().size, client.label_space().names) == (3, ())
        with pytest.raises(ValueError, match="does not know the names of its classes"):
            client.generate([1], label="dog")
        with pytest.raises(ValueError, match="mapping takes label, z; it was given z"):
            client.mapping(tiny.latents(2))


@pytest.mark.parametrize("url", ["localhost:8501", "ftp://x", ""])
def test_urls_of_other_kinds_are_refused(url):
    with pytest.raises(ValueError, match="it must begin with http://"):
        Client(url)


@pytest.mark.parametrize("argument", ["batch_size", "attempts"])
def test_numbers_below_one_are_refused(argument):
    with pytest.raises(ValueError, match=f"{argument} is 0"):
        Client("http://x", **{argument: 0})


def test_http_does_not_need_tensorflow():
    code = (
        "import sys, stylegan_tf as sg; sg.serving.Client('http://localhost:1'); "
        "sys.exit('tensorflow' in sys.modules or 'keras' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_names_of_the_package_stay_what_they_are():
    from stylegan_tf.serving.saved_model import export, free_folder

    assert callable(free_folder)
    assert sg.serving.export is export
    assert sg.serving.Client is Client
    with pytest.raises(AttributeError, match="attribute nothing"):
        sg.serving.nothing  # noqa: B018


STATUS = {"model_version_status": [{"version": "1", "state": "AVAILABLE"}]}


@pytest.fixture
def flaky():
    """A server that goes through a list of what to do, then answers well; and its address.

    A number is a status to answer, "reset" hangs up, "half" answers a part, "slow" takes a while.
    """
    plan, times = [], []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):  # noqa: N802
            times.append(time.monotonic())
            what = plan.pop(0) if plan else 200
            if what == "slow":
                time.sleep(0.6)  # and nobody is there any more
                self.close_connection = True
                return
            if what == "reset":
                self.connection.shutdown(socket.SHUT_RDWR)
                self.close_connection = True
                return
            body = json.dumps(STATUS if what in (200, "half") else {"error": "busy"})
            body = "<html>" if what == "page" else body
            self.send_response(what if isinstance(what, int) else 200)
            self.send_header("Content-Length", str(len(body)))
            if what == 429:
                self.send_header("Retry-After", "1")
            self.end_headers()
            self.wfile.write(body.encode()[: 5 if what == "half" else None])
            self.close_connection = what == "half"

        def log_message(self, *arguments):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever).start()
        yield plan, times, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize("failure", [429, 502, 503, 504, "reset", "half", "slow"])
def test_what_passes_is_tried_again(failure, flaky):
    plan, times, url = flaky
    plan += [failure] * 2
    with Client(url, timeout=0.3) as client:
        assert client.status() == STATUS
    assert len(times) == 3
    if failure == 429:
        assert times[-1] - times[0] > 2  # the server asked for a second each time


@pytest.mark.parametrize("failure", [400, 401, 404, 405, 408, 413, 422, 500, 501])
def test_what_stays_is_not_tried_again(failure, flaky):
    plan, times, url = flaky
    plan.append(failure)
    with Client(url) as client, pytest.raises(ServingError) as caught:
        client.status()
    assert str(caught.value) == f"{url}/v1/models/stylegan: the server answered {failure}: busy"
    assert (caught.value.status, len(times)) == (failure, 1)


def test_attempts_come_to_an_end(flaky):
    plan, times, url = flaky
    plan += [503] * 9
    with Client(url, attempts=4) as client, pytest.raises(ServingError, match="503: busy"):
        client.status()
    assert len(times) == 4


def test_pauses_grow_and_differ(monkeypatch):
    monkeypatch.setattr(failures, "FIRST", 0.1)
    slept = []
    monkeypatch.setattr("tenacity.nap.time.sleep", slept.append)

    def fail():
        raise ServingError("http://x", "no", passing=True)

    with pytest.raises(ServingError):
        failures.with_retries(fail, 9)
    assert len(slept) == 8
    for count, pause in enumerate(slept):
        assert min(0.1 * 2**count, 5) <= pause <= 0.1 * 2**count + 0.1
    assert len({round(pause % 0.1, 4) for pause in slept[:5]}) > 1


def test_nobody_there_is_told_with_a_way_out():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    message = r"no connection \(.*refused\); is a server running there\?"
    with pytest.raises(ServingError, match=message):
        Client(f"http://127.0.0.1:{port}", attempts=2).status()


def test_a_server_that_is_too_slow_is_told_with_a_way_out(flaky):
    plan, _, url = flaky
    plan += ["slow"] * 2
    with pytest.raises(ServingError, match="no answer within 0.1 s; give timeout= more"):
        Client(url, timeout=0.1, attempts=2).status()


def test_an_answer_that_is_no_json_is_told(flaky):
    plan, _, url = flaky
    plan.append("page")
    with pytest.raises(ServingError, match="the answer is not JSON"):
        Client(url).status()
