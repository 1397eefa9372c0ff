"""Weight files of feature networks: found, checked and kept."""

import hashlib
import importlib.util
import os
import shutil
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from stylegan_tf.files import replacing

CACHE = "STYLEGAN_TF_CACHE"  # environment variable: a folder instead of ~/.cache/stylegan-tf
SECONDS = 60.0  # without a byte, until a download fails


class WeightsMissing(ValueError):
    """Weights that cannot be had here; the message says where to get them."""


@dataclass(frozen=True)
class WeightFile:
    """A file of weights that this package does not bring.

    Attributes:
        name: of the file in the cache.
        what: what a message calls it.
        sha256: of its bytes, in hexadecimal.
        package, inside: a Python package that has it among its files, and where.
        remedy: what to do to get it.
    """

    name: str
    what: str
    sha256: str
    package: str
    inside: str
    remedy: str


def find(weights: WeightFile, source: str | os.PathLike | None = None) -> Path:
    """The path of a weight file whose bytes are the right ones.

    Args:
        weights: which.
        source: a path, or an http(s) URL, from which it is fetched into the cache unless it is
            there. None: the file in the cache, or that of the Python package.

    Raises:
        WeightsMissing: if it is not there, cannot be fetched, or has other bytes.
    """
    kept = cache() / weights.name
    if source is None:
        found = next((path for path in (kept, _packaged(weights)) if path and path.exists()), None)
        if found is None:
            raise WeightsMissing(f"{weights.what} not found: {weights.remedy}, or put it at {kept}")
    elif str(source).startswith(("http://", "https://")):
        found = kept if kept.exists() else _fetch(weights, str(source), kept)
    else:
        found = Path(source)
        if not found.is_file():
            raise WeightsMissing(f"{found} is no file; {weights.what}: {weights.remedy}")
    _check(weights, found, found)
    return found


def cache() -> Path:
    """The folder in which fetched files are kept; it need not exist."""
    if CACHE in os.environ:
        return Path(os.environ[CACHE])
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "stylegan-tf")


def _packaged(weights: WeightFile) -> Path | None:
    """Where the package has it; the package is not imported, so what it needs can be missing."""
    spec = importlib.util.find_spec(weights.package)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(spec.submodule_search_locations[0], weights.inside)


def _fetch(weights: WeightFile, url: str, kept: Path) -> Path:
    """Puts a file into the cache, once its bytes are known to be right."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    with replacing(kept) as partial:
        try:
            with urllib.request.urlopen(url, timeout=SECONDS) as answer, partial.open("wb") as file:
                shutil.copyfileobj(answer, file)
        except OSError as error:  # URLError, timeouts and broken connections are all of this kind
            reason = f"{url} cannot be fetched ({error}); {weights.what}: {weights.remedy}"
            raise WeightsMissing(reason) from error
        _check(weights, partial, url)
    return kept


def _check(weights: WeightFile, path: Path, called) -> None:
    with path.open("rb") as file:
        digest = hashlib.sha256()
        while block := file.read(1 << 20):
            digest.update(block)
    if digest.hexdigest() != weights.sha256:
        raise WeightsMissing(
            f"{called} is another file than {weights.what}: its SHA-256 is {digest.hexdigest()}, "
            f"not {weights.sha256}; {weights.remedy}"
        )
