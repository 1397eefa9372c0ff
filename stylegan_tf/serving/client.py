"""A client for TensorFlow Serving, and for `stylegan-tf serve`."""

import io
from collections.abc import Callable
from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike
from PIL import Image

from stylegan_tf.labels import Label, LabelSpace
from stylegan_tf.serving import rest
from stylegan_tf.serving.extra import need
from stylegan_tf.serving.rest import WITH_VECTOR

need("requests", "tenacity")

from stylegan_tf.serving.failures import with_retries  # noqa: E402  the check comes first
from stylegan_tf.serving.http_calls import HttpCalls  # noqa: E402

NO_CLASS = -1  # beside a seed: the one that the seed has
SAMPLES = 8  # labels that are asked for where they are no classes


class Client:
    """Asks a server for images of an exported model.

    A call may hold any number of examples. They go out in batches, and a batch that fails for a
    reason that passes (no connection, no answer in time, too many requests) is sent again. Every
    input is one for each example, or one for all. The server is asked once what the signatures of
    a version take. Over HTTP, TensorFlow is not imported.

    Args:
        url: `http://host:8501`, or `grpc://host:8500`.
        model: name of the model.
        batch_size: int. The most examples in a request.
        timeout: float. Seconds to wait for an answer.
        attempts: int. The most requests for a batch.

    Raises:
        ValueError: for a URL of another kind, or a number below 1.
        ImportError: if a library of the extra `serving` is missing.

    Every call raises `ServingError` if the server refuses it, or does not answer at last, and
    `ValueError` for inputs that the model cannot take. `version` is an int; the newest by default.

    Example:
        with Client("http://localhost:8501") as client:
            client.generate(range(16), psi=0.5)[0].save("seed0000.png")
    """

    def __init__(
        self,
        url: str,
        model: str = "stylegan",
        batch_size: int = 8,
        timeout: float = 60.0,
        attempts: int = 6,
    ) -> None:
        for name, value in (("batch_size", batch_size), ("attempts", attempts)):
            if value < 1:
                raise ValueError(f"{name} is {value}; it must be 1 or more")
        self._batch_size, self._attempts = batch_size, attempts
        self._calls = calls_of(url)(url, model, timeout)
        self._known: dict[int | None, dict[str, Any]] = {}  # signatures by version
        self._label_spaces: dict[int | None, LabelSpace] = {}

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections."""
        self._calls.close()

    def generate(
        self,
        seeds: ArrayLike,
        psi: ArrayLike = 0.7,
        label: Label = None,
        version: int | None = None,
    ) -> list[Image.Image]:
        """Generates images of seeds.

        Args:
            seeds: ints.
            psi: float or floats. ψ of the truncation trick.
            label: the name or number of a class, one for each seed, or a vector for all or each.
                None: the label that each seed has.
            version: int. Of the model; the newest by default.
        """
        inputs = {"seed": seeds, "psi": psi}
        return _opened(self._labelled("serving_default", inputs, label, version))

    def mix(
        self,
        seeds_a: ArrayLike,
        seeds_b: ArrayLike,
        crossover: ArrayLike,
        psi: ArrayLike = 0.7,
        label: Label = None,
        version: int | None = None,
    ) -> list[Image.Image]:
        """Generates images with the styles of seeds a before a layer, and of b from there on.

        Args:
            seeds_a: ints.
            seeds_b: ints.
            crossover: int or ints. The layer.
            psi: as in `generate`.
            label: as in `generate`.
            version: as in `generate`.

        Returns:
            A list of PIL images.
        """
        inputs = {"seed_a": seeds_a, "seed_b": seeds_b, "crossover": crossover, "psi": psi}
        return _opened(self._labelled("mix", inputs, label, version))

    def mapping(self, z: ArrayLike, label: Label = None, version: int | None = None) -> np.ndarray:
        """Returns w [N, w_size], float32, of z [N, latent_size]; a model with labels needs one."""
        return self._labelled("mapping", {"z": z}, label, version)["w"]

    def labels(self, seeds: ArrayLike, version: int | None = None) -> np.ndarray:
        """Returns the labels that seeds have, float32 [N, label_size], for a model with labels."""
        return self.predict("labels", {"seed": seeds}, version)["label"]

    def label_space(self, version: int | None = None) -> LabelSpace:
        """Returns the labels of the model; models of older exports do not tell them.

        Where labels are no classes, its samples are those of the first seeds.
        """
        signatures = self._signatures(version)
        if "labels" not in signatures:
            return LabelSpace()
        if version not in self._label_spaces:
            size = int(signatures["labels"]["outputs"]["label"]["tensor_shape"]["dim"][1]["size"])
            has_classes = "label" in signatures[rest.DEFAULT]["inputs"]
            names: Any = []
            if "class_names" in signatures:
                names = self.predict("class_names", {"label": np.arange(size)}, version)["name"]
            self._label_spaces[version] = LabelSpace(
                size,
                tuple(one.decode() if isinstance(one, bytes) else one for one in names),
                samples=None if has_classes else self.labels(np.arange(SAMPLES), version),
            )
        return self._label_spaces[version]

    def synthesis(self, w: ArrayLike, version: int | None = None) -> list[Image.Image]:
        """Generates images of w [N, L, w_size] with the stored noise."""
        images = self.predict("synthesis", {"w": w}, version)["images"]
        return [
            Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image) for image in images
        ]

    def predict(
        self, signature: str, inputs: dict[str, Any], version: int | None = None
    ) -> dict[str, np.ndarray]:
        """Returns the outputs of a signature by name.

        Args:
            signature: its name.
            inputs: by name; None is left out. A `label` beside seeds is -1 by default.
            version: int. Of the model; the newest by default.
        """
        facts = self._signature(signature, version)
        arrays = _examples(signature, inputs, facts["inputs"])
        size = len(next(iter(arrays.values())))
        batches = []
        for start in range(0, size, self._batch_size):
            batch = {name: one[start : start + self._batch_size] for name, one in arrays.items()}
            batches.append(self._retried(self._calls.predict, signature, batch, version))
        outputs = facts["outputs"]
        if len(outputs) == 1:  # which goes without its name over HTTP
            batches = [dict(zip(outputs, batch.values(), strict=True)) for batch in batches]
        return {
            name: np.concatenate([batch[name] for batch in batches]).astype(_dtype(info))
            for name, info in outputs.items()
        }

    def metadata(self, version: int | None = None) -> dict[str, Any]:
        """Returns the model's signatures in the form of TensorFlow Serving's REST call."""
        return self._retried(self._calls.metadata, version)

    def status(self, version: int | None = None) -> dict[str, Any]:
        """Returns the state of each version in the form of TensorFlow Serving's REST call."""
        return self._retried(self._calls.status, version)

    def _labelled(
        self, signature: str, inputs: dict[str, Any], label: Label, version: int | None
    ) -> dict[str, np.ndarray]:
        """Calls a signature with a label, or its twin for labels that are vectors."""
        if label is not None and f"{signature}{WITH_VECTOR}" in self._signatures(version):
            space = self.label_space(version)
            if isinstance(label, str) or (np.ndim(label) == 0 and not space.has_classes):
                label = space.class_number(cast(Any, label))
            elif np.ndim(label) == 1 and any(isinstance(one, str) for one in cast(Any, label)):
                label = [space.class_number(one) for one in cast(Any, label)]
            is_class = np.ndim(label) < 2 and np.asarray(label).dtype.kind in "iu"
            if not (is_class and space.has_classes):
                signature += WITH_VECTOR
        return self.predict(signature, {**inputs, "label": label}, version)

    def _signatures(self, version: int | None) -> dict[str, Any]:
        if version not in self._known:
            metadata = self.metadata(version)["metadata"]
            self._known[version] = metadata["signature_def"]["signature_def"]
        return self._known[version]

    def _signature(self, name: str, version: int | None) -> dict[str, Any]:
        signatures = self._signatures(version)
        if name not in signatures:
            there = ", ".join(one for one in sorted(signatures) if not one.startswith("__"))
            raise ValueError(f"the model has no signature {name!r}; there are {there}")
        return signatures[name]

    def _retried(self, call: Callable[..., Any], *arguments: Any) -> Any:
        return with_retries(lambda: call(*arguments), self._attempts)


