"""What a source names: a preset, a path, a URL."""

import hashlib

import pytest

import stylegan_tf as sg
import tiny
import tiny_preset
import web_folder
from stylegan_tf.messages import Notice
from stylegan_tf.pretrained import sources


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    """An empty working directory, an empty cache, and a single preset."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("STYLEGAN_TF_CACHE", str(tmp_path / "cache"))
    tiny_preset.install(monkeypatch, tmp_path / "presets")
    return tmp_path


@pytest.fixture
def served(place):
    """A web server on a folder with a file: the address of the file, its checksum, all calls."""
    (place / "served").mkdir()
    tiny.generator(resolution=4).save(place / "served" / "g.keras")
    sha256 = hashlib.sha256((place / "served" / "g.keras").read_bytes()).hexdigest()
    with web_folder.served(place / "served") as (url, calls):
        yield f"{url}/g.keras", sha256, calls


def test_a_name_is_that_of_a_preset(place):
    assert sources.locate("tiny-8") == place / "presets" / "tiny-8.npz"


def test_a_path_that_exists_comes_first(place):
    (place / "here" / "tiny-8").mkdir()
    assert sources.locate("tiny-8").resolve() == place / "here" / "tiny-8"


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("tiny-9", "'tiny-9' does not exist and is no preset; did you mean 'tiny-8'?"),
        ("runs/tiny-9", "runs/tiny-9 does not exist; give a run directory, "),
        ("gone.keras", "gone.keras does not exist; give a run directory, "),
    ],
)
def test_what_is_not_there_is_refused(source, message):
    with pytest.raises(ValueError) as caught:
        sources.locate(source)
    assert str(caught.value).startswith(message)


def test_a_url_is_fetched_once(served):
    url, sha256, calls = served
    with pytest.warns(Notice, match="fetching http.*g.keras to .*cache/networks/"):
        assert sg.load(url).resolution == 4
    for again in (url, f"{url}#sha256={sha256}", f"{url}#sha256={sha256.upper()}"):
        assert sources.locate(again).read_bytes() == sources.locate(url).read_bytes()
    assert calls == ["/g.keras"]


def test_files_of_the_same_name_are_kept_apart(served, place):
    url, *_ = served
    (place / "served" / "other").mkdir()
    (place / "served" / "other" / "g.keras").write_bytes(b"other")
    other = url.replace("/g.keras", "/other/g.keras")
    with pytest.warns(Notice):
        assert sources.locate(url).read_bytes() != sources.locate(other).read_bytes()


@pytest.mark.filterwarnings("ignore::stylegan_tf.messages.Notice")
def test_another_checksum_is_refused_and_nothing_kept(served, place):
    url, sha256, _ = served
    wrong = "0" * 64
    with pytest.raises(ValueError, match=f"g.keras is another file .* SHA-256 is not {wrong}"):
        sources.locate(f"{url}#sha256={wrong}")
    assert list((place / "cache" / "networks").iterdir()) == []


@pytest.mark.filterwarnings("ignore::stylegan_tf.messages.Notice")
def test_a_file_that_is_not_there_is_refused(served):
    url, *_ = served
    with pytest.raises(ValueError, match="h.keras cannot be fetched: .*404"):
        sources.locate(url.replace("g.keras", "h.keras"))


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("https://x.example/g.zip", "not the address of a .keras, .pkl, .npz file"),
        ("https://x.example/", "not the address of a .keras, .pkl, .npz file"),
        ("https://x.example/g.pkl#sha256=12", "write the checksum as #sha256= and 64"),
        ("https://x.example/g.pkl#md5=12", "write the checksum as #sha256= and 64"),
    ],
)
def test_other_urls_are_refused_before_anything_is_fetched(url, message):
    with pytest.raises(ValueError, match=message):
        sources.locate(url)


def test_a_path_is_made_absolute_and_the_rest_stays(place):
    (place / "here" / "run").mkdir()
    assert sources.absolute("run") == str((place / "here" / "run").resolve())
    for source in ("tiny-8", "https://x.example/g.pkl", "gone"):
        assert sources.absolute(source) == source


def test_a_preset_has_both_networks_and_images_are_those_before_the_rounding():
    """Weights have three digits."""
    pipe, before = sg.Pipeline.from_pretrained("tiny-8"), sg.Pipeline(*tiny_preset.pair())
    images, expected = (one(seeds=[3], output_type="tf").numpy() for one in (pipe, before))
    assert 0 < abs(images - expected).max() < 0.02 * abs(expected).max()
    logits, expected = (float(one.discriminator(expected)[0, 0]) for one in (pipe, before))
    assert logits == pytest.approx(expected, rel=0.02)
