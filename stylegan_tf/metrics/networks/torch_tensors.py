"""What PyTorch's names in a pickle stand for: tensors on the bytes of the file, and no code."""

import math
from dataclasses import dataclass

import numpy as np

from stylegan_tf.unpickling.errors import UnsupportedCheckpointError

TYPES = {
    "torch.FloatStorage": np.dtype("<f4"),
    "torch.DoubleStorage": np.dtype("<f8"),
    "torch.HalfStorage": np.dtype("<f2"),
    "torch.LongStorage": np.dtype("<i8"),
    "torch.IntStorage": np.dtype("<i4"),
    "torch.ByteStorage": np.dtype("u1"),
    "torch.BoolStorage": np.dtype("?"),
}


@dataclass
class Storage:
    """Numbers that tensors share."""

    dtype: np.dtype
    count: int
    numbers: np.ndarray | None = None

    def fill(self, data, start: int = 0) -> None:
        """Sees bytes as the numbers; too few raise ValueError."""
        self.numbers = np.frombuffer(data, self.dtype, self.count, start)


@dataclass
class Tensor:
    """Which numbers of a storage make a tensor, as `_rebuild_tensor` is told."""

    storage: Storage
    offset: int
    size: tuple[int, ...]
    stride: tuple[int, ...]

    def array(self) -> np.ndarray:
        """The tensor on the bytes of the file; what would reach beyond them is refused."""
        numbers, layout = self.storage.numbers, (self.offset, *self.size, *self.stride)
        if any(type(n) is not int or n < 0 for n in layout) or len(self.size) != len(self.stride):
            raise UnsupportedCheckpointError("it is damaged: a tensor has no layout")
        last = sum((n - 1) * step for n, step in zip(self.size, self.stride, strict=True))
        # The second: strides of 0 would make much of little.
        if self.offset + last >= len(numbers) or math.prod(self.size) > len(numbers):
            raise UnsupportedCheckpointError("it is damaged: a tensor is larger than its numbers")
        strides = [step * numbers.itemsize for step in self.stride]
        return np.lib.stride_tricks.as_strided(
            numbers[self.offset :], self.size, strides, writeable=False
        )


class Parameter:
    """`torch.nn.Parameter`, which PyTorch before 0.4 filled after making it."""

    def __init__(self, tensor=None, *_):
        self.tensor = tensor

    def set_state(self, state):
        """Takes the tensor out of (tensor, gradient, hooks, requires_grad, volatile)."""
        if len(state) == 5:
            self.tensor = state[0]


def rebuild_tensor(storage, offset, size, stride, *_) -> Tensor:
    """`_rebuild_tensor` and `_rebuild_tensor_v2`."""
    if not isinstance(storage, Storage):
        raise UnsupportedCheckpointError("it makes a tensor of no numbers")
    return Tensor(storage, offset, size, stride)


NAMES = {
    **TYPES,
    "collections.OrderedDict": lambda items=(): dict(items),
    "torch._utils._rebuild_tensor": rebuild_tensor,
    "torch._utils._rebuild_tensor_v2": rebuild_tensor,
    "torch._utils._rebuild_parameter": Parameter,
    "torch.nn.parameter.Parameter": Parameter,
}