def calls_of(url: str) -> Any:
    """Returns what speaks the protocol of a URL."""
    scheme = url.partition("://")[0]
    if scheme in ("http", "https"):
        return HttpCalls
    if scheme != "grpc":
        raise ValueError(f"url is {url!r}; it must begin with http://, https:// or grpc://")
    need("grpc", "tensorflow_serving")
    from stylegan_tf.serving.grpc_calls import GrpcCalls

    return GrpcCalls


def _examples(
    signature: str, given: dict[str, Any], infos: dict[str, Any]
) -> dict[str, np.ndarray]:
    """Returns inputs of the dtypes that a signature takes, all of the same length."""
    given = {name: value for name, value in given.items() if value is not None}
    takes_class = infos.get("label", {}).get("dtype") == "DT_INT32"
    if takes_class and infos.keys() & {"seed", "seed_a"}:
        given.setdefault("label", NO_CLASS)
    if given.keys() != infos.keys():
        takes, has = ", ".join(sorted(infos)), ", ".join(sorted(given))
        raise ValueError(f"{signature} takes {takes}; it was given {has}")
    arrays = {name: _array(name, value, infos[name]) for name, value in given.items()}
    ranks = {name: len(info["tensor_shape"]["dim"]) for name, info in infos.items()}
    lengths = {name: len(one) for name, one in arrays.items() if one.ndim == ranks[name]}
    size = next(iter(lengths.values()), 1)
    if not size or set(lengths.values()) - {size}:
        raise ValueError(f"there must be one or more examples, as many of each input: {lengths}")
    return {
        name: one if name in lengths else np.broadcast_to(one, (size, *one.shape))
        for name, one in arrays.items()
    }


def _array(name: str, value: Any, info: dict[str, Any]) -> np.ndarray:
    try:
        return rest.numbers(np.asarray(value), _dtype(info))
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def _dtype(info: dict[str, Any]) -> np.dtype:
    """Returns NumPy's dtype for one of TensorFlow's, like DT_INT64."""
    name = info["dtype"].removeprefix("DT_").lower()
    return np.dtype({"float": "float32", "double": "float64", "string": "object"}.get(name, name))


def _opened(outputs: dict[str, np.ndarray]) -> list[Image.Image]:
    return [Image.open(io.BytesIO(data)) for data in outputs["image_bytes"]]
