"""LMDB: databases written by the usual library, read by our own reader."""

import numpy as np
import pytest

import stylegan_tf as sg
from image_files import encoded, noise, pixels, stored
from stylegan_tf.datasets import sources
from stylegan_tf.datasets.sources import open_source

lmdb = pytest.importorskip("lmdb", reason="needs the package lmdb, of the extra `test`")


def database(path, content: dict[bytes, bytes], subdir=True, deleted=(), **options):
    """Writes a database, and deletes some of it again."""
    with lmdb.open(str(path), map_size=1 << 26, subdir=subdir, **options) as environment:
        with environment.begin(write=True) as transaction:
            for key, value in content.items():
                transaction.put(key, value)
        with environment.begin(write=True) as transaction:
            for key in deleted:
                transaction.delete(key)
    return path


def as_library_reads(path) -> dict[str, bytes]:
    with (
        lmdb.open(str(path), readonly=True, lock=False) as environment,
        environment.begin() as read,
    ):
        return {key.decode(): value for key, value in read.cursor()}


def as_we_read(path) -> dict[str, bytes]:
    source = open_source(path)
    return {name: source.open(name).read() for name in source.names}


@pytest.mark.parametrize("subdir", [True, False])
def test_images_are_named_by_their_keys(subdir, tmp_path):
    files = {"0a": noise(8), "b/c.webp": noise(8, seed=1)}
    content = {name.encode(): encoded(p, "WEBP", lossless=True) for name, p in files.items()}
    source = database(tmp_path / "lsun_lmdb", content, subdir)
    sg.datasets.create(source, tmp_path / "made")
    result = stored(tmp_path / "made")
    assert result.keys() == files.keys()
    for name, image in files.items():
        np.testing.assert_array_equal(pixels(result[name]), image)


@pytest.mark.parametrize("lengths", [(1, 50), (1000, 9000), (0, 3000)])
def test_trees_of_several_levels_are_read_as_the_library_reads_them(lengths, rng, tmp_path):
    content = {
        rng.bytes(20).hex().encode(): rng.bytes(int(rng.integers(*lengths))) for _ in range(900)
    }
    deleted = sorted(content)[::3]
    source = database(tmp_path / "db", content, deleted=deleted)
    expected = as_library_reads(source)
    assert len(expected) == 600
    assert as_we_read(source) == expected


def test_a_value_that_is_far_too_long_for_an_image_is_not_read_on(tmp_path, monkeypatch):
    monkeypatch.setattr(sources.lmdb, "MAX_BYTES", 5000)
    source = open_source(database(tmp_path / "db", {b"a": bytes(9000), b"b": bytes(4000)}))
    assert [len(source.open(name).read()) for name in source.names] == [5001, 4000]


def test_an_empty_database_holds_no_images(tmp_path):
    source = database(tmp_path / "db", {})
    with pytest.raises(sg.datasets.DatasetError, match=r"db holds no images"):
        open_source(source)


def test_databases_inside_are_refused(tmp_path):
    source = tmp_path / "db"
    with lmdb.open(str(source), max_dbs=2) as environment:
        environment.open_db(b"inner")
    with pytest.raises(sg.datasets.DatasetError, match=r"data\.mdb.*databases inside"):
        open_source(source)


@pytest.mark.parametrize("seed", range(40))
def test_damage_never_raises_anything_else(seed, tmp_path):
    """Where the library would end the process, a line says which file it is."""
    rng = np.random.default_rng(seed)
    content = {f"{index:03}".encode(): rng.bytes(200) for index in range(60)}
    file = database(tmp_path / "db", content) / "data.mdb"
    data = bytearray(file.read_bytes())
    if seed % 4 == 0:
        data = data[: rng.integers(20, len(data))]
    else:
        for place in rng.integers(20, len(data), 40 * seed):
            data[place] = rng.integers(256)
    file.write_bytes(data)
    try:
        source = open_source(tmp_path / "db")
        for name in source.names:
            source.open(name).read()
    except sg.datasets.DatasetError as error:
        assert "db" in str(error)
        assert "\n" not in str(error)


def test_a_tree_that_goes_round_in_circles_is_refused(tmp_path):
    """The root becomes a branch whose only node is the root itself."""
    file = database(tmp_path / "db", {b"a": b"1"}) / "data.mdb"
    data = bytearray(file.read_bytes())
    size = int.from_bytes(data[40:44], "little")
    metas = [0, size]
    newest = max(metas, key=lambda m: data[m + 144])
    root = int.from_bytes(data[newest + 128 : newest + 136], "little")
    start = root * size
    data[start + 10 : start + 14] = bytes([1, 0, 18, 0])  # a branch of one node
    data[start + 16 : start + 18] = (32).to_bytes(2, "little")
    data[start + 32 : start + 40] = root.to_bytes(6, "little") + b"\0\0"
    file.write_bytes(data)
    with pytest.raises(sg.datasets.DatasetError, match="no end"):
        open_source(file)
