"""Names of metrics, such as `fid50k` and `fd_vgg16_5k_full`: what each stands for."""

import difflib
import re
from dataclasses import dataclass

# Metrics of features, and the published names of those that have one: the features are fixed.
COMPARED = ("fd", "kd", "is", "pr", "dc")
PUBLISHED = {
    "fid": ("fd", "inception"),
    "kid": ("kd", "inception"),
    "is": ("is", "inception"),
    "pr": ("pr", "vgg16_fc2"),
    "dc": ("dc", "vgg16_fc2"),
}
PATHS = ("ppl_zfull", "ppl_wfull", "ppl_zend", "ppl_wend")
SAMPLES = dict.fromkeys(PATHS, 100_000) | {"ls": 200_000}  # as published
KNOWN = (  # what a message compares a wrong name with
    *("fid50k", "fid50k_full", "kid50k", "is50k", "pr50k", "dc50k"),
    *(f"{kind}_vgg16_50k" for kind in ("fd", "kd", "pr", "dc")),
    *("fd_vgg16_50k_full", "is_mobilenet_v2_50k", *SAMPLES),
)

NUMBER = r"(?P<number>\d+k?)"
OF_PUBLISHED = re.compile(rf"(?P<kind>{'|'.join(PUBLISHED)}){NUMBER}(?P<full>_full)?")
OF_FEATURES = re.compile(
    rf"(?P<kind>{'|'.join(COMPARED)})_(?P<features>\w[\w-]*)_{NUMBER}(?P<full>_full)?"
)
OF_SAMPLES = re.compile(rf"(?P<kind>{'|'.join(SAMPLES)})(_{NUMBER})?")


@dataclass(frozen=True)
class Metric:
    """What is to be measured.

    Attributes:
        name: as it was asked for.
        kind: `fd`, `kd`, `is`, `pr`, `dc`, `ppl_zfull`, `ppl_wfull`, `ppl_zend`, `ppl_wend`, `ls`.
        features: name of the feature network, for the first five; None otherwise.
        count: generated pictures, and at most as many real ones; paths or samples for the others.
        full: all real pictures, however many (`fd` only).
    """

    name: str
    kind: str
    features: str | None
    count: int
    full: bool = False

    @property
    def compares(self) -> bool:
        """Whether real pictures are needed."""
        return self.kind in ("fd", "kd", "pr", "dc")


def parse(name: str) -> Metric:
    """The metric of a name.

    Raises:
        ValueError: if there is no such metric, naming the nearest one.
    """
    if found := OF_PUBLISHED.fullmatch(name):
        kind, features = PUBLISHED[found["kind"]]
    elif found := OF_FEATURES.fullmatch(name):
        kind, features = found["kind"], found["features"]
    elif found := OF_SAMPLES.fullmatch(name):
        return Metric(name, found["kind"], None, _count(name, found) or SAMPLES[found["kind"]])
    else:
        (near,) = difflib.get_close_matches(name.lower(), KNOWN, n=1, cutoff=0)
        raise ValueError(f"{name!r} is no metric; the nearest is {near}")
    full = bool(found["full"])
    if full and kind != "fd":
        raise ValueError(f"{name!r} is no metric: only fid and fd compare with all real pictures")
    return Metric(name, kind, features, _count(name, found), full)


def _count(name: str, found: re.Match) -> int | None:
    """The number in a name, or None."""
    text = found["number"]
    if text is None:
        return None
    count = int(text.removesuffix("k")) * (1000 if text.endswith("k") else 1)
    if count < 2:
        raise ValueError(f"{name!r} is no metric: at least 2 pictures are needed")
    return count
