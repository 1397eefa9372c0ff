"""What a server takes from a client, and how it refuses the rest."""

import asyncio
from dataclasses import dataclass

import numpy as np

# TensorFlow's codes of errors that a model raised, as TensorFlow Serving answers them.
INVALID_ARGUMENT, RESOURCE_EXHAUSTED, FAILED_PRECONDITION, OUT_OF_RANGE = 3, 8, 9, 11
UNIMPLEMENTED, UNAVAILABLE = 12, 14
HTTP_STATUSES = {
    INVALID_ARGUMENT: 400,
    RESOURCE_EXHAUSTED: 429,
    FAILED_PRECONDITION: 400,
    OUT_OF_RANGE: 400,
    UNIMPLEMENTED: 501,
    UNAVAILABLE: 503,
}


class Refusal(Exception):
    """An answer in place of the requested one.

    Args:
        status: the HTTP status.
        message: str.
        headers: dict of further headers.
    """

    def __init__(self, status: int, message: str, **headers: str):
        super().__init__(message)
        self.status = status
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


@dataclass(frozen=True)
class Limits:
    """Bounds of what the requests to a server cost together.

    Args:
        batch: the most examples of a request, and of a run of the model.
        requests: the most calls of the model at a time, from their first byte to their answer.
        body_mb: the size of a request's body in MB.
        psi: the largest ψ, and the smallest is its negative.
        body_seconds: how long a body may take to arrive.
    """

    batch: int = 8
    requests: int = 64
    body_mb: float = 32
    psi: float = 2.0
    body_seconds: float = 30

    def check(self, inputs: dict[str, np.ndarray]) -> None:
        """Refuses inputs that are too many or out of range."""
        size = len(next(iter(inputs.values())))
        if size > self.batch:
            raise Refusal(400, f"{size} examples in a request; this server takes {self.batch}")
        if "psi" in inputs and np.abs(inputs["psi"]).max() > self.psi:
            raise Refusal(400, f"psi must be between -{self.psi:g} and {self.psi:g}")

    async def read(self, request) -> bytes:
        """The body of a request. What is too large is refused as soon as that is known."""
        if int(request.headers.get("content-length", 0)) > self.body_mb * 1e6:
            raise self._too_large()
        try:
            return await asyncio.wait_for(self._whole(request), self.body_seconds)
        except asyncio.TimeoutError:
            message = f"the body did not arrive within {self.body_seconds:g} s"
            raise Refusal(408, message, connection="close") from None

    async def _whole(self, request) -> bytes:
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > self.body_mb * 1e6:  # sent in chunks, without saying how much will come
                raise self._too_large()
        return bytes(body)

    def _too_large(self) -> Refusal:
        # What is still on its way is not read: the connection cannot be used again.
        message = f"the body is larger than the {self.body_mb:g} MB that this server takes"
        return Refusal(413, message, connection="close")


def http_status(error: BaseException | None) -> int:
    """Returns the status that answers what a model raised: 429 for too little memory, say."""
    if isinstance(error, MemoryError):
        return HTTP_STATUSES[RESOURCE_EXHAUSTED]
    return HTTP_STATUSES.get(getattr(error, "error_code", 0), 500)
