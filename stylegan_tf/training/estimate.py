"""What a plan takes: a few steps of it are measured on this machine, the rest is arithmetic."""

import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from stylegan_tf import machine, tables
from stylegan_tf.backend_compat import tf_variable
from stylegan_tf.figures.grid import MIN_TILE, save_grid
from stylegan_tf.models import sizes
from stylegan_tf.training import objective, optimizers, strategies
from stylegan_tf.training.config import Config
from stylegan_tf.training.input_pipeline import batches
from stylegan_tf.training.networks import Networks
from stylegan_tf.training.plan import Plan
from stylegan_tf.training.progress import duration
from stylegan_tf.training.rehearsal import choose_xla, rehearse
from stylegan_tf.training.schedule import ScheduleState, Stage
from stylegan_tf.training.start import Job
from stylegan_tf.training.step import TrainStep
from stylegan_tf.training.tick_stats import peak_memory_mb

STEPS = 3  # that are timed at a resolution, after one that traces and one that warms up
SLOW = 30.0  # seconds: one step that takes longer is enough, and larger images are extrapolated
FADE, EMA_BETA = 0.5, 0.99  # any do: they are tensors of the graph


@dataclass(frozen=True)
class Cost:
    """What training takes at a resolution.

    Attributes:
        seconds_per_kimg: None where it does not fit into memory.
        basis: "measured", "extrapolated", or why it does not fit.
    """

    seconds_per_kimg: float | None
    basis: str


@dataclass(frozen=True)
class Disk:
    """What a run directory takes, in bytes and numbers of files."""

    checkpoint: int
    checkpoints: int
    snapshot: int
    snapshots: int
    grid: int
    grids: int

    @property
    def total(self) -> int:
        """All of it; logs and curves, which are small, are not counted."""
        return (
            self.checkpoint * self.checkpoints
            + self.snapshot * self.snapshots
            + self.grid * self.grids
        )


@dataclass(frozen=True)
class Estimate:
    """What a plan takes.

    Attributes:
        plan: the plan.
        costs: by resolution.
        peak_mb: the most memory that this process, or its first GPU, has used; NaN if not known.
        disk: of the run directory.
    """

    plan: Plan
    costs: dict[int, Cost]
    peak_mb: float
    disk: Disk

    @property
    def seconds(self) -> float:
        """The time of all stages that fit into memory."""
        return sum(map(self._seconds, self.plan.schedule.stages()))

    def describe(self, outdir: Path) -> list[str]:
        """Returns the estimate in lines.

        Args:
            outdir: where the run directory would be made.
        """
        rows = [("stage", "kimg", "batch", "s/kimg", "time", "")]
        for stage in self.plan.schedule.stages():
            cost = self.costs[stage.resolution]
            size = f"{stage.resolution}×{stage.resolution}"
            known = cost.seconds_per_kimg is not None
            rows.append(
                (
                    f"fade in {size}" if stage.fading else f"train {size}",
                    f"{stage.end_kimg - stage.start_kimg:g}",
                    str(self.plan.state(stage).batch),
                    f"{cost.seconds_per_kimg:.3g}" if known else "–",
                    duration(self._seconds(stage)) if known else "–",
                    cost.basis,
                )
            )
        missing = [f"{size}×{size}" for size, cost in self.costs.items() if _does_not_fit(cost)]
        without = f", without {', '.join(missing)}" if missing else ""
        disk, free = self.disk, _free_disk(outdir)
        return [
            *tables.aligned(rows),
            "",
            f"time      {duration(self.seconds)}{without}",
            f"memory    {self.peak_mb:,.0f} MB at most while it was measured",
            f"disk      {_size(disk.total)}: {disk.checkpoints} checkpoint(s) of "
            f"{_size(disk.checkpoint)}, {disk.snapshots} network(s) of {_size(disk.snapshot)}, "
            f"{disk.grids} grids of {_size(disk.grid)}; {_size(free)} free in {outdir}",
            f"measured is the median of {STEPS} steps of D and G (or a single one of over "
            f"{SLOW:g} s), on random images;",
            "the time is s/kimg × kimg, without reading images, snapshots and metrics",
        ]

    def _seconds(self, stage: Stage) -> float:
        cost = self.costs[stage.resolution].seconds_per_kimg
        return 0.0 if cost is None else cost * (stage.end_kimg - stage.start_kimg)


