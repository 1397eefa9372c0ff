"""Runs every CUDA kernel once at each size, for NVIDIA's profiler.

    ncu --clock-control none --csv --log-file kernels.csv \\
        --kernel-name-base demangled --kernel-name regex:stylegan \\
        --metrics gpu__time_duration.sum,dram__bytes_read.sum,dram__bytes_write.sum \\
        python benchmarks/kernels.py

then prints what the profiler counted in the device's memory:

    python benchmarks/kernels.py --read kernels.csv
"""

import stylegan_tf  # noqa: I001, F401  first, since it makes TensorFlow use oneDNN

import csv
import re
from pathlib import Path

import click
import tensorflow as tf

from stylegan_tf import ops
from stylegan_tf.ops import benchmark, library

KERNELS = [(3, 3, 512, 512), (3, 3, 64, 32)]


def run(shape, dtype: str) -> None:
    """Runs every op on [N, H, W, C], and its gradient."""
    n, h, w, c = shape
    x, dy = (tf.cast(tf.random.normal(shape), dtype) for _ in range(2))
    noise = tf.cast(tf.random.normal([1, h, w, 1]), dtype)
    strength, bias, style = (tf.random.normal(one) for one in ((c,), (c,), (n, 2 * c)))
    for blur in (False, True):
        with tf.GradientTape() as tape:
            tape.watch([x, bias])
            y = ops.style_epilogue(x, noise, strength, bias, style, "compiled", blur=blur)
        tape.gradient(y, [x, bias], output_gradients=dy)
    with tf.GradientTape() as tape:
        tape.watch([x, bias])
        y = ops.bias_act(x, bias, "compiled")
    tape.gradient(y, [x, bias], output_gradients=dy)
    ops.blur2d(x, implementation="compiled")
    kernel = [[1.0] * 4] * 4
    ops.upfirdn2d(x, kernel, down=2, padding=(1, 1, 1, 1), implementation="compiled")
    half = x[:, : h // 2, : w // 2]
    ops.upfirdn2d(half, kernel, up=2, padding=(2, 1, 2, 1), implementation="compiled")


def read(path: Path) -> list[str]:
    """Returns a table in Markdown with a row per launch of a kernel that takes more than 10 µs."""
    launches = {}
    lines = (line for line in path.read_text().splitlines() if line.startswith('"'))
    for row in csv.DictReader(lines):
        name = re.sub(r"\(.*|void |unnamed>::", "", row["Kernel Name"])
        counted = launches.setdefault((int(row["ID"]), name, row["Grid Size"]), {})
        counted[row["Metric Name"]] = float(row["Metric Value"].replace(",", ""))
    table = ["| kernel | blocks | µs | MB | GB/s |", "| --- | --- | --- | --- | --- |"]
    for (_, name, grid), counted in launches.items():
        time = counted["gpu__time_duration.sum"]
        moved = counted["dram__bytes_read.sum"] + counted["dram__bytes_write.sum"]
        if time > 10_000:
            blocks = grid.strip("()").split(",")[0]
            table.append(
                f"| {name} | {blocks} | {time / 1e3:.0f} | {moved / 1e6:.1f} | {moved / time:.0f} |"
            )
    return table


@click.command()
@click.option("--read", "path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def main(path):
    """Run every kernel, or read the profiler's file."""
    if path:
        click.echo("\n".join(read(path)))
        return
    if not (library.load().cuda and benchmark.on_gpu()):
        raise click.ClickException(f"no GPU, or no kernels for it ({library.load().cuda_reason})")
    for dtype in ("float32", "float16"):
        for shape in benchmark.GPU_SHAPES:
            run(shape, dtype)
        for shape in KERNELS:
            x = tf.cast(tf.random.normal([1, 8, 8, shape[2]]), dtype)
            kernel = tf.cast(tf.random.normal(shape), dtype)
            ops.upsample_conv2d(x, kernel, "compiled")
            ops.conv2d_downsample(x, kernel, "compiled")


if __name__ == "__main__":
    main()
