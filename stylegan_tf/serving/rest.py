"""TensorFlow Serving's JSON: requests in rows or in columns become arrays, arrays become answers.

A row is an example with a value for each input; a column is an input with a value for each example.
Bytes are `{"b64": …}`. TensorFlow Serving has this in C++ alone.
"""

import base64
import json
from typing import NamedTuple

import numpy as np

DEFAULT = "serving_default"
WITH_VECTOR = "_with_vector"  # ends the names of signatures that take a label as numbers


class Call(NamedTuple):
    """The call of a signature in a request."""

    signature: str
    inputs: dict[str, np.ndarray]  # each [N, …]
    rows: bool


def parse(body: bytes, signatures: dict) -> Call:
    """Returns the call in the body of a request.

    Args:
        body: JSON.
        signatures: by its name, the `tf.TensorSpec` of each input by its name.

    Raises:
        ValueError: if the body is no request to one of the signatures.
    """
    try:
        request = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"the body is not JSON: {error}") from None
    if not isinstance(request, dict) or ("instances" in request) == ("inputs" in request):
        raise ValueError('the body must be an object with either "instances" or "inputs"')
    name = request.get("signature_name") or DEFAULT
    if not isinstance(name, str) or name not in signatures:
        raise ValueError(f"no signature {name!r}; there are {', '.join(sorted(signatures))}")
    specs = signatures[name]
    rows = "instances" in request
    columns = _columns(request["instances"], specs) if rows else _named(request["inputs"], specs)
    _check_names(columns, name, specs)
    inputs = {key: _array(key, columns[key], spec) for key, spec in specs.items()}
    lengths = {key: len(value) for key, value in inputs.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"the inputs are of different lengths: {lengths}")
    if 0 in lengths.values():
        raise ValueError("there are no examples in the request")
    return Call(name, inputs, rows)


def answer(outputs: dict[str, np.ndarray], rows: bool) -> bytes:
    """Returns the body of an answer; a single output has no name, as with TensorFlow Serving."""
    values = {name: _encoded(name, value.tolist()) for name, value in outputs.items()}
    if len(values) == 1:
        (content,) = values.values()
    elif rows:
        content = [
            dict(zip(values, row, strict=True)) for row in zip(*values.values(), strict=True)
        ]
    else:
        content = values
    return json.dumps({"predictions" if rows else "outputs": content}).encode()


def numbers(array: np.ndarray, dtype) -> np.ndarray:
    """Returns the same numbers in another dtype.

    Raises:
        ValueError: if it cannot hold them.
    """
    name = np.dtype(dtype).name
    kinds = "iu" if np.issubdtype(dtype, np.integer) else "iuf"
    if array.size and array.dtype.kind not in kinds:
        raise ValueError(f"not all values are numbers that {name} can hold")
    if kinds == "iu" and array.size:
        info = np.iinfo(dtype)
        if int(array.min()) < info.min or int(array.max()) > info.max:
            raise ValueError(f"{name} goes from {info.min} to {info.max}")
    with np.errstate(over="ignore"):
        array = array.astype(dtype)
    if not np.isfinite(array).all():
        raise ValueError(f"values must be finite as {name}")
    return array


def signature_json(signature) -> dict:
    """Returns a SignatureDef in the form that TensorFlow Serving gives it."""
    return {
        "inputs": {name: _info_json(info) for name, info in signature.inputs.items()},
        "outputs": {name: _info_json(info) for name, info in signature.outputs.items()},
        "method_name": signature.method_name,
    }


def _info_json(info) -> dict:
    from tensorflow.core.framework.types_pb2 import DataType

    dims = [{"size": str(dim.size), "name": dim.name} for dim in info.tensor_shape.dim]
    shape = {"dim": dims, "unknown_rank": info.tensor_shape.unknown_rank}
    return {"dtype": DataType.Name(info.dtype), "tensor_shape": shape, "name": info.name}


def _columns(rows, specs) -> dict:
    if not isinstance(rows, list) or not rows:
        raise ValueError('"instances" must be a list of examples')
    rows = [_named(row, specs) for row in rows]
    if any(row.keys() != rows[0].keys() for row in rows):
        raise ValueError("the examples do not have the same inputs")
    return {name: [row[name] for row in rows] for name in rows[0]}


def _named(value, specs) -> dict:
    """Values by their names; a single input may come without its name."""
    if isinstance(value, dict) and value.keys() != {"b64"}:
        return value
    if len(specs) > 1:
        raise ValueError(f"values must have the names of the inputs: {', '.join(specs)}")
    return {next(iter(specs)): value}


def _check_names(columns, signature, specs) -> None:
    missing, unknown = specs.keys() - columns.keys(), columns.keys() - specs.keys()
    if missing or unknown:
        wrong = (
            f"no input {min(unknown)!r}" if unknown else f"the input {min(missing)!r} is missing"
        )
        raise ValueError(f"{wrong}; {signature} takes {', '.join(specs)}")


def _array(name: str, value, spec) -> np.ndarray:
    dtype = spec.dtype.as_numpy_dtype
    try:
        if spec.dtype == "string":
            array = np.array(_decoded(value), object)
        else:
            array = numbers(np.array(value), dtype)
    except (ValueError, TypeError) as error:
        raise ValueError(f"{name}: {error}") from None
    if not spec.shape.is_compatible_with(array.shape):
        sizes = ["N" if size is None else size for size in spec.shape]
        text = ", ".join(map(str, sizes))
        raise ValueError(f"{name}: the shape is {list(array.shape)}; it must be [{text}]")
    return array


def _decoded(value):
    """Returns bytes in lists of any depth."""
    if isinstance(value, list):
        return [_decoded(one) for one in value]
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, dict) and value.keys() == {"b64"}:
        return base64.b64decode(value["b64"], validate=True)
    raise ValueError('values must be strings or {"b64": …}')


def _encoded(name: str, value):
    """Returns what JSON can hold in place of bytes, in lists of any depth."""
    if isinstance(value, list):
        return [_encoded(name, one) for one in value] if _has_bytes(value) else value
    if not isinstance(value, bytes):
        return value
    if name.endswith("_bytes"):
        return {"b64": base64.b64encode(value).decode()}
    return value.decode()


def _has_bytes(value) -> bool:
    """Returns whether the first of nested lists' values is bytes; all are of one kind."""
    while isinstance(value, list) and value:
        value = value[0]
    return isinstance(value, bytes)
