"""Prints the tables of docs/cuda.md about the CUDA kernels: python tools/cuda_table.py

Bytes are counted, not measured: those that an op must move (each input once, each output once) and
those that its passes move. Registers, shared memory and spills are from ptxas; occupancy is
computed from them.
"""

import itertools
import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from stylegan_tf.models.sizes import feature_maps
from stylegan_tf.ops import build_cuda

# Resolution and channels of the generator's and the discriminator's layers at 1024².
LAYERS = [(1 << n, feature_maps(n - 1, 8192, 1.0, 512)) for n in range(2, 11)]
BATCHES = (1, 4)
ITEM_BYTES = {"float32": 4, "float16": 2}
THREADS, WARP = 256, 32
MB = 1e6
TYPES = {"f": "float", "6__half": "half", "13__nv_bfloat16": "bfloat16"}  # as compilers mangle them
CONV_KERNELS = ("straight_kernel", "transposing_kernel")


@dataclass(frozen=True)
class Op:
    """Bytes of an op, by the number of tensors [N, H, W, C] that are read and written.

    Attributes:
        minimum: tensors that any implementation reads and writes.
        passes: tensors that each pass here reads and writes.
        noise: passes that read the noise, one map per image.
        partials: floats that a block stores for each of its channels, by pass.
        blurred: whether strips consist of rows of the image.
    """

    name: str
    minimum: int
    passes: tuple[int, ...]
    noise: int = 0
    partials: tuple[int, ...] = ()
    blurred: bool = False


OPS = [
    Op("BiasAct", 2, (2,)),
    Op("BiasActGrad", 3, (3,), partials=(1,)),
    Op("MaskedBias", 3, (3,)),
    Op("Blur", 2, (2,), blurred=True),
    Op("Epilogue", 2, (1, 2), noise=2, partials=(3,)),
    Op("Epilogue, blur", 2, (1, 2), noise=2, partials=(3,), blurred=True),
    Op("EpilogueGrad", 3, (2, 3), noise=2, partials=(2, 2)),
    Op("EpilogueGrad, blur", 3, (2, 3), noise=2, partials=(2, 2), blurred=True),
]


