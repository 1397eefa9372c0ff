"""The transforms of adaptive discriminator augmentation: their names, groups and random numbers.

Karras et al. 2020, "Training generative adversarial networks with limited data", appendix B.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from stylegan_tf.lazy_tensorflow import tf
from stylegan_tf.messages import did_you_mean


@dataclass(frozen=True)
class Numbers:
    """The random numbers that a transform takes for an image.

    Attributes:
        is_normal: whether its values are normally distributed, not uniform in [0, 1).
        values: how many of them.
        gates: how many uniform numbers say whether it is applied.
    """

    is_normal: bool
    values: int = 1
    gates: int = 1


TRANSFORMS = {
    "xflip": Numbers(is_normal=False),
    "rotate90": Numbers(is_normal=False),
    "xint": Numbers(is_normal=False, values=2),
    "scale": Numbers(is_normal=True),
    "rotate": Numbers(is_normal=False, values=2, gates=2),  # before and after "aniso"
    "aniso": Numbers(is_normal=True),
    "xfrac": Numbers(is_normal=True, values=2),
    "brightness": Numbers(is_normal=True),
    "contrast": Numbers(is_normal=True),
    "lumaflip": Numbers(is_normal=False),
    "hue": Numbers(is_normal=False),
    "saturation": Numbers(is_normal=True),
    "imgfilter": Numbers(is_normal=True, values=4, gates=4),  # one for each band
    "noise": Numbers(is_normal=True),
    "cutout": Numbers(is_normal=False, values=2),
}
BLIT = ("xflip", "rotate90", "xint")
GEOM = ("scale", "rotate", "aniso", "xfrac")
COLOR = ("brightness", "contrast", "lumaflip", "hue", "saturation")
GROUPS = {
    "blit": BLIT,
    "geom": GEOM,
    "color": COLOR,
    "filter": ("imgfilter",),
    "bg": BLIT + GEOM,
    "bgc": BLIT + GEOM + COLOR,
    "bgcf": (*BLIT, *GEOM, *COLOR, "imgfilter"),
    "bgcfn": (*BLIT, *GEOM, *COLOR, "imgfilter", "noise"),
    "bgcfnc": (*BLIT, *GEOM, *COLOR, "imgfilter", "noise", "cutout"),
}


def parse(
    names: str | Iterable[str],
    known: Collection[str] = TRANSFORMS,
    groups: Mapping[str, Iterable[str]] = GROUPS,
) -> tuple[str, ...]:
    """Returns the names of transforms, in the order in which they are applied.

    Args:
        names: of transforms and groups, one or several.
        known: the transforms that there are, in their order.
        groups: transforms by the name of their group.

    Raises:
        ValueError: if there is none of a name.
    """
    if not isinstance(names, str | list | tuple):
        raise ValueError(f"transforms is {names!r}; it must be a name or a list of names")
    chosen: set[str] = set()
    for name in [names] if isinstance(names, str) else names:
        if name not in (*known, *groups):
            near = did_you_mean(str(name), [*groups, *known])
            raise ValueError(f"transforms: there is none called {name!r}{near}")
        chosen.update(groups.get(name, [name]))
    if not chosen:
        raise ValueError("transforms names none; --aug none is without augmentation")
    return tuple(name for name in known if name in chosen)


@dataclass(frozen=True)
class Draws:
    """Random numbers of some transforms, and the probability of each.

    Attributes:
        p: scalar, the probability. Numbers above 1 are as 1.
        values: by transform, [N, values].
        gates: by transform, [N, gates], in [0, 1).
    """

    p: Any
    values: dict[str, Any]
    gates: dict[str, Any]

    @classmethod
    def sample(cls, rng: Any, names: Iterable[str], count: int | tf.Tensor, p: Any) -> Draws:
        """Returns new ones for a number of images.

        Args:
            rng: as an `Augmentation` gets it.
            names: of transforms.
            count: images.
            p: scalar.
        """
        names = list(names)
        kinds = {name: TRANSFORMS[name] for name in names}
        gates = _split(rng.uniform, count, {name: kinds[name].gates for name in names})
        values = {}
        for sample, is_normal in ((rng.uniform, False), (rng.normal, True)):
            sizes = {n: kinds[n].values for n in names if kinds[n].is_normal == is_normal}
            values.update(_split(sample, count, sizes))
        return cls(p, values, gates)

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def gated(
        self,
        name: str,
        change: Callable[[tf.Tensor], tf.Tensor],
        neutral: float = 0.0,
        p: Any = None,
    ) -> tf.Tensor:
        """Returns the parameters of a transform for each image, [N, values].

        Args:
            name: of the transform.
            change: makes parameters of random values, [N, values].
            neutral: the parameter where the transform is not applied.
            p: the probability, if it is another one; for each gate, if it is a list.

        Returns:
            `neutral`, a number, if this transform is not among them.
        """
        if name not in self:
            return neutral
        is_on = self.gates[name] < (self.p if p is None else p)
        return tf.where(is_on, change(self.values[name]), np.float32(neutral))

    def column(
        self, name: str, change: Callable[[tf.Tensor], tf.Tensor], neutral: float = 0.0
    ) -> tf.Tensor:
        """Returns the one parameter of a transform for each image, [N]; as `gated`."""
        parameters = self.gated(name, change, neutral)
        return parameters[:, 0] if name in self else parameters


def _split(sample: Callable, count: Any, sizes: dict[str, int]) -> dict[str, Any]:
    """Random numbers of several names by one call."""
    if not sizes:
        return {}
    numbers = sample([count, sum(sizes.values())])
    return dict(zip(sizes, tf.split(numbers, list(sizes.values()), axis=1), strict=True))
