"""A listener to progress, as `progress=` of metrics."""

from contextlib import contextmanager


class Heard:
    """Keeps what it was told, in `calls`: (what, done, total)."""

    def __init__(self):
        self.calls = []

    @contextmanager
    def __call__(self, what):
        """As `stylegan_tf.cli.progress.progress_of`."""
        yield lambda done, total: self.calls.append((what, done, total))
