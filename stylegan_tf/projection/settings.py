"""The settings of a projection; read without TensorFlow."""

from dataclasses import dataclass

SPACES = ("w", "w+")


@dataclass(frozen=True)
class Settings:
    """The choices of a projection.

    Args:
        space: `"w"`, one style for all layers, or `"w+"`, one for each.
        steps: int, of the optimizer.
        lpips: float, weight of the perceptual distance; with 0 it is not computed.
        mse: float, weight of the mean squared difference of RGB values in [-1, 1].
        label: of the latents from which the mean and deviation of w are taken: the number or name
            of a class, or a list of numbers; None: over all classes.
        seed: int, of everything random.

    Raises:
        ValueError: if a value is not allowed.
    """

    space: str = "w"
    steps: int = 1000
    lpips: float = 1.0
    mse: float = 1.0
    label: int | str | list[float] | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        if self.space not in SPACES:
            raise ValueError(f"space is {self.space!r}; it can be {' or '.join(SPACES)}")
        if self.steps < 1:
            raise ValueError(f"steps is {self.steps}; it must be 1 or more")
        if not (self.lpips >= 0 and self.mse >= 0 and 0 < self.lpips + self.mse < float("inf")):
            raise ValueError(
                f"the weights are {self.lpips:g} for LPIPS and {self.mse:g} for MSE; they can be "
                "0 or more, and not both 0"
            )
