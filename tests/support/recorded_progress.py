"""Progress that is kept, as `progress=` of metrics."""

from contextlib import contextmanager


class RecordedProgress:
    """Keeps its calls in `calls`: (what, done, total)."""

    def __init__(self):
        self.calls = []

    @contextmanager
    def __call__(self, what):
        """As `stylegan_tf.cli.progress.progress_of`."""
        yield lambda done, total: self.calls.append((what, done, total))
