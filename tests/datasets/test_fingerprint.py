"""A source is another one once its files, names or labels have changed."""

import os

from image_files import several, write
from stylegan_tf.datasets.fingerprint import digest_of
from stylegan_tf.datasets.labels import Labels

NAMES = ["00.png", "01.png"]


def test_nothing_changes_nothing(tmp_path):
    source = write(tmp_path / "source", several(2))
    assert digest_of(source, NAMES, Labels()) == digest_of(str(source), NAMES, Labels())


def test_hidden_files_and_the_lock_of_lmdb_do_not_count(tmp_path):
    source = write(tmp_path / "source", several(2))
    before = digest_of(source, NAMES, Labels())
    write(source, {".made.unfinished/00000.tmp": b"", ".DS_Store": b"", "lock.mdb": b"x"})
    (source / "link").symlink_to("nowhere")
    assert digest_of(source, NAMES, Labels()) == before


def test_every_change_of_a_file_counts(tmp_path):
    source = write(tmp_path / "source", several(2))
    digests = {digest_of(source, NAMES, Labels())}
    write(source, {"00.png": b"other"})
    digests.add(digest_of(source, NAMES, Labels()))
    os.utime(source / "01.png", ns=(1, 1))
    digests.add(digest_of(source, NAMES, Labels()))
    write(source, {"deep/labels": b""})
    digests.add(digest_of(source, NAMES, Labels()))
    assert len(digests) == 4


def test_a_source_of_one_file_counts_as_the_file(tmp_path):
    archive = tmp_path / "source.zip"
    archive.write_bytes(b"one")
    before = digest_of(archive, NAMES, Labels())
    archive.write_bytes(b"other")
    assert digest_of(archive, NAMES, Labels()) != before


def test_names_and_labels_count(tmp_path):
    source = write(tmp_path / "source", several(2))
    labels = [Labels(), *(Labels(2, [], {"00.png": n, "01.png": 1}) for n in (0, 1))]
    digests = {digest_of(source, NAMES, label) for label in labels}
    digests.add(digest_of(source, NAMES[:1], Labels()))
    assert len(digests) == 4
