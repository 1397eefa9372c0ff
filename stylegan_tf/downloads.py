"""Files from the web: fetched once, and kept in a folder of the user's."""

import os
from pathlib import Path

CACHE = "STYLEGAN_TF_CACHE"  # environment variable: a folder instead of ~/.cache/stylegan-tf
SECONDS = 60.0  # without a byte, until a download fails


def cache() -> Path:
    """Returns the folder in which fetched files are kept; it need not exist."""
    if CACHE in os.environ:
        return Path(os.environ[CACHE])
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "stylegan-tf")


def is_url(source: str | os.PathLike[str]) -> bool:
    """Returns whether a source is an address on the web, and no path."""
    return str(source).startswith(("http://", "https://"))


def retrieve(url: str, path: Path, sha256: str | None = None) -> None:
    """Downloads a file unless it is there; it appears when it is whole and has the checksum.

    Args:
        url: http or https.
        path: where it goes. A file there that has another checksum is replaced.
        sha256: of its bytes, in hexadecimal; None: any.

    Raises:
        OSError: if it cannot be fetched.
        ValueError: if it has another checksum.
    """
    import pooch

    pooch.get_logger().setLevel("WARNING")
    path.parent.mkdir(parents=True, exist_ok=True)
    downloader = pooch.HTTPDownloader(timeout=SECONDS, chunk_size=1 << 20)
    known_hash = f"sha256:{sha256}" if sha256 else None
    pooch.retrieve(url, known_hash, path.name, path.parent, downloader=downloader)
    path.chmod(0o644)  # pooch leaves it readable for its owner alone
