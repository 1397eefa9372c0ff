"""Starts TensorFlow without its greetings."""

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator


def load_tensorflow() -> None:
    """Imports TensorFlow and lists GPUs; what it prints meanwhile is shown only on failure.

    While it is imported TensorFlow writes lines about oneDNN and CUDA straight to the file behind
    stderr, whatever log level is set.
    """
    with stderr_aside():
        from stylegan_tf.backend_compat import tf

        tf.config.list_physical_devices("GPU")


@contextlib.contextmanager
def stderr_aside() -> Iterator[None]:
    """Hides what libraries write to stderr inside, unless something fails that is not ours."""
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as aside:
        os.dup2(aside.fileno(), 2)
        try:
            yield
        except ValueError:  # it says all that there is to say
            raise
        except BaseException:
            aside.seek(0)
            os.write(kept, aside.read())
            raise
        finally:
            os.dup2(kept, 2)
            os.close(kept)
