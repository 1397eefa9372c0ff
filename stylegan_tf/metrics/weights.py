"""Weight files of feature networks: found, checked and kept."""

import gzip
import hashlib
import importlib.util
import os
import shutil
import tarfile
import tempfile
import zlib
from dataclasses import dataclass
from pathlib import Path

from stylegan_tf.downloads import CACHE as CACHE
from stylegan_tf.downloads import cache, is_url, retrieve
from stylegan_tf.files import atomic_write, sha256_of

ARCHIVES = (".tgz", ".tar.gz")
# What archives raise that are damaged, or have no such file in them.
DAMAGE = (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError, IndexError, AttributeError)


class WeightsMissing(ValueError):
    """Weights that cannot be had here; the message says where to get them."""


@dataclass(frozen=True)
class WeightFile:
    """A file of weights that this package does not bring.

    Attributes:
        name: of the file in the cache, and in an archive.
        what: what a message calls it.
        sha256: of its bytes, in hexadecimal.
        remedy: what to do to get it.
        package, inside: a Python package that has it among its files, and where; "" if none has.
        without: what can be done without it, for messages.
    """

    name: str
    what: str
    sha256: str
    remedy: str
    package: str = ""
    inside: str = ""
    without: str = ""


def find(weights: WeightFile, source: str | os.PathLike[str] | None = None) -> Path:
    """Returns the path of a weight file whose bytes are the right ones.

    Args:
        weights: which.
        source: a path, or an http(s) URL, from which it is fetched into the cache unless it is
            there. Of an archive (.tgz, .tar.gz) the file in it is put into the cache. None: the
            file in the cache, or that of the Python package.

    Raises:
        WeightsMissing: if it is not there, cannot be fetched, or has other bytes.
    """
    kept = cache() / weights.name
    if source is None:
        result = at_hand(weights)
        if result is None:
            raise WeightsMissing(_missing(weights, f"{weights.what} not found"))
    elif is_url(source):
        result = kept if kept.exists() else _fetch(weights, str(source), kept)
    else:
        result = Path(source)
        if not result.is_file():
            raise WeightsMissing(_missing(weights, f"{result} is no file; {weights.what}"))
        if result.name.endswith(ARCHIVES):
            with atomic_write(_made(kept)) as partial:
                _unpack(weights, result, partial, result)
            return kept
    _check(weights, result, result)
    return result


def at_hand(weights: WeightFile) -> Path | None:
    """Returns where it is, in the cache or the Python package; its bytes are not checked."""
    paths = cache() / weights.name, _packaged(weights)
    return next((path for path in paths if path and path.exists()), None)


def digest(path: Path) -> str:
    """Returns the SHA-256 of a file; of a folder, that of the names and digests of its files."""
    if not path.is_dir():
        return sha256_of(path)
    total = hashlib.sha256()
    for file in sorted(file for file in path.rglob("*") if file.is_file()):
        total.update(f"{file.relative_to(path).as_posix()} {sha256_of(file)}\n".encode())
    return total.hexdigest()


def _packaged(weights: WeightFile) -> Path | None:
    """Returns where the package has it, which is not imported: what it needs can be missing."""
    spec = importlib.util.find_spec(weights.package) if weights.package else None
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(spec.submodule_search_locations[0], weights.inside)


def _fetch(weights: WeightFile, url: str, kept: Path) -> Path:
    """Puts a file into the cache, once its bytes are known to be right."""
    if not url.partition("?")[0].endswith(ARCHIVES):
        _download(weights, url, kept, weights.sha256)
        return kept
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder, "archive")
        _download(weights, url, archive, sha256=None)  # that of the file in it is known
        with atomic_write(_made(kept)) as partial:
            _unpack(weights, archive, partial, url)
    return kept


def _download(weights: WeightFile, url: str, path: Path, sha256: str | None) -> None:
    """Downloads a file; what is wrong is said with the ways out."""
    try:
        retrieve(url, path, sha256)
    except OSError as error:  # those of `requests` are of this kind
        reason = f"{url} cannot be fetched ({error}); {weights.what}"
        raise WeightsMissing(_missing(weights, reason)) from error
    except ValueError as error:
        raise WeightsMissing(
            f"{url} is another file than {weights.what}: its SHA-256 is not {weights.sha256}; "
            f"{weights.remedy}"
        ) from error


def _unpack(weights: WeightFile, archive: Path, path: Path, called: object) -> None:
    """Writes the file in an archive to `path`, with nothing else that is in it, and checks it."""
    try:
        with tarfile.open(archive) as opened, path.open("wb") as file:
            members = [one for one in opened if Path(one.name).name == weights.name]
            content = opened.extractfile(members[0])
            # A link or folder has none, and fails with an AttributeError: that is damage, too.
            shutil.copyfileobj(content, file)  # type: ignore[arg-type]
    except DAMAGE as error:
        reason = f"{called} is no archive with {weights.name} in it; {weights.what}"
        raise WeightsMissing(_missing(weights, reason)) from error
    _check(weights, path, called)


def _made(kept: Path) -> Path:
    """Returns the path, in a folder that exists."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    return kept


def _check(weights: WeightFile, path: Path, called: object) -> None:
    sha256 = sha256_of(path)
    if sha256 != weights.sha256:
        raise WeightsMissing(
            f"{called} is another file than {weights.what}: its SHA-256 is {sha256}, "
            f"not {weights.sha256}; {weights.remedy}"
        )


def _missing(weights: WeightFile, reason: str) -> str:
    """Returns what is wrong, and all ways out."""
    kept = cache() / weights.name
    without = f"; {weights.without}" if weights.without else ""
    return f"{reason}: {weights.remedy}, or put it at {kept}{without}"
