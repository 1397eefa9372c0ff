"""What is in the graphs of functions."""

import tensorflow as tf


def op_types(function, *arguments, **options) -> set[str]:
    """The types of all ops in the graph of a function, and in the functions that it calls.

    Args:
        function: is traced.
        *arguments: what it takes.
        **options: of `tf.function`.
    """
    graph = tf.function(function, **options).get_concrete_function(*arguments).graph.as_graph_def()
    called = (node for one in graph.library.function for node in one.node_def)
    return {node.op for node in [*graph.node, *called]}
