"""Makes `keras.models.load_model` know our classes once the package is imported.

Keras finds the classes of a file by names that must be registered before; newer versions of Keras 3
import no module that a file names. Registering takes Keras, and Keras takes TensorFlow, which
`import stylegan_tf` is not to wait for. So our classes follow Keras: at once where it is imported
already, or else as the last step of its import.
"""

import contextlib
import importlib
import sys
from collections.abc import Callable

from stylegan_tf.import_hooks import ImportHook


def follow_keras() -> None:
    """Registers our classes with Keras, now or when it is imported."""
    if "keras" in sys.modules:
        _register()
    else:
        _HOOK.install()


def leave_keras() -> None:
    """Undoes `follow_keras` where Keras is not imported yet.

    It is for programs that import our networks where they need them, as commands do: TensorFlow
    imports Keras, and a server of exported models is not to wait for classes that it never uses.
    """
    _HOOK.remove()


def _register() -> None:
    # With a backend or a TensorFlow that we do not run on, Keras must work nevertheless: what is
    # wrong is said where our networks are used.
    with contextlib.suppress(ImportError):
        importlib.import_module("stylegan_tf.models.networks")


def _then_register(import_keras: Callable[[], None]) -> None:
    import_keras()
    _register()


_HOOK = ImportHook("keras", _then_register)
