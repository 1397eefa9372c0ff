"""Networks whose sizes a file names, made only where the file holds about as many weights."""

from collections.abc import Callable
from typing import Any

from stylegan_tf.unpickling.errors import UnsupportedCheckpointError

SPARE = 1 << 16  # parameters that need not be stored, such as the mean of w


def build(
    kind: type, count: Callable[..., int], variables: int, elements: int, **arguments: Any
) -> Any:
    """Returns a network, if it is not much larger than what is stored.

    Args:
        kind: `Generator` or `Discriminator`.
        count: the number of parameters of such a network, from its arguments.
        variables: how many are stored.
        elements: of all of them.
        arguments: of the network.

    Raises:
        UnsupportedCheckpointError: if it is, or the arguments make no network.
    """
    try:
        if (arguments.get("mapping_layers") or 0) > variables:
            raise ValueError("it has fewer variables than layers")
        if count(**arguments) > elements + SPARE:
            raise ValueError("its sizes are those of a larger network")
        return kind(**arguments)
    except (ValueError, TypeError, ArithmeticError) as error:
        reason = " ".join(str(error).split())[:200]
        raise UnsupportedCheckpointError(f"its arguments make no network: {reason}") from None
