"""Published numbers of the rows of the paper's Table 1, and of their neighbours.

The whole vectors have weights, w and images of each. The small ones have them of B, and of C but
for its mapping network; for other rows they have a network with the same layers: mapping networks
are F's or its beginning, E generates as F does, and a B with a mapping network has B's synthesis
network. What differs then is where w comes from, so that `test_w` and `test_images` are apart.
"""

import functools
import math
import re
from typing import NamedTuple

import numpy as np

import published
import stylegan_tf as sg
import vectors
from stylegan_tf.importing import assign_generator


class Numbers(NamedTuple):
    """Where a network's numbers are: the set, and in it names of variables, w and images."""

    vectors: str
    prefix: str
    w: str
    images: str
    tolerance: float

    def variables(self) -> dict[str, np.ndarray]:
        """Its variables by name."""
        return published.variables(self.vectors, self.prefix)

    def latents(self) -> np.ndarray:
        """The w of its images, [N, w_size]; published for each layer, all the same."""
        w = published.arrays(self.vectors)[self.w]
        return w if w.ndim == 2 else w[:, 0]

    def image(self, lod: float, fused: int) -> np.ndarray:
        """Its images of that level of detail, [N, C, R, R]."""
        return published.arrays(self.vectors)[self.images.format(lod=f"{lod:g}", fused=fused)]


class Row(NamedTuple):
    """What makes the network, and whose synthesis it has in the small vectors; None: its own."""

    arguments: dict
    synthesis: Numbers | None = None


def own(row: str) -> Numbers:
    """The numbers of a row itself."""
    return Numbers(
        "stylegan32_table1",
        f"{row}/vars/",
        f"{row}/w",
        f"{row}/img/lod{{lod}}/fused{{fused}}/off",
        published.ROW_TOLERANCE,
    )


F = Numbers(
    "stylegan32",
    "G/vars/",
    "out/w_nobroadcast",
    "out/img/lod{lod}/recursive/fused{fused}/off",
    published.TOLERANCE,
)
B, C = own("tuned-baseline"), own("add-mapping-and-styles")
# By the name of the published switches.
ROWS = {
    "tuned-baseline": Row({"architecture": "b"}),
    "add-mapping-and-styles": Row({"architecture": "c"}),
    "remove-traditional-input": Row({"architecture": "d"}, F),  # and no noise: has no images
    "add-noise-inputs": Row({"architecture": "e"}, F),
    "traditional-8": Row({"architecture": "b", "mapping_layers": 8}, B),
    "stylebased-0": Row({"mapping_layers": 0}, F),
    "stylebased-1": Row({"mapping_layers": 1}, F),
}
# F's w after so many layers.
W_OF_F = {
    0: "mid/G_mapping/PixelNorm/mul",
    1: "mid/G_mapping/Dense0/LeakyReLU/Maximum",
    8: "out/w_nobroadcast",
}


def is_own(row: str) -> bool:
    """Whether the vectors have the numbers of the row itself."""
    return vectors.IS_WHOLE or ROWS[row].synthesis is None


def has_own_mapping(row: str) -> bool:
    """Whether the vectors have the row's mapping network; B has none."""
    return vectors.IS_WHOLE or row == "tuned-baseline"


def numbers(row: str) -> Numbers:
    """The published numbers that the row's images are compared with."""
    return own(row) if is_own(row) else ROWS[row].synthesis


def mapping_layers(row: str) -> int:
    """How many layers the row's mapping network has."""
    return ROWS[row].arguments.get("mapping_layers", 8)


def w(row: str) -> np.ndarray:
    """The published w of the four latents, [4, w_size]."""
    if has_own_mapping(row):
        return own(row).latents()
    return published.arrays("stylegan32")[W_OF_F[mapping_layers(row)]]


@functools.cache
def generator(row: str, fused=0) -> sg.Generator:
    """The row's generator with published weights."""
    network = sg.Generator(resolution=32, **published.SIZES, **ROWS[row].arguments)
    result = numbers(row).variables()
    if not has_own_mapping(row):
        result = {name: value for name, value in result.items() if "G_mapping" not in name}
        for name, value in F.variables().items():
            layer = re.match(r"G_mapping/Dense(\d)/", name)
            if layer and int(layer[1]) < mapping_layers(row):
                result[name] = value
    if not network.synthesis.switches.noise:
        result = {name: value for name, value in result.items() if "oise" not in name}
    assign_generator(network, result, fused_from=4 if fused else None)
    return network


def as_used(name: str, value: np.ndarray) -> np.ndarray:
    """A weight as `use_wscale=False` stores it, times its scale; other variables as is."""
    if not name.endswith("/weight") or "Noise" in name:
        return value
    gain = 1 if "ToRGB" in name or "StyleMod" in name else math.sqrt(2)
    return value * np.float32(gain / math.sqrt(np.prod(value.shape[:-1])))


def without_equalized_learning_rate() -> tuple[dict[str, np.ndarray], Numbers]:
    """Variables of a network made with `use_wscale=False`, and where its images are.

    In the small vectors it is F, its weights stored as they are used.
    """
    if vectors.IS_WHOLE:
        return own("nowscale").variables(), own("nowscale")
    return {name: as_used(name, value) for name, value in F.variables().items()}, F
