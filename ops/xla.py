"""Calls of compiled ops in graphs that XLA compiles, now or later.

XLA knows TensorFlow's own ops only. In their place a program of it has plain TensorFlow, or a call
of the kernel (`under_xla` says which, `stablehlo` writes the call).

A function that was traced outside XLA can be called inside one with `jit_compile=True`. XLA then
compiles its graph. So in a graph a compiled op is one branch of a switch, and what XLA compiles the
other. The switch is `DeviceIndex`: on a device it is the place of that device in a list, under XLA
the length of the list. XLA drops the branch that is not taken before it compiles, and elsewhere
TensorFlow never runs the other one.
"""

import functools
import inspect
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import tensorflow as tf
from tensorflow.python.framework import op_def_registry

from . import stablehlo, under_xla

Function = TypeVar("Function", bound=Callable[..., Any])

DEVICES = ["CPU", "GPU"]  # that have kernels
OUTSIDE = "stylegan_tf_outside_xla"
CONVERSIONS: dict[str, Callable[[Any], Any]] = {
    "int": int,
    "float": float,
    "bool": bool,
    "list(int)": list,
}  # of attributes, by their type

_thread = threading.local()
_plain: dict[str, Callable[..., Any]] = {}
_gradients: dict[str, Callable[..., Any]] = {}


def plain_form(op: str) -> Callable[[Function], Function]:
    """Registers what computes the outputs of a compiled op in plain TensorFlow.

    Args:
        op: its type, `"StyleganBlur"`. The function takes its inputs in order, and its attributes
            by name.
    """
    return _register(op, _plain)


def gradient(op: str) -> Callable[[Function], Function]:
    """Registers the gradient of a compiled op, as `tf.RegisterGradient` does.

    Args:
        op: its type. The function takes inputs, outputs and attributes from a `tf.Operation` or a
            `Call`, and the gradients of the outputs.
    """

    def register(function: Function) -> Function:
        tf.RegisterGradient(op)(function)
        return _register(op, _gradients)(function)

    return register


def stay_outside() -> None:
    """Leaves the switches out of the graph that is being traced, and of all graphs within it.

    They double the time that tracing takes. Without them a function must not be called inside one
    that XLA compiles.
    """
    if not tf.executing_eagerly():
        tf.compat.v1.add_to_collection(OUTSIDE, True)  # which graphs within take over


@dataclass(frozen=True)
class Call:
    """A call of a compiled op, as its gradient sees it.

    Attributes:
        inputs: tensors.
        outputs: tensors.
        attributes: Python values by name.
    """

    inputs: tuple[tf.Tensor, ...]
    outputs: tuple[tf.Tensor, ...]
    attributes: dict[str, Any]

    def get_attr(self, name: str) -> Any:
        """Returns the value of an attribute."""
        return self.attributes[name]


class Kernels:
    """The compiled ops, as functions that also work in graphs that XLA compiles, now or later.

    Args:
        module: from `tf.load_op_library`. Its functions are called with arguments by name.
        has_calls: whether programs of XLA can call the kernels.
        requested: whether they call them wherever they can; otherwise the table says where.
    """

    def __init__(self, module: Any, has_calls: bool = False, requested: bool = False) -> None:
        self._module, self._has_calls, self._requested = module, has_calls, requested

    def __dir__(self) -> list[str]:
        return dir(self._module)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        kernel = getattr(self._module, name)
        op = "".join(part.capitalize() for part in name.split("_"))  # as TensorFlow made the name
        if op not in _plain or tf.executing_eagerly():
            return cast(Callable[..., Any], kernel)
        if not is_tracing() and tf.compat.v1.get_collection(OUTSIDE):
            return cast(Callable[..., Any], kernel)
        requested = self._requested or getattr(_thread, "requested", False)
        is_called = self._has_calls and (requested or under_xla.is_called(op))
        return functools.partial(_in_graph, op, kernel, is_called, requested)

    def wherever_possible(self) -> "Kernels":
        """Returns them as for `implementation="compiled"`, with the derivatives."""
        return Kernels(self._module, self._has_calls, requested=True)


def is_tracing() -> bool:
    """Returns whether a function with `jit_compile=True` is being traced, here or outside."""
    graph = None if tf.executing_eagerly() else tf.compat.v1.get_default_graph()
    while graph is not None:
        context = graph._get_control_flow_context()
        while context is not None:
            if context.IsXLAContext():
                return True
            context = context.outer_context
        graph = getattr(graph, "outer_graph", None)
    return False


@tf.autograph.experimental.do_not_convert
def _in_graph(
    op: str, kernel: Callable[..., Any], is_called: bool, requested: bool, /, **arguments: Any
) -> Any:
    """What XLA compiles if it is tracing, else a switch between that and the kernel."""
    ordered = {k: arguments[k] for k in inspect.signature(kernel).parameters if k in arguments}
    tensors = {name: value for name, value in ordered.items() if tf.is_tensor(value)}
    attributes = {name: value for name, value in ordered.items() if name not in tensors}

    @tf.custom_gradient
    def differentiable(*inputs: tf.Tensor) -> tuple[Any, Callable[..., Any]]:
        # A tape that watches would take the gradient of the switch, branch by branch.
        fixed = [tf.stop_gradient(one) for one in inputs]

        def outside() -> list[tf.Tensor]:
            return list(tf.nest.flatten(kernel(*fixed, **attributes)))

        def inside() -> list[tf.Tensor]:
            if is_called and all(one.shape.rank is not None for one in inputs):
                results = _call(op, fixed, attributes)
            else:
                results = tf.nest.flatten(_plain[op](*fixed, **attributes))
            shapes.extend(result.shape for result in results)
            return results

        shapes: list[tf.TensorShape] = []  # which kernels do not tell
        if is_tracing():
            outputs = tuple(inside())
        else:
            is_xla = tf.raw_ops.DeviceIndex(device_names=DEVICES) // len(DEVICES)
            outputs = tuple(tf.nest.flatten(tf.switch_case(is_xla, [outside, inside])))
        _set_shapes(outputs, shapes)

        def grad(*upstream: tf.Tensor) -> Any:
            _set_shapes(upstream, shapes)
            before = getattr(_thread, "requested", False)
            _thread.requested = requested
            try:
                return _gradients[op](Call(inputs, outputs, attributes), *upstream)
            finally:
                _thread.requested = before

        return outputs if len(outputs) > 1 else outputs[0], grad

    return differentiable(*tensors.values())


def _call(op: str, inputs: list[tf.Tensor], attributes: dict[str, Any]) -> list[tf.Tensor]:
    dtype = tf.as_dtype(attributes.get("T", inputs[0].dtype))
    kinds = {attribute.name: attribute.type for attribute in op_def_registry.get(op).attr}
    numbers = {
        name: CONVERSIONS[kinds[name]](value) for name, value in attributes.items() if name != "T"
    }
    results = under_xla.results_of(op, attributes)
    outputs = stablehlo.call(f"stylegan_tf.{op}.{dtype.name}", inputs, numbers, results)
    return outputs[: len(outputs) - under_xla.has_workspace(op)]


def _set_shapes(tensors: Iterable[tf.Tensor], shapes: list[tf.TensorShape]) -> None:
    for tensor, shape in zip(tensors, shapes, strict=True):
        tensor.set_shape(shape)


def _register(op: str, functions: dict[str, Any]) -> Callable[[Function], Function]:
    def register(function: Function) -> Function:
        functions[op] = function
        return function

    return register
