"""What a metric came to."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Result:
    """A number, and what it depends on.

    Attributes:
        metric: its name, such as `fid50k`.
        value: the number. Of `pr` it is the precision, of `dc` the density, of `ls` the score in w.
        deviation: standard deviation over subsets (`kd`) or splits (`is`); None for the others.
        numbers: what else was measured, by name: `precision` and `recall`, `density` and
            `coverage`; of `ls` the scores `score_w` and `score_z`, and `entropy_w/NAME` and
            `entropy_z/NAME` in bits of each attribute.
        images: generated pictures.
        reals: real pictures that they were compared with; None where there were none.
        features: name of the network that looked at the pictures.
        weights_sha256: of its weights, in hexadecimal.
        seconds: that it took; what metrics share is counted for the first of them.
        notes: what a reader of the number must know, such as how grey pictures were shown.
    """

    metric: str
    value: float
    deviation: float | None = None
    numbers: dict[str, float] = field(default_factory=dict)
    images: int = 0
    reals: int | None = None
    features: str | None = None
    weights_sha256: str | None = None
    seconds: float = 0.0
    notes: tuple[str, ...] = ()
