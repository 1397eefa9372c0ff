"""What can go wrong between a client and a server, and which of it is worth another try."""

from collections.abc import Callable
from typing import Any

import tenacity

FIRST, LONGEST = 0.2, 5.0  # seconds of waiting, before chance is added


class ServingError(RuntimeError):
    """A server did not answer, or not with what was requested.

    Attributes:
        url: of the call.
        status: the HTTP status, the name of the gRPC status, or None without an answer.
        passing: whether the same call may succeed later.
        retry_after: seconds that the server asks to wait.
    """

    def __init__(
        self,
        url: str,
        message: str,
        status: int | str | None = None,
        passing: bool = False,
        retry_after: float = 0.0,
    ) -> None:
        super().__init__(f"{url}: {message}")
        self.url, self.status = url, status
        self.passing, self.retry_after = passing, retry_after


def with_retries(call: Callable[[], Any], attempts: int) -> Any:
    """Returns what a function returns; it is called again after a `ServingError` that passes.

    The time between calls doubles, and chance is added to it so that many clients do not come back
    together.

    Args:
        call: function without arguments.
        attempts: int. The most calls.
    """
    retrying = tenacity.Retrying(
        retry=tenacity.retry_if_exception(lambda error: getattr(error, "passing", False)),
        stop=tenacity.stop_after_attempt(attempts),
        wait=_pause,
        reraise=True,
    )
    return retrying(call)


def _pause(state: tenacity.RetryCallState) -> float:
    jitter = tenacity.wait_exponential_jitter(initial=FIRST, max=LONGEST, jitter=FIRST)
    error = state.outcome.exception() if state.outcome else None
    return max(jitter(state), getattr(error, "retry_after", 0.0))
