"""`stylegan-tf serve`."""

import importlib.util
import json
import os
import re
import signal
import socket
import subprocess
import sys

import pytest
import tensorflow as tf

for _module in ("requests", "starlette", "uvicorn", "prometheus_client"):
    pytest.importorskip(_module, reason="needs the extra `serving`")

import requests  # noqa: E402

from command_line import refused  # noqa: E402
from local_server import as_command  # noqa: E402


@pytest.fixture(scope="module")
def dest(tmp_path_factory):
    """A model that doubles."""
    folder = tmp_path_factory.mktemp("served") / "toy"
    module = tf.Module()
    module.run = tf.function(lambda seed: {"double": seed * 2})
    function = module.run.get_concrete_function(tf.TensorSpec([None], tf.int64, "seed"))
    tf.saved_model.save(module, str(folder / "3"), {"serving_default": function})
    return folder


def test_a_model_is_served_until_ctrl_c(dest):
    with as_command(dest, "--name", "twice", "--max-batch", "2") as (process, url):
        call = f"{url}/v1/models/twice:predict"
        answer = requests.post(call, json={"instances": [1, 2]}, timeout=30)
        assert answer.json() == {"predictions": [2, 4]}
        answer = requests.post(call, json={"instances": [1, 2, 3]}, timeout=30)
        assert answer.json()["error"] == "3 examples in a request; this server takes 2"
        assert "stand-in for TensorFlow Serving" in process.stdout.readline()
        os.kill(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=30)
        assert (process.returncode, out, err.strip()) == (130, "", "stylegan-tf: stopped")


def test_it_imports_none_of_our_networks(dest):
    code = (
        "import sys; from stylegan_tf import keras_registration; keras_registration.leave_keras(); "
        "from stylegan_tf.serving import server, versions; "
        "versions.Versions(sys.argv[1], 1); print([name for name in sys.modules if name.startswith("
        "('stylegan_tf.models', 'stylegan_tf.ops', 'stylegan_tf.layers', 'stylegan_tf.training'))])"
    )
    command = [sys.executable, "-c", code, str(dest)]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "[]\n"


def test_another_host_is_served_with_a_warning(dest):
    with as_command(dest, "--host", "0.0.0.0") as (process, url):
        url = url.replace("0.0.0.0", "127.0.0.1")
        assert requests.get(url + "/healthz", timeout=30).status_code == 200
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
        assert err.startswith("--host 0.0.0.0: whoever reaches this machine can use it")


def test_a_port_in_use_is_refused(dest, capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        line = refused(capsys, "serve", dest, "--port", port)
    assert f"cannot listen at 127.0.0.1, port {port}: Address already in use; give another" in line


def test_a_host_that_is_not_here_is_refused(dest, capsys):
    assert "cannot listen at 192.0.2.1" in refused(capsys, "serve", dest, "--host", "192.0.2.1")
    assert "cannot listen at no such" in refused(capsys, "serve", dest, "--host", "no such")


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("none", "none holds no version of an exported model; `stylegan-tf export` makes one"),
        ("toy/3", "toy/3 is one version of a model; give the folder around it"),
    ],
)
def test_a_folder_that_is_no_model_is_refused(path, message, dest, capsys):
    assert message in refused(capsys, "serve", dest.parent / path, "--port", 0)


def test_a_model_that_cannot_be_loaded_is_refused(tmp_path, capsys):
    (tmp_path / "1").mkdir()
    (tmp_path / "1" / "saved_model.pb").write_bytes(b"no model")
    assert f"{tmp_path / '1'} cannot be loaded: " in refused(capsys, "serve", tmp_path, "--port", 0)


@pytest.mark.parametrize("name", ["a/b", "a:b", "ü", ".."])
def test_a_name_that_cannot_be_in_an_address_is_refused(name, dest, capsys):
    assert "give another --name" in refused(capsys, "serve", dest, "--name", name)


@pytest.mark.parametrize("option", ["--max-batch", "--max-requests", "--max-body", "--max-psi"])
def test_limits_out_of_range_are_refused(option, dest, capsys):
    assert re.search(f"'{option}'.*range", refused(capsys, "serve", dest, option, -1))


def test_missing_libraries_are_named(dest, monkeypatch, capsys):
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *a: None if name == "uvicorn" else find(name, *a)
    )
    line = refused(capsys, "serve", dest)
    assert line.endswith("uvicorn not installed here: pip install 'stylegan-tf[serving]'")


def test_help_imports_no_library():
    code = (
        "import sys, json, atexit; from stylegan_tf.cli import main; "
        "atexit.register(lambda: print(json.dumps(sorted(sys.modules)))); main(['serve', '--help'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = json.loads(done.stdout.splitlines()[-1])
    assert "--max-requests" in done.stdout
    assert {"tensorflow", "keras", "starlette", "uvicorn", "requests", "numpy"}.isdisjoint(loaded)
