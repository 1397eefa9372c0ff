"""`stylegan-tf explore`."""

import importlib.util
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

import numpy as np
import pytest

import tiny
from command_line import COMMAND, refused


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    """A file with a network of 8×8 images."""
    path = tmp_path_factory.mktemp("network") / "g.keras"
    tiny.generator(resolution=8).save(path)
    return path


@pytest.fixture
def free_port():
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


@pytest.fixture
def with_gradio(monkeypatch):
    """As if gradio were installed: refusals come before it is imported."""
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *_: name == "gradio" or find(name, *_)
    )


def test_help_waits_for_neither_tensorflow_nor_gradio():
    code = (
        "import sys; from stylegan_tf.cli import main; main(['explore', '--help']); "
        "sys.exit(any(name in sys.modules for name in ('tensorflow', 'keras', 'gradio')))"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "--directions FILE" in done.stdout


def test_without_gradio_the_remedy_is_told(network, monkeypatch, capsys):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *_: None)
    assert "pip install 'stylegan-tf[explorer]'" in refused(capsys, "explore", network)


@pytest.mark.parametrize("arguments", [[], ["g.keras", "--url", "http://127.0.0.1:8501"]])
def test_there_is_one_thing_to_explore(arguments, with_gradio, capsys):
    assert "or --url of a model server" in refused(capsys, "explore", *arguments)


def test_a_source_that_is_no_network_is_refused(tmp_path, free_port, with_gradio, capsys):
    line = refused(capsys, "explore", tmp_path / "no.keras", "--port", free_port)
    assert "no.keras does not exist" in line


def test_directions_that_do_not_fit_are_refused(network, tmp_path, free_port, with_gradio, capsys):
    np.savez(tmp_path / "d.npz", smile=np.zeros(9))
    file = tmp_path / "d.npz"
    line = refused(capsys, "explore", network, "--directions", file, "--port", free_port)
    assert f"{file}: smile is [9]; for this network a direction is [5], or [4, 5]" in line


def test_a_port_that_is_taken_is_refused(network, with_gradio, capsys):
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert f"port {port}" in refused(capsys, "explore", network, "--port", port)


def test_a_server_that_is_not_there_is_refused(free_port, with_gradio, capsys):
    pytest.importorskip("requests", reason="needs the extra `serving`")
    pytest.importorskip("tenacity", reason="needs the extra `serving`")
    url = f"http://127.0.0.1:{free_port}"
    assert f"{url}/v1/models/stylegan/metadata: no connection" in refused(
        capsys, "explore", "--url", url
    )


def test_it_answers_until_ctrl_c(network, free_port):
    pytest.importorskip("gradio", reason="gradio is not installed (extra explorer)")
    arguments = ["explore", str(network), "--port", str(free_port)]
    command = [sys.executable, "-u", "-c", COMMAND, *arguments]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        line = process.stdout.readline()
        address = re.fullmatch(rf"{network} is at (http://\S+) \(Ctrl-C ends it\)\n", line)[1]
        assert address == f"http://127.0.0.1:{free_port}"
        assert answered(address) == 200
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err.strip()) == (130, "", "stylegan-tf: stopped")


def answered(address) -> int:
    """The status of a page; right after its line is printed it is still being made."""
    for _ in range(60):
        try:
            with urllib.request.urlopen(address, timeout=60) as answer:
                return answer.status
        except (urllib.error.URLError, ConnectionError):
            time.sleep(1)
    return 0
