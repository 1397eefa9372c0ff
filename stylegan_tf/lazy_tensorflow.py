"""TensorFlow, imported where it is first used: `from stylegan_tf.lazy_tensorflow import tf`.

It is for modules that are needed before TensorFlow is, such as the losses by their names: the plan
of a training is to be checked and printed without the seconds that TensorFlow takes. Their
annotations are not evaluated, by `from __future__ import annotations`.

`lazy_loader.load` would put a module that is not loaded yet into `sys.modules`, where Keras finds
it, too.
"""

from typing import TYPE_CHECKING, Any

__all__ = ["tf"]


class _LazyTensorFlow:
    def __getattr__(self, name: str) -> Any:
        import tensorflow

        return getattr(tensorflow, name)


if TYPE_CHECKING:
    import tensorflow as tf
else:
    tf = _LazyTensorFlow()