def chunks(images, side, channels, width, blurred, halo=0) -> int:
    """Returns the blocks that share a channel of an image, as strips.h computes them."""
    vectors = channels // width
    lanes = min(WARP, 1 << (vectors - 1).bit_length())
    columns = THREADS // lanes
    height, across = (side, side) if blurred else (-(-(side**2) // columns), columns)
    tiles = -(-across // (columns - 2 * halo))
    others = images * -(-vectors // lanes) * tiles
    rows = max(8, -(-height // max(1, 1024 // others)))
    return tiles * -(-height // rows)


def bytes_moved(op: Op, images: int, side: int, channels: int, item: int) -> tuple[int, int]:
    """Returns the bytes that an op must move, and those its passes move, without halos."""
    pixels, maps = images * side**2, images * channels
    flat = op.name.startswith(("Bias", "Masked"))
    small = 4 * (maps * 4 if op.noise else channels * (op.name != "Blur"))
    minimum = op.minimum * pixels * channels * item + 4 * pixels * bool(op.noise) + small
    moved = sum(op.passes) * pixels * channels * item + 4 * pixels * op.noise
    moved += small * len(op.passes)
    for index, floats in enumerate(op.partials):
        narrow = op.name == "EpilogueGrad, blur" and index == 1
        width = 4 if narrow else 16 // item
        shape = (1, round(pixels**0.5), channels) if flat else (images, side, channels)
        blocks = chunks(*shape, width, op.blurred, halo=int(narrow))
        moved += 2 * 4 * floats * blocks * channels * shape[0]
    return minimum, moved


def bytes_table() -> str:
    """Returns the table of megabytes by op and layer."""
    kinds = [(n, dtype) for n in BATCHES for dtype in ITEM_BYTES]
    lines = ["| op | layer | " + " | ".join(f"N={n}, {dtype}" for n, dtype in kinds) + " |"]
    lines.append("| --- " * (len(kinds) + 2) + "|")
    for op in OPS:
        for side, channels in LAYERS:
            cells = []
            for n, dtype in kinds:
                minimum, moved = bytes_moved(op, n, side, channels, ITEM_BYTES[dtype])
                cells.append(f"{minimum / MB:.4g} / {moved / MB:.4g}")
            lines.append(f"| {op.name} | {side}²×{channels} | {' | '.join(cells)} |")
    return "\n".join(lines)


def conv_kernel_table() -> str:
    """Returns the table of megabytes of ConvKernel, whose weights are float32, and its gradient."""
    lines = ["| layer | kernel | float32 | float16 |", "| --- " * 4 + "|"]
    for (_, before), (side, after) in itertools.pairwise(LAYERS):
        cells = [before * after * (9 * 4 + 16 * item) / MB for item in ITEM_BYTES.values()]
        shown = " | ".join(f"{cell:.4g}" for cell in cells)
        lines.append(f"| {side}² | 3×3×{before}×{after} | {shown} |")
    return "\n".join(lines)


def occupancy(registers: int, shared: int) -> float:
    """Returns the share of a multiprocessor's 64 warps that are in use.

    Those of sm_90 have 65,536 registers and 227 KB of shared memory.
    """
    warps_each = THREADS // WARP
    by_registers = 65536 // (-(-registers * WARP // 256) * 256) // 4 * 4 // warps_each
    by_shared = 227 * 1024 // (shared + 1024)
    return min(64 // warps_each, by_registers, by_shared) * warps_each / 64


def resources() -> list[tuple[str, str, int, int, int, int]]:
    """Returns kernel, variant, registers, shared bytes, spilled bytes stored and loaded."""
    rows = []
    for source in sorted(build_cuda.KERNELS.glob("*.cu")):
        for block in _ptxas(source).split("Compiling entry function '")[1:]:
            name, arguments = re.search(r"\d([a-z_]+_kernel)([IE][^']+)'", block).groups()
            spills = re.search(r"(\d+) bytes spill stores, (\d+) bytes spill loads", block)
            shared = re.search(r"(\d+) bytes smem", block)
            registers = int(re.search(r"Used (\d+) registers", block)[1])
            row = (registers, int(shared[1]) if shared else 0, int(spills[1]), int(spills[2]))
            rows.append((name, _variant(name, arguments), *row))
    return sorted(rows)


def _ptxas(source: Path) -> str:
    with tempfile.TemporaryDirectory() as work:
        target = ["--ptxas-options=-v", "-gencode=arch=compute_90,code=sm_90"]
        output = ["-c", str(source), "-o", f"{work}/kernel.o"]
        command = [build_cuda.find_nvcc(), *build_cuda.NVCC_FLAGS, *target, *output]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout + done.stderr


def _variant(name: str, arguments: str) -> str:
    """Returns readable template arguments from mangled ones."""
    if not arguments.startswith("I"):
        return ""  # no template
    first = r"(?:f|6__half|13__nv_bfloat16)"
    types, rest = re.match(rf"I({first}?(?:{first}|S\d?_)?)(.*)", arguments).groups()
    kinds = [TYPES[one] for one in re.findall(first, types)]
    numbers = re.findall(r"Li(\d)E", rest) if kinds else []
    names = [" to ".join(kinds)] if kinds else []
    if name in CONV_KERNELS:
        names.append(f"sum of {int(numbers.pop()) ** 2}")
    names += [f"{one} at a time" for one in numbers[:1]]
    flag = "noise" if "Added" in rest else "blur" if kinds else "transpose"
    names += [flag] if "Lb1E" in rest else []
    if stores := re.search(r"Store([A-Za-z]+?)E", rest):
        names = names or [re.sub(r"(?<!^)(?=[A-Z])", " ", stores[1]).lower()]
    return ", ".join(names)


def resources_table() -> str:
    """Returns the table of ptxas's numbers for float and half; bfloat16 is about the same."""
    lines = ["| kernel | variant | registers | shared memory | spills | occupancy |"]
    lines.append("| --- " * 6 + "|")
    for name, variant, registers, shared, *spills in resources():
        if "bfloat16" not in variant:
            share = f"{occupancy(registers, shared):.0%}"
            cells = (name.removesuffix("_kernel"), variant, registers, shared, sum(spills), share)
            lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(bytes_table(), conv_kernel_table(), resources_table(), sep="\n\n")
