"""What a run leaves behind: lines of statistics, TensorBoard events, grids, snapshots."""

import math
import resource
import sys
import time

import numpy as np
import tensorflow as tf

from stylegan_tf import json_lines
from stylegan_tf.figures.grid import MIN_TILE, save_grid
from stylegan_tf.files import atomic_write
from stylegan_tf.images import to_uint8
from stylegan_tf.training.config import Config
from stylegan_tf.training.networks import Networks
from stylegan_tf.training.progress import Reporter, duration
from stylegan_tf.training.run_dir import RunDir
from stylegan_tf.training.schedule import ScheduleState

CHUNK = 16  # pictures generated at once
SCALES = ("loss_scale_g", "loss_scale_d")  # of mixed_float16 alone


class RunLogger:
    """Writes into the run directory.

    Args:
        networks: the run's state.
        dataset: where the real pictures of the grids come from.
        config: the run's configuration.
        run: the run directory.
        reporter: prints the lines.
    """

    def __init__(
        self, networks: Networks, dataset, config: Config, run: RunDir, reporter: Reporter
    ):
        self.networks = networks
        self.dataset = dataset
        self.config = config
        self.run = run
        self.reporter = reporter
        self.summaries = tf.summary.create_file_writer(str(run.path))
        self.count = config.output.grid_columns * config.output.grid_rows
        numbers = np.random.RandomState(config.seed)
        self.z = numbers.randn(self.count, networks.generator.latent_size).astype(np.float32)
        self.labels = None  # of the real pictures in the grid, once they are read

    def reals(self) -> None:
        """Writes `reals.png`."""
        pictures, _ = self._real_batch()
        columns = self.config.output.grid_columns
        save_grid(pictures.numpy(), self.run.path / "reals.png", columns)

    def fakes(self, look: ScheduleState) -> None:
        """Writes the grid of the fixed latents, as the averaged generator draws them now."""
        average = self.networks.average
        if average.label_size and self.labels is None:
            self.labels = self._real_batch()[1]
        chunks = []
        for start in range(0, self.count, CHUNK):
            chosen = slice(start, start + CHUNK)
            labels = None if self.labels is None else self.labels[chosen]
            pictures = average(
                self.z[chosen],
                labels,
                noise="constant",
                resolution=look.resolution,
                fade=float(look.fade),
            )
            chunks.append(to_uint8(pictures).numpy())
        pictures = np.concatenate(chunks)
        path = self.run.fakes(self.networks.kimg)
        tile = max(MIN_TILE, self.config.data.resolution)  # all grids of a run have one size
        save_grid(pictures, path, self.config.output.grid_columns, tile)
        with self.summaries.as_default():
            tf.summary.image(
                "fakes", pictures[:8], step=round(self.networks.kimg * 1000), max_outputs=8
            )

    def snapshot(self, look: ScheduleState) -> None:
        """Writes the averaged generator and its grid."""
        path = self.run.snapshot(self.networks.kimg)
        average = self.networks.average
        average.grown = look.grown
        if average.label_size:
            average.label_names = self.dataset.label_names or None
        average.licence = self.config.licence
        with atomic_write(path) as partial:
            average.save(partial)
        self.fakes(look)
        self.reporter.line(f"saved {path} and {self.run.fakes(self.networks.kimg).name}")

    def tick(self, look: ScheduleState, seconds: float) -> None:
        """Writes the line of the tick that ends now; `seconds` is what its steps took."""
        row = self._row(look, seconds)
        json_lines.append(self.run.stats, row)
        self.scalars(row)
        self.reporter.line(describe(row))

    def scalars(self, values: dict[str, float]) -> None:
        """Adds a point to each of some curves of TensorBoard."""
        with self.summaries.as_default():
            for name, value in values.items():
                tf.summary.scalar(name, value, step=round(self.networks.kimg * 1000))
        self.summaries.flush()

    def _row(self, look: ScheduleState, seconds: float) -> dict:
        networks = self.networks
        images = int(networks.images.numpy()) - int(networks.tick_start.numpy())
        sums = {name: float(value.numpy()) for name, value in networks.sums.items()}
        calls, skipped = sums.pop("calls"), round(sums.pop("skipped"))
        return {
            "tick": int(networks.tick.numpy()),
            "kimg": self.networks.kimg,
            "resolution": look.resolution,
            "fade": look.fade,
            "batch": look.batch,
            "learning_rate": look.learning_rate,
            "sec_per_kimg": 1000 * seconds / images,
            "images_per_sec": images / seconds,
            **{name: value / calls for name, value in sums.items()},
            "skipped_updates": skipped,
            **{f"loss_scale_{key}": scale.now for key, scale in networks.loss_scales.items()},
            "peak_memory_mb": peak_memory_mb(),
            "seconds": time.perf_counter() - self.reporter.clock.started,
        }

    def _real_batch(self):
        """Real pictures for a grid, uint8, and their labels or None."""
        found = self.dataset.batches(
            resolution=self.config.data.resolution, batch_size=self.count, seed=self.config.seed
        )
        batch = next(iter(found))
        return batch if isinstance(batch, tuple) else (batch, None)


def describe(row: dict) -> str:
    """A tick in one line."""
    scales = [f"{key[-1].upper()} 2^{math.log2(row[key]):g}" for key in SCALES if key in row]
    scaled = f"  loss scale {' '.join(scales)}" if scales else ""
    skipped = f"  skipped {row['skipped_updates']}" if row["skipped_updates"] else ""
    return (
        f"tick {row['tick']:<4d} kimg {row['kimg']:<8.1f} {row['resolution']}² "
        f"fade {row['fade']:.2f}  batch {row['batch']:<4d} {row['images_per_sec']:.0f} img/s "
        f"{row['sec_per_kimg']:.2f} s/kimg  loss G {row['loss_g']:.3f} D {row['loss_d']:.3f}  "
        f"logits real {row['real_logit']:+.2f} fake {row['fake_logit']:+.2f}  "
        f"{row['peak_memory_mb']:.0f} MB  {duration(row['seconds'])}"
        f"{scaled}{skipped}"
    )


def peak_memory_mb() -> float:
    """The most memory used so far: of the first GPU, or else of this process."""
    if tf.config.list_physical_devices("GPU"):
        return tf.config.experimental.get_memory_info("GPU:0")["peak"] / 2**20
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)