def estimate(job: Job, say: Callable[[str], None] = lambda line: None) -> Estimate:
    """Measures a few steps of a new run at each resolution, and returns what all of it takes.

    Nothing is written where runs are. Of several machines this one is measured, without what they
    send each other.

    Args:
        job: what `start.fresh` gives.
        say: is called with a line before each resolution.

    Raises:
        ValueError: if the loss, a penalty or the augmentation does not work.
    """
    plan, channels = job.plan, job.dataset.channels
    rehearse(plan.config, channels)
    xla, obstacle = choose_xla(plan.config, channels)
    if obstacle:
        say(obstacle)
    is_one = plan.config.strategy == "one_device"
    strategy = strategies.make("one_device" if is_one else "mirrored")
    one_step = plan.config.replace({"schedule.minibatch_repeats": 1})
    label_size = job.dataset.label_size if plan.config.data.cond else 0
    with strategy.scope():
        names = objective.statistics(one_step.loss)
        networks = Networks(one_step, channels, label_size, names)
        step = TrainStep.of(strategy, networks, one_step, xla)
    images = _RandomImages(channels, label_size)
    stopwatch = _Stopwatch(plan, one_step, step, images, peak_memory_mb())
    return Estimate(plan, stopwatch.costs(say), peak_memory_mb(), _disk(job, networks))


@dataclass(frozen=True)
class _RandomImages:
    """As much of a dataset as training reads, of one batch again and again."""

    channels: int
    label_size: int

    def batches(self, resolution: int, batch_size: int, **_: Any) -> tf.data.Dataset:
        """Returns endless uint8 [batch_size, r, r, channels], with labels if there are any."""
        rng = np.random.default_rng(0)
        shape = [batch_size, resolution, resolution, self.channels]
        images = rng.integers(0, 256, shape, np.uint8)
        if not self.label_size:
            return tf.data.Dataset.from_tensors(images).repeat()
        labels = np.eye(self.label_size, dtype=np.float32)
        chosen = labels[rng.integers(0, self.label_size, batch_size)]
        return tf.data.Dataset.from_tensors((images, chosen)).repeat()


@dataclass(frozen=True)
class _Stopwatch:
    """Times steps at the resolutions of a plan, the smallest first."""

    plan: Plan
    config: Config
    step: TrainStep
    images: _RandomImages
    base_mb: float  # used before the first step

    def costs(self, say: Callable[[str], None]) -> dict[int, Cost]:
        """Returns what each resolution takes."""
        stages = self.plan.schedule.stages()
        states = {stage.resolution: self.plan.state(stage) for stage in stages}
        costs: dict[int, Cost] = {}
        last: tuple[ScheduleState, float] | None = None  # that was measured, with its seconds
        for size, state in states.items():
            if last and (problem := self._missing_memory(last[0], state)):
                costs[size] = Cost(None, problem)
            elif last and last[1] > SLOW:
                seconds = costs[last[0].resolution].seconds_per_kimg
                ratio = _work(self.config, size) / _work(self.config, last[0].resolution)
                costs[size] = Cost(seconds and seconds * ratio, "extrapolated")
            else:
                say(f"measuring {size}×{size}, batch {state.batch}")
                try:
                    seconds = self._seconds(state)
                except tf.errors.ResourceExhaustedError:
                    costs[size] = Cost(None, f"does not fit into memory with batch {state.batch}")
                    continue
                last = state, seconds
                costs[size] = Cost(1000 * seconds / state.batch, "measured")
        return costs

    def _seconds(self, state: ScheduleState) -> float:
        """Returns what a step takes, a D step and a G step of all replicas."""
        replicas = self.step.strategy.num_replicas_in_sync
        batch = state.batch // self.plan.replicas * replicas  # the share of this machine
        source = batches(
            self.images, self.config, replace(state, batch=batch), 0, self.step.strategy
        )

        def take(number: int) -> float:
            started = time.perf_counter()
            means = self.step(state.resolution, source, number * batch, FADE, EMA_BETA)
            for value in means.values():
                float(value)  # waits for it
            return time.perf_counter() - started

        take(0)
        intervals = self._lazy_intervals()
        if not intervals:
            return _median(take(1) for _ in range(1 + STEPS))
        # Of a lazy penalty's steps one has it, the first; the number tells.
        without, all_due = (_median(take(number) for _ in range(1 + STEPS)) for number in (1, 0))
        return without + max(all_due - without, 0.0) / min(intervals)

    def _lazy_intervals(self) -> list[int]:
        """Steps from one with a penalty to the next, of penalties that are not in all of them."""
        objective = self.step.gan.objective
        return [interval for network in "dg" for interval in objective.lazy_intervals(network)]

    def _missing_memory(self, last: ScheduleState, state: ScheduleState) -> str | None:
        """Returns what is missing for a larger resolution on a CPU; None if nothing is.

        TensorFlow says that a GPU is full; a system ends a process that wants too much.
        """
        memory = machine.memory()
        if strategies.gpus() or memory is None:
            return None
        used = 2**20 * (peak_memory_mb() - self.base_mb)
        ratio = _features(self.config, state) / _features(self.config, last)
        needed = used * max(ratio - 1, 0)
        if needed <= memory[1]:
            return None
        return (
            f"does not fit: batch {state.batch} needs about {_size(needed)} more, and "
            f"{_size(memory[1])} are free"
        )


