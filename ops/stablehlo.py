"""Programs of XLA that consist of one call of a kernel, as StableHLO."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import tensorflow as tf

TYPES = {tf.float32: "f32", tf.bfloat16: "bf16", tf.float16: "f16"}
VERSION = 9  # of the op XlaCallModule: one that takes text


class Size:
    """A side of a tensor that is known once XLA compiles; arithmetic with it becomes StableHLO.

    Args:
        lines: of the program, which arithmetic adds to.
        value: the line that computes it, without its name.
    """

    def __init__(self, lines: list[str], value: str):
        self.lines, self.name = lines, f"%v{len(lines)}"
        lines.append(f"{self.name} = {value}")

    def __add__(self, other: "Side") -> "Size":
        return self._with("add", other)

    def __sub__(self, other: "Side") -> "Size":
        return self._with("subtract", other)

    def __rsub__(self, other: "Side") -> "Size":
        return known(self.lines, other) - self

    def __mul__(self, other: "Side") -> "Size":
        return self._with("multiply", other)

    def __floordiv__(self, other: "Side") -> "Size":
        return self._with("divide", other)

    __radd__, __rmul__ = __add__, __mul__

    def _with(self, operation: str, other: "Side") -> "Size":
        name = known(self.lines, other).name
        return Size(self.lines, f"stablehlo.{operation} {self.name}, {name} : tensor<i32>")


Side = int | Size


@dataclass(frozen=True)
class Array:
    """What is known of an operand or a result.

    Attributes:
        shape: ints, and a `Size` where a side is known only to XLA.
        dtype: float32, bfloat16 or float16.
    """

    shape: tuple[Side, ...]
    dtype: tf.DType

    @property
    def static_shape(self) -> list[int | None]:
        """The shape as TensorFlow writes it, None for what is not known."""
        return [None if isinstance(side, Size) else side for side in self.shape]

    @property
    def type(self) -> str:
        """The type of the array in StableHLO."""
        return _type(self.static_shape, self.dtype)

    @property
    def layout(self) -> str:
        """Rows before columns, as the kernels have it."""
        rank = len(self.shape)
        return f"dense<[{', '.join(map(str, reversed(range(rank))))}]> : tensor<{rank}xindex>"


Results = Callable[..., Sequence[Array]]


def call(
    target: str, inputs: Sequence[tf.Tensor], attributes: Mapping[str, Any], results: Results
) -> list[tf.Tensor]:
    """Returns what a kernel computes, in a graph that XLA compiles.

    Args:
        target: the name under which the kernel is registered with XLA.
        inputs: tensors of known rank.
        attributes: ints, floats, bools and lists of ints.
        results: returns the results' arrays, from an `Array` for each input.
    """
    from tensorflow.compiler.tf2xla.python.xla import call_module

    text, arrays = program(target, inputs, attributes, results)
    return list(
        call_module(
            list(inputs),
            version=VERSION,
            module=text,
            Tout=[array.dtype for array in arrays],
            Sout=[array.static_shape for array in arrays],
            platforms=["CPU"],  # there must be one, and no check is made
            disabled_checks=["platform"],
        )
    )


def program(
    target: str, inputs: Sequence[tf.Tensor], attributes: Mapping[str, Any], results: Results
) -> tuple[str, list[Array]]:
    """Returns the StableHLO of such a call, and its results. The arguments are those of `call`."""
    lines: list[str] = []
    operands = [_operand(lines, f"%arg{index}", tensor) for index, tensor in enumerate(inputs)]
    arrays = list(results(*operands))
    types = [array.type for array in operands]
    parameters = ", ".join(f"%arg{index}: {type_}" for index, type_ in enumerate(types))
    names = [f"%arg{index}" for index in range(len(operands))]
    layouts = [array.layout for array in operands]
    options = ["api_version = 4 : i32", f"backend_config = {{{_config(attributes)}}}"]
    if any(None in array.static_shape for array in arrays):
        # XLA computes these operands, takes the results' shapes from them, and drops them.
        shapes = [_shape(lines, array) for array in arrays]
        indices = ", ".join(str(len(names) + index) for index in range(len(shapes)))
        kind = f"tensor<{len(shapes)}xi64>"
        options.append(f"indices_of_shape_operands = dense<[{indices}]> : {kind}")
        names += [name for name, _ in shapes]
        types += [type_ for _, type_ in shapes]
        layouts += ["dense<[0]> : tensor<1xindex>"] * len(shapes)
    options.append(f"operand_layouts = [{', '.join(layouts)}]")
    options.append(f"result_layouts = [{', '.join(array.layout for array in arrays)}]")
    returned = ", ".join(array.type for array in arrays)
    values = ", ".join(f"%y#{index}" for index in range(len(arrays)))
    body = "\n".join(f"    {line}" for line in lines)
    text = f"""module @stylegan_tf attributes {{jax.uses_shape_polymorphism = true}} {{
  func.func public @main({parameters}) -> ({returned}) {{
{body}
    %y:{len(arrays)} = stablehlo.custom_call @"{target}"({", ".join(names)})
      {{{", ".join(options)}}} : ({", ".join(types)}) -> ({returned})
    return {values} : {returned}
  }}
}}"""
    return text, arrays


def known(lines: list[str], side: Side) -> Size:
    """Returns a side as a value of the program."""
    if isinstance(side, Size):
        return side
    return Size(lines, f"stablehlo.constant dense<{side}> : tensor<i32>")


def _operand(lines: list[str], name: str, tensor: tf.Tensor) -> Array:
    kind = f"({_type(tensor.shape, tensor.dtype)}) -> tensor<i32>"
    sides = (
        Size(lines, f"stablehlo.get_dimension_size {name}, dim = {axis} : {kind}")
        if side is None
        else side
        for axis, side in enumerate(tensor.shape)
    )
    return Array(tuple(sides), tensor.dtype)


def _type(shape: Iterable[int | None], dtype: tf.DType) -> str:
    sides = "".join("?x" if side is None else f"{side}x" for side in shape)
    return f"tensor<{sides}{TYPES[dtype]}>"


def _shape(lines: list[str], array: Array) -> tuple[str, str]:
    """Adds what computes a shape; returns its name and its type."""
    sides = [
        Size(
            lines,
            f"stablehlo.reshape {known(lines, side).name} : (tensor<i32>) -> tensor<1xi32>",
        )
        for side in array.shape
    ]
    names, rank = ", ".join(side.name for side in sides), len(sides)
    parts = ", ".join(["tensor<1xi32>"] * rank)
    kind = f"tensor<{rank}xi32>"
    return Size(lines, f"stablehlo.concatenate {names}, dim = 0 : ({parts}) -> {kind}").name, kind


def _config(attributes: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} = {_constant(value)}" for name, value in attributes.items())


def _constant(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return f"{value} : i32"
    if value == math.inf:
        return "0x7F800000 : f32"
    if isinstance(value, float):
        return f"{value:.9e} : f32"  # enough digits for every float32
    return f"array<i32: {', '.join(map(str, value))}>"
