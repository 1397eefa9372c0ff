"""Weights in half the bytes: rounded on the way into the file, float32 for the computation."""

from collections.abc import Sequence
from typing import Any

import tensorflow as tf

PRECISIONS = ("float32", "bfloat16", "float16")


def stored(weights: Sequence[tf.Variable], precision: str) -> list[tf.Variable]:
    """Returns the same weights in another precision.

    Raises:
        ValueError: if there is no such precision, or it cannot hold a weight.
    """
    if precision not in PRECISIONS:
        raise ValueError(f"precision is {precision!r}; it can be one of {', '.join(PRECISIONS)}")
    dtype = tf.as_dtype(precision)
    largest = max(float(tf.reduce_max(tf.abs(weight))) for weight in weights)
    if largest > float(dtype.max):
        raise ValueError(f"precision is {precision!r}, but a weight is {largest:g}; take bfloat16")
    return [tf.Variable(tf.cast(weight, dtype), trainable=False) for weight in weights]


def reading(
    function: Any, weights: Sequence[tf.Variable], replacements: Sequence[tf.Variable]
) -> Any:
    """Returns a concrete function that reads and casts `replacements` instead of `weights`.

    The graph is imported into another with those reads left out; in the loops of the graph, which
    get the variables themselves, they are changed.
    """
    source = function.graph
    replaced = {id(old.handle): new for old, new in zip(weights, replacements, strict=True)}
    captured = {inner.name: replaced[id(outer)] for outer, inner in source.captures}
    reads = {
        op.outputs[0].name: captured[op.inputs[0].name]
        for op in source.get_operations()
        if op.type == "ReadVariableOp"
    }
    body = without(source.as_graph_def(), {name.partition(":")[0] for name in (*captured, *reads)})
    for inner in body.library.function:
        read_as(inner, replacements[0].dtype)
    used = {f"{name}:0" for node in body.node for name in node.input}
    loops = used & captured.keys()
    inputs = [tensor for tensor in source.inputs if tensor.name not in captured]
    outputs = source.structured_outputs

    def run(*arguments):
        given = dict(zip((tensor.name for tensor in inputs), arguments, strict=True))
        given |= {name: tf.cast(weight, tf.float32) for name, weight in reads.items()}
        graph = tf.compat.v1.get_default_graph()
        given |= {name: graph.capture(captured[name].handle) for name in loops}
        names = [tensor.name for tensor in outputs.values()]
        results = tf.graph_util.import_graph_def(body, given, names, name="")
        return {
            name: tf.ensure_shape(tensor, like.shape)
            for (name, like), tensor in zip(outputs.items(), results, strict=True)
        }

    specs = [tf.TensorSpec(tensor.shape, tensor.dtype, tensor.op.name) for tensor in inputs]
    return tf.function(run, input_signature=specs, autograph=False).get_concrete_function()


def without(graph, names: set[str]):
    """Returns a GraphDef without some nodes, and without their control dependencies."""
    kept = [node for node in graph.node if node.name not in names]
    waits = {f"^{name}" for name in names}
    for node in kept:
        node.input[:] = [name for name in node.input if name not in waits]
    del graph.node[:]
    graph.node.extend(kept)
    return graph


def read_as(function, dtype: tf.DType) -> None:
    """Makes a FunctionDef read variables of another type, and cast them to float32."""
    reads = [node for node in function.node_def if node.op == "ReadVariableOp"]
    casts = {f"{node.name}:value:0": f"{node.name}:y:0" for node in reads}
    for node in function.node_def:
        node.input[:] = [casts.get(name, name) for name in node.input]
    for key, name in function.ret.items():
        function.ret[key] = casts.get(name, name)
    for node in reads:
        cast = function.node_def.add(name=node.name, op="Cast")
        cast.attr["SrcT"].type = dtype.as_datatype_enum
        cast.attr["DstT"].type = tf.float32.as_datatype_enum
        node.name += "/stored"
        node.attr["dtype"].type = dtype.as_datatype_enum
        cast.input.append(f"{node.name}:value:0")
