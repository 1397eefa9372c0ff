"""The calls of a client over HTTP.

The package tensorflow-serving-api has the calls over gRPC alone; there is none for those over HTTP.
"""

import base64
import json
from typing import Any

import numpy as np
import requests

from stylegan_tf.serving.failures import ServingError

PASSING = (429, 502, 503, 504)  # too many requests, and a server or proxy that is not there now
THREADS = 64  # connections that are kept


class HttpCalls:
    """TensorFlow Serving's REST calls.

    Args:
        url: like `http://host:8501`.
        model: name of the model.
        timeout: seconds to wait for a connection, and then for each part of an answer.
    """

    def __init__(self, url: str, model: str, timeout: float):
        self._base = f"{url.rstrip('/')}/v1/models/{model}"
        self._timeout = timeout
        self._session = requests.Session()
        for scheme in ("http://", "https://"):  # for a client that many threads share
            self._session.mount(scheme, requests.adapters.HTTPAdapter(pool_maxsize=THREADS))

    def close(self) -> None:
        """Closes the connections."""
        self._session.close()

    def predict(
        self, signature: str, inputs: dict[str, np.ndarray], version: int | None
    ) -> dict[Any, np.ndarray]:
        """Returns outputs by name; a single one has the name None, as HTTP leaves it out."""
        columns = {name: value.tolist() for name, value in inputs.items()}
        body = json.dumps({"signature_name": signature, "inputs": columns})
        answer = self._call("POST", self._url(version) + ":predict", body)["outputs"]
        outputs: dict[Any, Any] = answer if isinstance(answer, dict) else {None: answer}
        return {name: _array(value) for name, value in outputs.items()}

    def metadata(self, version: int | None) -> dict[str, Any]:
        """Returns the model's signatures."""
        return self._call("GET", self._url(version) + "/metadata")

    def status(self, version: int | None) -> dict[str, Any]:
        """Returns the state of each version."""
        return self._call("GET", self._url(version))

    def _url(self, version: int | None) -> str:
        return self._base if version is None else f"{self._base}/versions/{version}"

    def _call(self, method: str, url: str, body: str | None = None) -> dict[str, Any]:
        try:
            answer = self._session.request(method, url, data=body, timeout=self._timeout)
        except requests.Timeout:
            message = (
                f"no answer within {self._timeout:g} s; give timeout= more, or batch_size= less"
            )
            raise ServingError(url, message, passing=True) from None
        except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError) as error:
            message = f"no connection ({_reason(error)}); is a server running there?"
            passing = not isinstance(error, requests.exceptions.SSLError)
            raise ServingError(url, message, passing=passing) from None
        except requests.RequestException as error:
            raise ServingError(url, str(error)) from None
        if answer.ok:
            return _json(answer, url)
        raise ServingError(
            url,
            f"the server answered {answer.status_code}: {_message(answer)}",
            answer.status_code,
            answer.status_code in PASSING,
            _seconds(answer.headers.get("Retry-After", "")),
        )


def _array(value: Any) -> np.ndarray:
    """Returns a list of lists of numbers, or of {"b64": …}."""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return np.array([base64.b64decode(one["b64"]) for one in value], object)
    return np.array(value)


def _json(answer: requests.Response, url: str) -> Any:
    try:
        return answer.json()
    except ValueError:
        raise ServingError(url, "the answer is not JSON; is this TensorFlow Serving?") from None


def _message(answer: requests.Response) -> str:
    """Returns TensorFlow Serving's message, or the start of a proxy's."""
    try:
        return str(answer.json()["error"])
    except (ValueError, KeyError, TypeError):
        return " ".join(answer.text.split())[:200] or answer.reason


def _reason(error: BaseException) -> str:
    """Returns the innermost cause in a chain of wrapped errors."""
    while cause := error.__cause__ or error.__context__:
        error = cause
    return getattr(error, "strerror", None) or str(error)


def _seconds(text: str) -> float:
    """Returns Retry-After, if it is a number and not a date."""
    return min(float(text), 60.0) if text.isdecimal() else 0.0
