"""Exported models for tests to share; exporting takes seconds."""

import pytest

import tiny
from stylegan_tf.serving import export


@pytest.fixture(scope="session")
def generator():
    """A generator without labels, 16×16."""
    return tiny.generator()


@pytest.fixture(scope="session")
def labelled():
    """A generator with three classes."""
    return tiny.generator(label_size=3)


@pytest.fixture(scope="session")
def model(generator, tmp_path_factory):
    """The folder of its version 1, with a discriminator."""
    folder = tmp_path_factory.mktemp("served") / "stylegan"
    return export(generator, folder, discriminator=tiny.discriminator())


@pytest.fixture(scope="session")
def labelled_model(labelled, tmp_path_factory):
    """The same, with labels."""
    folder = tmp_path_factory.mktemp("served") / "labelled"
    return export(labelled, folder, discriminator=tiny.discriminator(label_size=3))


@pytest.fixture(scope="session")
def server(model):
    """The address of a local server of the model, with small limits."""
    yield from serving(model)


@pytest.fixture(scope="session")
def labelled_server(labelled_model):
    """The same, with labels."""
    yield from serving(labelled_model)


def serving(model):
    for module in ("requests", "starlette", "uvicorn", "prometheus_client"):
        pytest.importorskip(module, reason="needs the extra `serving`")
    from local_server import in_thread
    from stylegan_tf.serving.limits import Limits

    with in_thread(model.parent, Limits(batch=4, body_mb=0.2, body_seconds=2)) as address:
        yield address
