"""Metrics by name: one registration says everything about a metric."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from stylegan_tf.registry import Registry

OF_NETWORKS = ("moments", "features", "probabilities")  # what a feature network gives
NEEDS = (*OF_NETWORKS, "images", "generator")
COUNT = 50_000  # images, where neither a name nor a registration says how many


@dataclass(frozen=True)
class Measured:
    """A number, with what some metrics have besides it.

    Attributes:
        value: the number.
        deviation: its standard deviation, over subsets or splits, if it has one.
        numbers: further numbers, by name.
        features: the network that looked at the images, where the metric brings its own.
        weights_sha256: of its weights, in hexadecimal.
    """

    value: float
    deviation: float | None = None
    numbers: dict[str, float] = field(default_factory=dict)
    features: str | None = None
    weights_sha256: str | None = None

    @classmethod
    def of(cls, result: "float | dict[str, float] | Measured") -> "Measured":
        """Returns what a metric computed in this form; of a dict, the first number is the value."""
        if isinstance(result, Measured):
            return result
        try:
            if isinstance(result, dict):
                numbers = {name: float(number) for name, number in result.items()}
                return cls(next(iter(numbers.values())), numbers=numbers)
            return cls(float(result))
        except (TypeError, ValueError, StopIteration):
            raise ValueError(
                f"a metric must give a float, or a dict of at least one, not {_described(result)}"
            ) from None


def _described(result: object) -> str:
    shape = getattr(result, "shape", None)
    if shape is None:
        return " ".join(f"{result!r:.100}".split())
    return f"{type(result).__name__} of shape {tuple(shape)}"


@dataclass(frozen=True)
class Sampling:
    """How a metric of a generator samples.

    Attributes:
        count: how many images, paths or whatever is counted.
        seed: of all random numbers.
        labels: one for each, float32 [count, label_size]; None for a network without labels.
        batch: images at a time on each replica; None: as many as suit the device.
        strategy: the `tf.distribute.Strategy` on whose replicas it computes.
        progress: of a title, gives a context manager that gives a function of (done, total).
        loaded: what the registration's `load` returned.
    """

    count: int
    seed: int
    labels: Any
    batch: int | None
    strategy: Any
    progress: Callable[..., Any]
    loaded: Any = None


@dataclass(frozen=True)
class Published:
    """The name under which a metric was published, for which the features are fixed.

    Attributes:
        name: such as `fid`, of `fid50k`.
        features: the feature network.
        label: of an axis, if it is another than for other features.
    """

    name: str
    features: str
    label: str = ""


@dataclass(frozen=True)
class Metric:
    """A registered metric. The attributes are the arguments of `register`."""

    name: str
    compute: Callable[..., Any]
    needs: str
    higher_is_better: bool
    minimum: int
    label: str
    unit: str
    count: int | None
    published: Published | None
    check: Callable[..., Any] | None
    load: Callable[..., Any] | None

    @property
    def compares(self) -> bool:
        """Whether real images are needed."""
        return self.needs in ("moments", "features", "images")

    @property
    def of_network(self) -> bool:
        """Whether a feature network is needed, which the name of the metric names."""
        return self.needs in OF_NETWORKS

    @property
    def __wrapped__(self) -> Callable[..., Any]:
        """The function, by which the registry knows a module that is run again."""
        return self.compute

    def axis(self, features: str | None) -> str:
        """Returns what an axis of the metric says."""
        published, label = self.published, self.label
        if published and published.label and published.features == features:
            label = published.label
        unit = f" ({self.unit})" if self.unit else ""
        return f"{label}{unit}, {'higher' if self.higher_is_better else 'lower'} is better"


METRICS: Registry[Metric] = Registry("metric")


def register(
    name: str,
    *,
    needs: str,
    higher_is_better: bool = False,
    minimum: int = 2,
    label: str = "",
    unit: str = "",
    count: int | None = COUNT,
    published: Published | None = None,
    check: Callable[..., Any] | None = None,
    load: Callable[..., Any] | None = None,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Returns a decorator that makes a function a metric.

    The function returns a float, a dict of floats (the first is the metric's value), or a
    `Measured`. What it is called with, and how it is named on the command line, is up to `needs`:

    - `"features"`: `f(real, fake)`, features [N, D] and [M, D]; `NAME_vgg16_5k`.
    - `"moments"`: `f(real, fake)`, `Moments` of features; also `NAME_vgg16_5k_full`.
    - `"probabilities"`: `f(fake)`, probabilities of classes [M, C]; `NAME_mobilenet_v2_5k`.
    - `"images"`: `f(real, fake)`, uint8 [N, R, R, 3] and [M, R, R, 3]; `NAME_5k`.
    - `"generator"`: `f(generator, sampling)`, a `Generator` and `Sampling`; `NAME_5k`.

    Args:
        name: of letters, digits and underscores.
        needs: what the function is called with.
        higher_is_better: whether more of it is better, for the best snapshot of a run.
        minimum: fewest images of either kind.
        label: what an axis says. Defaults to the name.
        unit: of the value, for an axis.
        count: images, where a name has no number; None: names must have one.
        published: a shorter name with fixed features, such as `fid` for `fd` of `inception`.
        check: of the metric's full name and a generator; raises ValueError if the generator does
            not allow it, before the first image is generated.
        load: of the metric's full name and the `classifiers` of an evaluation, inside the scope of
            its strategy; returns `Sampling.loaded`, before the first image is generated. Only for
            `"generator"`.

    Raises:
        ValueError: if an argument is out of range, or the name is taken.
    """
    if needs not in NEEDS:
        raise ValueError(f"metric {name!r}: needs is {needs!r}; it can be {', '.join(NEEDS)}")
    if not re.fullmatch(r"[A-Za-z]\w*", name):
        raise ValueError(f"metric {name!r}: a name has letters, digits and underscores")
    if minimum < 1:
        raise ValueError(f"metric {name!r}: minimum is {minimum}; it must be 1 or more")
    if name in {one.published.name for one in metrics() if one.published and one.name != name}:
        raise ValueError(f"there is a metric {name!r} already")

    def add(compute: Callable[..., Any]) -> Callable[..., Any]:
        METRICS.register(name)(
            Metric(
                name=name,
                compute=compute,
                needs=needs,
                higher_is_better=higher_is_better,
                minimum=minimum,
                label=label or name,
                unit=unit,
                count=count,
                published=published,
                check=check,
                load=load,
            )
        )
        return compute

    return add


def metrics() -> list[Metric]:
    """Returns all metrics that are registered."""
    return [METRICS.get(name) for name in METRICS]
