"""TF_CONFIG: what it says, and what cannot be; and how workers wait for each other."""

import json
import socket
import threading

import pytest

from several_workers import addresses
from stylegan_tf.training.cluster import EXAMPLE, Cluster, wait_for_workers

TWO = ["a:1", "b:2"]


def read(monkeypatch, text) -> Cluster:
    monkeypatch.setenv("TF_CONFIG", text if isinstance(text, str) else json.dumps(text))
    return Cluster.of_environment()


def of(cluster, kind="worker", index=0) -> dict:
    return {"cluster": cluster, "task": {"type": kind, "index": index}}


def test_the_first_worker_is_the_chief_where_there_is_no_task_of_that_type(monkeypatch):
    cluster = read(monkeypatch, of({"worker": TWO}, index=1))
    assert (cluster.number, cluster.this, cluster.tasks) == (
        1,
        "worker 1",
        ("worker 0", "worker 1"),
    )
    assert cluster.describe() == "a:1, b:2; this is worker 1, which computes, and writes nothing"
    assert cluster.called("worker", 0) == "worker 0 (a:1)"
    others = [cluster.is_other("worker", index) for index in range(3)]
    assert others == [True, False, False]


@pytest.mark.parametrize(("kind", "index", "number"), [("chief", 0, 0), ("worker", 1, 2)])
def test_a_chief_comes_before_all_workers(monkeypatch, kind, index, number):
    cluster = read(monkeypatch, of({"worker": TWO, "chief": ["c:3"]}, kind, index))
    assert cluster.number == number
    assert cluster.addresses == ("c:3", "a:1", "b:2")
    assert cluster.called("chief", 0) == "chief (c:3)"


def test_the_example_is_one(monkeypatch):
    assert read(monkeypatch, EXAMPLE).addresses == ("host1:2222", "host2:2222")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is not set"),
        ("{", "is not JSON"),
        ("[]", "has no 'cluster' that is an object"),
        ({"cluster": {"worker": TWO}}, "has no 'task' that is an object"),
        (of({}), "has no worker"),
        (of({"worker": []}), "has no worker"),
        (of({"worker": "a:1"}), "has no 'worker' that is a list"),
        (of({"worker": ["a"]}), "has the address 'a', which is not HOST:PORT"),
        (of({"worker": ["a:99999"]}), "has the address 'a:99999'"),
        (of({"worker": ["a:1", "a:1"]}), "has the address 'a:1' twice"),
        (of({"worker": TWO}, index=2), "has the task index 2, but 2 task(s) of type 'worker'"),
        (of({"worker": TWO}, index=-1), "has the task index -1"),
        (of({"worker": TWO}, index="0"), "has the task index '0'"),
        (of({"worker": TWO}, index=None), "has the task index None"),
        (of({"worker": TWO}, "chief"), "has the task index 0, but 0 task(s) of type 'chief'"),
        (of({"worker": TWO}, "ps"), "has the task type 'ps'; chief and worker can run"),
        (of({"worker": TWO}, "evaluator"), "has the task type 'evaluator'"),
        (of({"worker": TWO, "ps": ["c:3"]}), "has tasks of type 'ps'"),
        (of({"worker": TWO, "chief": ["c:3", "d:4"]}), "has more than one chief"),
    ],
)
def test_what_cannot_be_is_refused_in_a_line_that_shows_how_it_should_be(monkeypatch, text, reason):
    with pytest.raises(ValueError) as caught:
        read(monkeypatch, text)
    line = str(caught.value)
    assert line.startswith(f"strategy multi_worker: TF_CONFIG {reason}")
    assert EXAMPLE in line
    assert "\n" not in line


def test_workers_wait_until_all_are_there():
    names = addresses(3)
    clusters = [Cluster(("worker 0", "worker 1", "worker 2"), tuple(names), n) for n in range(3)]
    messages, ended = [], threading.Barrier(3)

    def wait(cluster):
        wait_for_workers(cluster, messages.append)
        port = int(names[cluster.number].partition(":")[2])
        with socket.create_server(("", port)):  # where TensorFlow's server would be from now on
            ended.wait(30)

    first = threading.Thread(target=wait, args=clusters[:1], daemon=True)
    first.start()
    first.join(1)
    assert first.is_alive()
    assert messages == [f"waiting for worker 1 at {names[1]} (Connection refused)"]
    others = [threading.Thread(target=wait, args=[one], daemon=True) for one in clusters[1:]]
    for thread in others:
        thread.start()
    for thread in (first, *others):
        thread.join(30)
        assert not thread.is_alive()


def test_an_address_in_use_is_named():
    with socket.create_server(("", 0)) as server:
        name = f"localhost:{server.getsockname()[1]}"
        cluster = Cluster(("worker 0",), (name,), 0)
        with pytest.raises(OSError, match=f"worker 0 cannot listen at {name}: Address already"):
            wait_for_workers(cluster)
