"""What the explorer generates an image from."""

from dataclasses import dataclass, field, fields

from stylegan_tf.defaults import CUTOFF, PSI

NOISES = ("random", "constant", "none")
FARTHEST = 3  # ends of the page's sliders of directions


@dataclass(frozen=True)
class Controls:
    """The state of all controls. The defaults are those of `stylegan-tf generate`.

    Args:
        seed: int, 0 or more; z, and the noise where that is `"random"`.
        psi: ψ of the truncation trick; 1 is off.
        cutoff: how many of the first layers to truncate.
        label: a class, by its number or name, or the numbers of a label; None: that of the seed,
            and so of each seed that is mixed in.
        noise: `"random"` (by the seed), `"constant"` (the stored images) or `"none"`.
        mixing: layers by the seed that drives them in place of `seed`: `{7: [4, 5]}`. Where two
            name a layer, the later one has it.
        strengths: factor of a layer's noise by its number; 1 where there is none.
        directions: how far to go along a direction by its name, in its own length.
    """

    seed: int = 0
    psi: float = PSI
    cutoff: int = CUTOFF
    label: int | str | tuple[float, ...] | None = None
    noise: str = "random"
    mixing: dict[int, list[int]] = field(default_factory=dict)
    strengths: dict[int, float] = field(default_factory=dict)
    directions: dict[str, float] = field(default_factory=dict)

    def neutral(self) -> bool:
        """Returns whether `stylegan-tf generate` has an option for everything that is set."""
        return not (self.mixing or self.strengths or self.directions)

    def __repr__(self):
        """Returns Python that makes the same again; defaults are left out."""
        default = Controls()
        arguments = [
            f"{one.name}={getattr(self, one.name)!r}"
            for one in fields(self)
            if one.name == "seed" or getattr(self, one.name) != getattr(default, one.name)
        ]
        return f"Controls({', '.join(arguments)})"
