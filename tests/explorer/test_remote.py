"""The explorer in front of a model server."""

import socket
import subprocess
import sys

import numpy as np
import pytest

import tiny
from served import assert_same_images

for _module in ("requests", "tenacity", "starlette", "uvicorn", "prometheus_client"):
    pytest.importorskip(_module, reason="needs the extra `serving`")

from local_server import in_thread  # noqa: E402
from stylegan_tf.explorer import Controls, LocalSession, RemoteSession  # noqa: E402
from stylegan_tf.explorer.recipe import recipe  # noqa: E402
from stylegan_tf.serving import export  # noqa: E402
from stylegan_tf.serving.limits import Limits  # noqa: E402


@pytest.fixture(scope="module")
def local(tmp_path_factory):
    """A session with the network itself."""
    path = tmp_path_factory.mktemp("network") / "g.keras"
    tiny.generator(label_size=3, label_names=["cat", "dog", "owl"], class_counts=[5, 0, 1]).save(
        path
    )
    return LocalSession(path)


@pytest.fixture(scope="module")
def url(local, tmp_path_factory):
    """The address of a server of the same network."""
    folder = tmp_path_factory.mktemp("served") / "tiny"
    export(local.generator, folder)
    with in_thread(folder, Limits()) as address:
        yield address


@pytest.fixture(scope="module")
def session(url):
    """A session with that server."""
    return RemoteSession(url, "tiny")


def test_the_server_tells_what_the_network_is(local, session):
    for name in ("resolution", "channels", "w_size", "latent_size", "num_layers", "sides"):
        assert getattr(session.facts, name) == getattr(local.facts, name)
    assert session.facts.label_space.names == local.facts.label_space.names
    labels = [session.label_of_seed(seed) for seed in range(16)]
    assert labels == [local.label_of_seed(seed) for seed in range(16)]
    assert {*labels} == {"cat", "owl"}  # no dog in the training
    assert session.facts.noises == ("random", "constant")
    assert not session.facts.has_strengths


@pytest.mark.parametrize(
    "controls",
    [
        Controls(seed=3),
        Controls(seed=3, psi=-0.5, label=1),
        Controls(seed=3, label=1, mixing={4: [2, 3, 4, 5]}),
        Controls(seed=3, mixing={4: [5]}),
        Controls(seed=3, label="dog", mixing={4: [5]}),
        Controls(seed=3, label=(0.5, 0.25, 0.0)),
        Controls(seed=3, psi=1, label=(0.5, 0.25, 0.0), noise="constant"),
        Controls(seed=3, psi=1, noise="constant"),
        Controls(seed=3, psi=1, label=2, noise="constant", mixing={4: [0, 3], 5: [1]}),
    ],
)
def test_its_images_are_those_of_the_network(controls, local, session):
    assert_same_images(session.generate(controls), local.generate(controls))


def test_directions_move_w_with_stored_noise(rng, local, url, tmp_path):
    np.save(tmp_path / "d.npy", rng.standard_normal((1, 5)))
    controls = Controls(seed=3, psi=1, noise="constant", directions={"direction 1": 1.5})
    here = LocalSession(local.source, tmp_path / "d.npy").draw(controls)
    there = RemoteSession(url, "tiny", tmp_path / "d.npy").draw(controls)
    assert_same_images(there, here)


def test_a_mean_that_a_server_does_not_tell_is_taken_of_samples(local, session):
    """Truncated to nothing, w is the mean of w over all classes, within its deviation / √1024."""
    w = local.sampled_w
    found = np.asarray(session.styles(Controls(psi=0, cutoff=6)))[0, 0]
    assert np.all(np.abs(found - w.mean(0)) < 5 * w.std(0) / 32)


def test_a_strip_is_drawn_with_stored_noise(local, session):
    controls = Controls(seed=1, psi=1, noise="constant")
    assert_same_images(session.strip(controls, 2, 3), local.strip(controls, 2, 3))


@pytest.mark.parametrize(
    "controls",
    [
        Controls(directions={"component 1": 1.0}),
        Controls(cutoff=3),
        Controls(mixing={1: [2]}),
        Controls(mixing={1: [4, 5], 2: [5]}),
    ],
)
def test_what_a_server_cannot_do_with_the_noise_of_a_seed_is_told(controls, session):
    with pytest.raises(ValueError, match="set the noise inputs to stored"):
        session.generate(controls)
    with pytest.raises(ValueError, match="set the noise inputs to stored"):
        session.strip(Controls(), 1, 2)


def test_its_recipe_gives_the_same_image_in_a_new_process(session, tmp_path):
    controls = Controls(seed=3, mixing={4: [4, 5]})
    command = [sys.executable, "-c", recipe(session, controls)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    from PIL import Image

    (path,) = tmp_path.glob("*.png")
    np.testing.assert_array_equal(np.array(Image.open(path)), session.generate(controls))


def test_a_server_that_is_not_there_is_told():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(ValueError, match="no connection.*--url and --model"):
        RemoteSession(f"http://127.0.0.1:{port}")


def test_a_model_that_is_not_there_is_told(url):
    with pytest.raises(ValueError, match="no such model.*--url and --model"):
        RemoteSession(url, "other")
