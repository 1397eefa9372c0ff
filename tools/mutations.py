"""Puts faults into a copy of the tree, one at a time: the quick tests must notice each.

    python tools/mutations.py              # all; prints a table, exits with 1 if one got through
    python tools/mutations.py kernel blur  # those with one of these words in their description

A fault is found by its text, which stands once in the package: files may move. Each runs only the
quick tests of the files that should notice it, without any fault first, as a check that they pass.
Kernels are compiled anew (in one version for all CPUs), which takes the longest;
`CXX="ccache g++"` compiles only what a fault changes.
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
SUFFIXES = (".py", ".cc", ".h")
LINKS = {"stylegan_tf/ops": "../ops", "stylegan_tf/datasets": "../datasets"}
LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv*", "*.egg-info", "__pycache__", ".pytest_cache", ".ruff_cache", "runs"
)
# A named file would run its slow tests, too: they are not to be the ones that notice a fault.
PYTEST = ["-m", "pytest", "-x", "-q", "-n", "0", "-p", "no:cacheprovider", "-m", "not slow"]
BUILD = "import sys; sys.path.insert(0, 'ops'); import build; build.build_cpu(build.LIB)"


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
        "layers/test_normalization.py",
    ),
    Fault(
        "minibatch deviation: groups are neighbours",
        "shape = [group, n // group, h * w, f",
        "shape = [n // group, group, h * w, f",
        "layers/test_minibatch_stddev.py",
    ),
    Fault(
        "minibatch deviation keeps the mean",
        "y -= tf.reduce_mean(y, axis=0, keepdims=True)",
        "y -= 0 * tf.reduce_mean(y, axis=0, keepdims=True)",
        "layers/test_minibatch_stddev.py",
    ),
    Fault(
        "equalized convolution forgets the kernel's size",
        "self.scale = self.gain / math.sqrt(size * size * channels)",
        "self.scale = self.gain / math.sqrt(channels)",
        "layers/test_equalized.py",
    ),
    Fault(
        "equalized dense forgets the multiplier of the bias",
        "return self.bias * self.lr_multiplier",
        "return self.bias * 1.0",
        "layers/test_equalized.py",
    ),
    Fault(
        "noise strength is squared",
        "tf.cast(image * self.strength, x.dtype)",
        "tf.cast(image * self.strength**2, x.dtype)",
        "layers/test_noise.py",
    ),
    Fault(
        "blending is reversed",
        "return old + (new - old) * fade",
        "return new + (old - new) * fade",
        "models/test_growing.py",
    ),
    Fault(
        "truncation is reversed",
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
    Fault(
        "upsampling repeats the image, not its pixels",
        "x[:, :, None, :, None, :], [n, h, 2, w, 2, channels]",
        "x[:, None, :, None, :, :], [n, 2, h, 2, w, channels]",
        "layers/test_blocks.py",
    ),
    Fault(
        "mapping: the label stands before z",
        "tf.concat([z, self.embedding(labels)], axis=1)",
        "tf.concat([self.embedding(labels), z], axis=1)",
        "models/test_labels.py",
    ),
    Fault(
        "discriminator: the logit is a mean over the classes",
        "tf.reduce_sum(logits * labels, axis=1",
        "tf.reduce_mean(logits * labels, axis=1",
        "models/test_labels.py",
    ),
    # Losses.
    Fault(
        "R1 without its half",
        "return critic.squared_gradient(real) / 2",
        "return critic.squared_gradient(real)",
        "penalties/test_penalties.py",
    ),
    Fault(
        "WGAN-GP divides by the target, not its square",
        "return tf.square(_length(squared) - self.target) / self.target**2",
        "return tf.square(_length(squared) - self.target) / self.target",
        "penalties/test_penalties.py",
    ),
    Fault(
        "hinge without its margin on fakes",
        "return tf.nn.relu(1 + _flat(fake_logits))",
        "return tf.nn.relu(_flat(fake_logits))",
        "losses/test_losses.py",
    ),
    Fault(
        "interpolation beyond the fakes",
        "critic.squared_gradient(real + (fake - real) * alpha)",
        "critic.squared_gradient(real + (fake + real) * alpha)",
        "penalties/test_penalties.py",
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
        "average.assign(mean + (average - mean)",
        "average.assign(average + (mean - average)",
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
    Fault(
        "fakes have the labels of the reals beside them",
        "return None if labels is None else tf.gather(labels, order)",
        "return labels",
        "training/test_gan.py",
    ),
    Fault(
        "a checkpoint lacks the optimizer of D",
        '"discriminator_optimizer": self.discriminator_optimizer,',
        "",
        "training/test_networks.py",
    ),
    # Importing.
    Fault(
        "up-convolutions are flipped along one axis only",
        "return kernel[::-1, ::-1]",
        "return kernel[::-1]",
        "importing/test_published.py",
    ),
    Fault(
        "channels first stay first",
        "-1, 4, 4, columns), [1, 2, 0, 3])",
        "-1, 4, 4, columns), [0, 1, 2, 3])",
        "importing/test_published.py",
    ),
    Fault(
        "lods of ToRGB are counted from below",
        "ToRGB_lod{top - level}",
        "ToRGB_lod{level}",
        "importing/test_published.py models/test_published_stylegan.py",
    ),
    # Readers.
    Fault(
        "IDX images are not centred",
        "(side - self._height) // 2, (side",
        "(side - self._height) // 3, (side",
        "datasets/sources/test_idx.py",
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
        "datasets/test_order.py",
    ),
    Fault(
        "a resumed stream reads a shard from its start",
        "permutation(counts[shard], seed, epoch, shard)[skip:]",
        "permutation(counts[shard], seed, epoch, shard)",
        "datasets/test_order.py",
    ),
    Fault(
        "readers take turns of one batch",
        "stream.batch(self.turn * batch_size",
        "stream.batch(batch_size",
        "datasets/test_order.py",
    ),
    Fault(
        "classes are numbered as they come",
        "names = sorted(set(classes.values()))",
        "names = list(dict.fromkeys(classes.values()))",
        "datasets/test_labels.py",
    ),
    # Latents, metrics, projection, directions, videos.
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
        "test_latents.py",
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
        "projection/test_noise.py",
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
    Fault(
        "directions: the weakest factor comes first",
        "vectors = upright(vectors.T[::-1])",
        "vectors = upright(vectors.T)",
        "directions/test_factorization.py",
    ),
    Fault(
        "video: arcs lead back to the key before",
        "arc(a, b, t) for a, b in zip(keys, following, strict=True)",
        "arc(a, b, t) for a, b in zip(keys, np.roll(keys, 1, axis=0), strict=True)",
        "video/test_paths.py",
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
    Fault(
        "an exported mix takes the first styles of b",
        "styles.mix(w_a, w_b, crossover)",
        "styles.mix(w_b, w_a, crossover)",
        "serving/test_signatures.py",
    ),
    # Augmentations.
    Fault(
        "a quarter of a turn goes the other way",
        "sin_a * cos_1 + cos_a * sin_1",
        "cos_a * sin_1 - sin_a * cos_1",
        "augment/test_published.py",
    ),
    Fault(
        "p moves by the images of one step",
        "np.float32(images / (1000 * self.kimg))",
        "np.float32(images / state['steps'].numpy() / (1000 * self.kimg))",
        "augment/test_adaptive.py",
    ),
    Fault(
        "a translation's gradient moves on",
        "lambda dy: translate(dy, -shift)",
        "lambda dy: translate(dy, shift)",
        "augment/test_diffaugment.py",
    ),
    # Kernels.
    Fault(
        "kernel: the upsampled signal of a warp is one sample off",
        "first + sample / 2 - 3 + sample % 2",
        "first + sample / 2 - 3",
        "ops/test_affine_warp.py",
    ),
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
        "ops/test_every_op.py",
    ),
    Fault(
        "kernel: upfirdn does not flip the kernel",
        "(height - 1 - ky) * width + width - 1 - kx",
        "ky * width + kx",
        "ops/test_upfirdn2d.py",
    ),
    Fault(
        "kernel: the second derivative forgets the bias",
        "sum = get(s.x + at, n) + (load(s.tile + i) + offset)",
        "sum = get(s.x + at, n) + offset",
        "ops/test_gradients.py",
    ),
    Fault(
        "kernel: the epilogue's noise has no strength",
        "row_.noise[x] * strength_[i] + bias_[i]",
        "row_.noise[x] + bias_[i]",
        "ops/test_style_epilogue.py",
    ),
    Fault(
        "kernel: transposed convolutions do not flip the kernel",
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


def sources(tree: Path) -> dict[Path, str]:
    """The text of every file with code, each file once."""
    files = [path for name in FOLDERS for path in (tree / name).rglob("*")]
    code = {path.resolve() for path in files if path.suffix in SUFFIXES and path.is_file()}
    return {path: path.read_text(encoding="utf-8") for path in code}


def find(texts: dict[Path, str], text: str) -> Path:
    """The one file that holds a text, once."""
    found = [path for path, whole in texts.items() if text in whole]
    if len(found) != 1 or texts[found[0]].count(text) != 1:
        places = ", ".join(map(str, found)) or "nowhere"
        raise LookupError(f"{text!r} is to stand in one place; it stands in {places}")
    return found[0]


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
    paths = [f"tests/{name}" for name in tests.split()]
    done = run(tree, *PYTEST, *paths)
    if done.returncode not in (0, 1):
        return False, f"pytest could not run ({done.returncode}): {done.stdout[-300:]}"
    failed = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return done.returncode == 0, failed[0][:100] if failed else ""


def try_fault(tree: Path, fault: Fault) -> tuple[str, str]:
    """("noticed" | "LET THROUGH" | "BROKEN", details)."""
    texts = sources(tree)
    try:
        path = find(texts, fault.old)
    except LookupError as error:
        return "BROKEN", str(error)
    original = texts[path]
    is_kernel = path.suffix != ".py"
    try:
        path.write_text(original.replace(fault.old, fault.new), encoding="utf-8")
        if is_kernel and (done := run(tree, "-c", BUILD)).returncode:
            return "BROKEN", done.stderr[-300:]
        passes, failed = test(tree, fault.tests)
    finally:
        path.write_text(original, encoding="utf-8")
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
        files = {name for fault in chosen for name in fault.tests.split()}
        passes, failed = test(tree, " ".join(sorted(files)))
        if not passes:
            print(f"without any fault there fails {failed}")
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