def _median(seconds: Iterable[float]) -> float:
    """Returns the median of a few times but the first, which warms up, or one that is long."""
    times: list[float] = []
    for one in seconds:
        times.append(one)
        if one > SLOW:
            return one
    return statistics.median(times[1:])


def _maps(config: Config, size: int) -> list[tuple[int, int]]:
    """Pixels and feature maps of each resolution of the generator up to a size."""
    network = config.generator
    widths = (network.fmap_base, network.fmap_decay, network.fmap_max)
    levels = range(2, sizes.log2_resolution(size) + 1)
    return [(4**level, sizes.feature_maps(level - 1, *widths)) for level in levels]


def _work(config: Config, size: int) -> int:
    """Returns a number that the time of an image is in proportion to."""
    return sum(pixels * maps * maps for pixels, maps in _maps(config, size))


def _features(config: Config, state: ScheduleState) -> int:
    """Returns a number that the memory of a step is in proportion to."""
    return state.batch * sum(pixels * maps for pixels, maps in _maps(config, state.resolution))


def _disk(job: Job, networks: Networks) -> Disk:
    """Returns what the run directory takes."""
    plan, output = job.plan, job.plan.config.output
    ema = _bytes(networks.generator_ema.weights)
    others = [
        networks.generator.weights,
        networks.discriminator.weights,
        *map(optimizers.state, (networks.generator_optimizer, networks.discriminator_optimizer)),
    ]
    snapshots = _snapshots(plan)
    return Disk(
        checkpoint=ema + sum(map(_bytes, others)),
        checkpoints=min(output.keep_checkpoints, snapshots),
        snapshot=ema,
        snapshots=snapshots + bool(plan.config.metrics.names),  # and the best one
        grid=_grid_bytes(job),
        grids=snapshots + 2,  # before the first step, and of real images
    )


def _snapshots(plan: Plan) -> int:
    """Returns how many moments of a run leave a checkpoint and a snapshot."""
    every = [plan.config.output.snapshot_ticks]
    every += [plan.measured_ticks] if plan.config.metrics.names else []
    ticks = _ticks(plan)
    return sum(
        tick == ticks or any(tick % interval == 0 for interval in every)
        for tick in range(1, ticks + 1)
    )


def _ticks(plan: Plan) -> int:
    """Returns about how many ticks a run has: each is as long as where it begins."""
    schedule, images, count = plan.config.schedule, 0, 0
    while images < 1000 * schedule.total_kimg:
        state = plan.schedule.at(images / 1000)
        call = state.batch * schedule.minibatch_repeats
        images += -(-round(1000 * state.tick_kimg) // call) * call
        count += 1
    return count


def _grid_bytes(job: Job) -> int:
    """Returns the bytes of a grid of real images."""
    output, size = job.plan.config.output, job.plan.resolution
    count = output.grid_columns * output.grid_rows
    batch = next(iter(job.dataset.batches(resolution=size, batch_size=count, seed=0)))
    images = batch[0] if isinstance(batch, tuple) else batch
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "grid.png")
        save_grid(images.numpy(), path, output.grid_columns, max(MIN_TILE, size))
        return path.stat().st_size


def _bytes(variables: Iterable[Any]) -> int:
    arrays = map(tf_variable, variables)
    return sum(one.shape.num_elements() * one.dtype.size for one in arrays)


def _does_not_fit(cost: Cost) -> bool:
    return cost.seconds_per_kimg is None


def _free_disk(outdir: Path) -> int:
    """Returns the bytes that are free in a folder, which need not exist."""
    folder = outdir.resolve()
    return shutil.disk_usage(next(one for one in (folder, *folder.parents) if one.exists())).free


def _size(count: float) -> str:
    """Returns bytes for people."""
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB"
