"""Puts faults into a copy of the tree, one at a time: the quick tests must notice each.

    python tools/mutations.py              # all; prints a table, exits with 1 if one got through
    python tools/mutations.py kernel blur  # those with one of these words in their description

A fault is found by its text, which stands once in the package: files may move. Each runs only the
tests that should notice it, without any fault first, as a check that they pass. Kernels are
compiled anew (in one version for all CPUs), which takes the longest.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("stylegan_tf", "ops", "datasets")
LINKS = {"stylegan_tf/ops": "../ops", "stylegan_tf/datasets": "../datasets"}
LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv*", "*.egg-info", "__pycache__", ".pytest_cache", ".ruff_cache", "runs"
)
BUILD = "from stylegan_tf.ops import build; build.build_cpu(build.LIB)"


class Fault(NamedTuple):
    """What is wrong with it, and which tests should see that (paths below `tests`)."""

    why: str
    old: str
    new: str
    tests: str


FAULTS = [
    # Layers and networks.
    Fault(
        "pixel norm takes the sum",
        "square = tf.reduce_mean(tf.square(wide)",
        "square = tf.reduce_sum(tf.square(wide)",
        "layers",
    ),
    Fault(
        "minibatch deviation: groups are neighbours",
        "shape = [group, n // group, h * w, f",
        "shape = [n // group, group, h * w, f",
        "layers models",
    ),
    Fault(
        "minibatch deviation keeps the mean",
        "y -= tf.reduce_mean(y, axis=0, keepdims=True)",
        "y -= 0 * tf.reduce_mean(y, axis=0, keepdims=True)",
        "layers",
    ),
    Fault(
        "equalized convolution forgets the kernel's size",
        "self.scale = self.gain / math.sqrt(size * size * channels)",
        "self.scale = self.gain / math.sqrt(channels)",
        "layers",
    ),
    Fault(
        "equalized dense forgets the multiplier of the bias",
        "return self.bias * self.lr_multiplier",
        "return self.bias * 1.0",
        "layers models",
    ),
    Fault(
        "noise strength is squared",
        "tf.cast(image * self.strength, x.dtype)",
        "tf.cast(image * self.strength**2, x.dtype)",
        "layers models",
    ),
    Fault(
        "blending is turned round",
        "return old + (new - old) * fade",
        "return new + (old - new) * fade",
        "models test_images.py",
    ),
    Fault(
        "truncation is turned round",
        "return w_avg + psi * (w - w_avg)",
        "return w + psi * (w_avg - w)",
        "models/test_styles.py",
    ),
    Fault(
        "mixing begins a layer late",
        "< crossover, w1, w2)",
        "<= crossover, w1, w2)",
        "models/test_styles.py",
    ),
    # Losses.
    Fault(
        "R1 without its half",
        "return critic.squared_gradient(real) / 2",
        "return critic.squared_gradient(real)",
        "penalties",
    ),
    Fault(
        "WGAN-GP divides by the target, not its square",
        "return tf.square(length - self.target) / self.target**2",
        "return tf.square(length - self.target) / self.target",
        "losses penalties",
    ),
    Fault(
        "hinge without its margin on fakes",
        "return tf.nn.relu(1 + _flat(fake_logits))",
        "return tf.nn.relu(_flat(fake_logits))",
        "losses penalties",
    ),
    Fault(
        "interpolation beyond the fakes",
        "critic.squared_gradient(real + (fake - real) * alpha)",
        "critic.squared_gradient(real + (fake + real) * alpha)",
        "losses penalties",
    ),
    # Training.
    Fault(
        "schedule: the fade begins at once",
        "phase += max(rest - stable_kimg, 0.0)",
        "phase += max(rest, 0.0)",
        "training/test_schedule.py",
    ),
    Fault(
        "schedule: rates of the lower resolution",
        "config.learning_rate.get(resolution, config",
        "config.learning_rate.get(resolution // 2, config",
        "training/test_schedule.py",
    ),
    Fault(
        "the average of w moves the wrong way",
        "w_avg.assign(w_mean + (w_avg - w_mean)",
        "w_avg.assign(w_avg + (w_mean - w_avg)",
        "training/test_step.py",
    ),
    Fault(
        "Adam counts from 0",
        "step = tf.cast(tf.convert_to_tensor(self.iterations) + 1",
        "step = tf.cast(tf.convert_to_tensor(self.iterations) + 0",
        "training/test_optimizers.py",
    ),
    Fault(
        "images are not centred in [-1, 1]",
        "* (1 / 127.5) - 1",
        "* (1 / 127.5) - 0.99",
        "test_images.py",
    ),
    Fault(
        "the averaged generator follows the wrong way",
        "variable.assign(value + (variable - value) * beta)",
        "variable.assign(variable + (value - variable) * beta)",
        "training/test_step.py",
    ),
    Fault(
        "an overflow leaves the loss scale",
        "tf.where(broken, 0.5,",
        "tf.where(broken, 1.0,",
        "training/test_loss_scale.py",
    ),
    # Importing.
    Fault(
        "up-convolutions are turned one way only",
        "return kernel[::-1, ::-1]",
        "return kernel[::-1]",
        "models/test_published_stylegan.py importing",
    ),
    Fault(
        "channels first stay first",
        "-1, 4, 4, columns), [1, 2, 0, 3])",
        "-1, 4, 4, columns), [0, 1, 2, 3])",
        "importing models/test_published_stylegan.py",
    ),
    Fault(
        "lods of ToRGB are counted from below",
        "ToRGB_lod{top - level}",
        "ToRGB_lod{level}",
        "importing models/test_published_stylegan.py",
    ),
    # Readers.
    Fault(
        "IDX pictures are not in the middle",
        "(side - self._height) // 2, (side",
        "(side - self._height) // 3, (side",
        "datasets/sources",
    ),
    Fault(
        "TFRecords stay channels first",
        "image.transpose(1, 2, 0)",
        "image.transpose(2, 1, 0)",
        "datasets/sources/test_tfrecords.py",
    ),
    Fault(
        "checksums are not compared",
        "if checksum(data) != file.read(CHECKSUM):",
        "if not file.read(CHECKSUM):",
        "datasets/sources/test_tfrecords.py",
    ),
    Fault(
        "means are not rounded to even",
        "return tf.cast(tf.round(means), tf.uint8)",
        "return tf.cast(means + 0.5, tf.uint8)",
        "datasets/test_batches.py",
    ),
    Fault(
        "mirroring and order share their numbers",
        "tf.constant(seed ^ MIRROR, tf.int64)",
        "tf.constant(seed, tf.int64)",
        "datasets/test_order.py datasets/test_batches.py",
    ),
    # Latents, metrics, projection.
    Fault(
        "a range of seeds leaves out its last",
        "seeds += range(low, high + 1)",
        "seeds += range(low, high)",
        "test_latents.py",
    ),
    Fault(
        "the noise of the first layer is z's stream",
        "for sides in shapes], first=1)",
        "for sides in shapes], first=0)",
        "test_latents.py cli/test_generate.py",
    ),
    Fault(
        "Fréchet distance without its factor 2",
        "+ traces - 2 * shared",
        "+ traces - shared",
        "metrics/test_frechet.py",
    ),
    Fault(
        "projected noise may correlate downwards",
        "for axis in (1, 2):",
        "for axis in (2,):",
        "projection",
    ),
    Fault(
        "precision asks for all balls",
        "np.any(squares <= real_radii[reals, None], axis=0)",
        "np.all(squares <= real_radii[reals, None], axis=0)",
        "metrics/test_precision_and_recall.py",
    ),
    Fault(
        "conditional entropy of X, given Y",
        "both - entropy(joint.sum(-1))",
        "both - entropy(joint.sum(-2))",
        "metrics/test_conditional_entropy.py",
    ),
    # Serving.
    Fault(
        "a server takes any ψ",
        'np.abs(inputs["psi"]).max() > self.psi',
        'inputs["psi"].max() > self.psi',
        "serving/test_server.py",
    ),
    Fault(
        "a server takes one too many",
        "if size > self.batch:",
        "if size > self.batch + 1:",
        "serving/test_server.py",
    ),
    # Kernels.
    Fault(
        "kernel: ToRGB without its scale",
        "scaled[i] = w.data<float>()[i] * scale;",
        "scaled[i] = w.data<float>()[i];",
        "ops/test_to_rgb.py",
    ),
    Fault(
        "kernel: blur of a strip sees the row above twice",
        "in.row(y - 1), in.row(y), in.row(y + 1)",
        "in.row(y - 1), in.row(y), in.row(y - 1)",
        "ops/test_compiled.py ops/test_every_op.py",
    ),
    Fault(
        "kernel: upfirdn does not turn the kernel",
        "(height - 1 - ky) * width + width - 1 - kx",
        "ky * width + kx",
        "ops/test_upfirdn2d.py ops/test_compiled.py",
    ),
    Fault(
        "kernel: the slope's gradient forgets the bias",
        "(get(s.x + at, n) + load(s.tile + i)) * slope(",
        "(get(s.x + at, n)) * slope(",
        "ops/test_bias_act.py ops/test_gradients.py ops/test_compiled.py",
    ),
    Fault(
        "kernel: the epilogue's noise has no strength",
        "row_.noise[x] * strength_[i] + bias_[i]",
        "row_.noise[x] + bias_[i]",
        "ops/test_style_epilogue.py ops/test_compiled.py",
    ),
    Fault(
        "kernel: transposed convolutions are not turned",
        "body(layout.transposed ? size * size - 1 - part : part, sum);",
        "body(part, sum);",
        "ops/test_conv_kernel.py",
    ),
]


def copied(folder: Path) -> Path:
    """A copy of the tree in which the folders at the top are found below the package."""
    tree = folder / "tree"
    shutil.copytree(ROOT, tree, ignore=LEFT_OUT)
    for link, target in LINKS.items():
        (tree / link).symlink_to(target)
    return tree


def find(tree: Path, text: str) -> Path:
    """The one file that holds a text, once."""
    files = [path for name in FOLDERS for path in (tree / name).rglob("*")]
    sources = [path for path in files if path.suffix in (".py", ".cc", ".h") and path.is_file()]
    result = [path for path in {path.resolve() for path in sources} if text in path.read_text()]
    if len(result) != 1 or result[0].read_text().count(text) != 1:
        places = ", ".join(str(path.relative_to(tree.resolve())) for path in result) or "nowhere"
        raise LookupError(f"{text!r} is to stand in one place; it stands in {places}")
    return result[0]


def run(tree: Path, *command: str) -> subprocess.CompletedProcess:
    """Runs Python so that it and what it starts import the copy."""
    environment = {**os.environ, "PYTHONPATH": str(tree), "TF_CPP_MIN_LOG_LEVEL": "3"}
    environment["CXX"] = f"{os.environ.get('CXX', 'g++')} -DCLONES="
    return subprocess.run(
        [sys.executable, *command],
        cwd=tree,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test(tree: Path, tests: str) -> tuple[bool, str]:
    """Whether tests pass, and what failed first."""
    paths = [f"tests/{name}" for name in tests.split() if (tree / "tests" / name).exists()]
    done = run(tree, "-m", "pytest", "-x", "-q", "-n", "0", "-p", "no:cacheprovider", *paths)
    if done.returncode not in (0, 1):
        return False, f"pytest could not run ({done.returncode}): {done.stdout[-300:]}"
    failed = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return done.returncode == 0, failed[0][:100] if failed else ""


def try_fault(tree: Path, fault: Fault) -> tuple[str, str]:
    """("noticed" | "LET THROUGH" | "BROKEN", details)."""
    try:
        path = find(tree, fault.old)
    except LookupError as error:
        return "BROKEN", str(error)
    original = path.read_text()
    is_kernel = path.suffix != ".py"
    try:
        path.write_text(original.replace(fault.old, fault.new))
        if is_kernel and (done := run(tree, "-c", BUILD)).returncode:
            return "BROKEN", done.stderr[-300:]
        passes, failed = test(tree, fault.tests)
    finally:
        path.write_text(original)
    if "could not run" in failed:
        return "BROKEN", failed
    return ("LET THROUGH", fault.tests) if passes else ("noticed", failed)


def main() -> int:
    """Tries the faults; 0 if all are noticed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("words", nargs="*", help="only faults with one of these in their text")
    words = parser.parse_args().words
    chosen = [f for f in FAULTS if not words or any(word in f.why for word in words)]
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        tree = copied(Path(folder))
        for tests in sorted({name for fault in chosen for name in fault.tests.split()}):
            passes, failed = test(tree, tests)
            if not passes:
                print(f"without any fault tests/{tests} fail: {failed}")
                return 1
        for fault in chosen:
            start = time.monotonic()
            result, details = try_fault(tree, fault)
            bad += result != "noticed"
            print(
                f"{result:<11} {time.monotonic() - start:4.0f} s  {fault.why}: {details}",
                flush=True,
            )
    print(f"{len(chosen) - bad} of {len(chosen)} faults are noticed")
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main())
