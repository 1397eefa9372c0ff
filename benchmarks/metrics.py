"""What an evaluation spends its time on, and how much memory it needs.

    python benchmarks/metrics.py

prints milliseconds per image of generating, of each feature network that is installed here, and of
the arithmetic of each metric, as medians of rounds after some to warm up; and what that makes for
50,000 images against as many. Arithmetic is of features 2048 wide; where its time grows with
pairs, a part of them is timed.

Then the peak memory (RSS) of a process that imports TensorFlow and computes each metric of so many
features. It does not grow with pairs, so it is at its peak within seconds: after `--seconds` that
process is stopped.
"""

import stylegan_tf as sg  # noqa: I001  before TensorFlow, which it tells to use oneDNN

import statistics
import subprocess
import sys
import time

import click
import numpy as np
import tensorflow as tf

from stylegan_tf import generation
from stylegan_tf.images import to_uint8
from stylegan_tf.metrics.sampling import batch_for
from stylegan_tf.ops.benchmark import medians

WIDTH, CLASSES = 2048, 1008  # Inception's
NETWORKS = ("inception", "vgg16", "vgg16_fc2", "mobilenet_v2")
PART = 2048  # samples of either kind, where arithmetic is timed
MEMORY = (  # what is gathered of either kind, how wide, and what is made of it
    ("fd", "moments", WIDTH, "frechet_distance(a.mean, a.covariance, b.mean, b.covariance)"),
    ("kd", "features", WIDTH, "kernel_distance(a, b)"),
    ("pr", "features", WIDTH, "precision_recall(a, b)"),
    ("dc", "features", WIDTH, "density_coverage(a, b)"),
    ("pr, vgg16_fc2", "features", 4096, "precision_recall(a, b)"),
)
PROGRAM = """
import signal, sys
from pathlib import Path
import numpy as np, tensorflow
from stylegan_tf.metrics import *
from stylegan_tf.metrics.statistics import gather

rng = np.random.default_rng(0)

def features():
    left = {count}
    while left > 0:
        yield (rng.standard_normal((min(left, 64), {width}), np.float32),)
        left -= 64

def tell(*_):
    # What getrusage tells would include the process that started this one.
    status = dict(line.split(":") for line in Path("/proc/self/status").open())
    print(int(status["VmHWM"].split()[0]) * 1024 / 1e9, flush=True)
    sys.exit()

signal.signal(signal.SIGALRM, tell)
signal.alarm({seconds})
a, b = (gather(features(), [("{what}", {count})])["{what}", {count}] for _ in "ab")
{metric}
tell()
"""


def of_images(resolution: int) -> dict[str, float]:
    """Returns the seconds of an image: generated, and in each network that is there."""
    share = batch_for(resolution)
    generator = sg.Generator(resolution=resolution)
    seeds = tf.range(share, dtype=tf.int64)
    shape = (share, resolution, resolution, 3)
    images = tf.constant(np.random.default_rng(0).integers(0, 256, shape, np.uint8))
    generate = tf.function(
        lambda seeds: to_uint8(generation.generate(generator, seeds, 1.0)), autograph=False
    )
    calls = {f"generating {resolution}×{resolution}": lambda: generate(seeds)}
    for name in NETWORKS:
        try:
            network = tf.function(sg.metrics.load_network(name), autograph=False)
        except sg.metrics.WeightsMissing as error:
            click.echo(f"without {name}: {error}", err=True)
            continue
        calls[f"features, {name}"] = lambda network=network: network(images)
    return {name: seconds / share for name, seconds in medians(calls).items()}


def of_arithmetic(count: int) -> dict[str, float]:
    """Returns the seconds of so many images against as many."""
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((2, PART, WIDTH), np.float32)
    p = rng.random((PART, CLASSES))
    p /= p.sum(1, keepdims=True)
    one, other = sg.metrics.Moments(a), sg.metrics.Moments(b)
    normals = (one.mean, one.covariance, other.mean, other.covariance)
    calls = {
        "moments": lambda: sg.metrics.Moments(a),
        "distance": lambda: sg.metrics.frechet_distance(*normals),
        "kd": lambda: sg.metrics.kernel_distance(a, b, subsets=10),
        "is": lambda: sg.metrics.inception_score(p),
        "pr": lambda: sg.metrics.precision_recall(a, b),
        "dc": lambda: sg.metrics.density_coverage(a, b),
    }
    seconds = {name: median(call) for name, call in calls.items()}
    times = count / PART
    return {
        "fd": 2 * times * seconds["moments"] + seconds["distance"],
        "kd": 10 * seconds["kd"],
        "is": times * seconds["is"],
        "pr": times**2 * seconds["pr"],
        "dc": times**2 * seconds["dc"],
    }


def median(call) -> float:
    """Returns the seconds of a call that takes some: the median of three, after one to warm up."""
    result = []
    for _ in range(4):
        started = time.perf_counter()
        call()
        result.append(time.perf_counter() - started)
    return statistics.median(result[1:])


def peak(**values) -> float:
    """Returns the GB that a process of its own had at most."""
    command = [sys.executable, "-c", PROGRAM.format(**values)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise click.ClickException(done.stderr)
    return float(done.stdout)


@click.command()
@click.option("--count", default=50_000, show_default=True, help="Images of either kind.")
@click.option("--resolution", default=64, show_default=True, help="Of the images.")
@click.option("--seconds", default=45, show_default=True, help="Of a process, at most.")
def main(count, resolution, seconds):
    """Measure the parts of an evaluation."""
    click.echo(f"{'':<24}{'ms an image':>14}{f'min of {count:,}':>16}")
    for name, each in of_images(resolution).items():
        click.echo(f"{name:<24}{1000 * each:>14.2f}{count * each / 60:>16.1f}")
    for name, whole in of_arithmetic(count).items():
        click.echo(f"{f'arithmetic, {name}':<24}{1000 * whole / count:>14.2f}{whole / 60:>16.1f}")
    click.echo(f"\n{'':<24}{'features':>14}{'peak GB':>16}")
    for name, what, width, metric in MEMORY:
        result = peak(count=count, width=width, what=what, metric=metric, seconds=seconds)
        click.echo(f"{name:<24}{width:>14}{result:>16.2f}")


if __name__ == "__main__":
    main()
