"""Where a network is that somebody names: a preset, a path, or an address on the web."""

import hashlib
import os
import re
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from stylegan_tf.downloads import cache, is_url, retrieve
from stylegan_tf.messages import did_you_mean, notice
from stylegan_tf.pretrained import catalog, facts

SUFFIXES = (".keras", ".pkl", facts.SUFFIX)
WHAT = "a run directory, a .keras or .pkl file, a URL or a preset (see stylegan-tf presets)"


def locate(source: str | os.PathLike[str]) -> Path:
    """Returns the path of what a source names.

    Args:
        source: the path of something that exists, which comes first; the name of a preset; or the
            https (or http) URL of a .keras, .pkl or .npz file, which is fetched into the user's
            cache once. A URL may end in `#sha256=` and the checksum that the file must have.

    Raises:
        ValueError: if there is no such thing, or it cannot be fetched.
    """
    text = os.fspath(source)
    if is_url(text):
        return _fetched(text)
    if Path(text).exists():
        return Path(text)
    presets = catalog.paths()
    if text in presets:
        return presets[text]
    if Path(text).name == text and not Path(text).suffix:  # as names of presets are
        raise ValueError(f"{text!r} does not exist and is no preset{did_you_mean(text, presets)}")
    raise ValueError(f"{text} does not exist; give {WHAT}")


def absolute(source: str) -> str:
    """Returns a source that names the same in other working directories."""
    return str(Path(source).resolve()) if Path(source).exists() else source


def _fetched(url: str) -> Path:
    """Returns where the file of a URL is, once it is there."""
    address, _, fragment = url.partition("#")
    name = PurePosixPath(unquote(urlsplit(address).path)).name
    if not name.endswith(SUFFIXES):
        raise ValueError(f"{url} is not the address of a {', '.join(SUFFIXES)} file")
    sha256 = _checksum(url, fragment)
    path = cache() / "networks" / f"{hashlib.sha256(address.encode()).hexdigest()[:16]}-{name}"
    if not path.exists():
        notice(f"fetching {address} to {path}")
    try:
        retrieve(address, path, sha256)
    except OSError as error:  # those of `requests` are of this kind
        raise ValueError(f"{address} cannot be fetched: {error}") from error
    except ValueError as error:
        raise ValueError(
            f"{address} is another file than expected: its SHA-256 is not {sha256}"
        ) from error
    return path


def _checksum(url: str, fragment: str) -> str | None:
    """Returns the checksum in "sha256=…"; None where there is no fragment.

    Raises:
        ValueError: for another fragment: nobody is to believe that a file was checked.
    """
    if not fragment:
        return None
    found = re.fullmatch(r"sha256=([0-9a-fA-F]{64})", fragment)
    if not found:
        raise ValueError(f"{url}: write the checksum as #sha256= and 64 hexadecimal digits")
    return found[1].lower()
