"""What a run will do, in lines that are shown before it begins."""

import tensorflow as tf

from stylegan_tf.datasets.errors import and_more
from stylegan_tf.machine import cores
from stylegan_tf.ops.low_precision import needs_float32
from stylegan_tf.training import strategies
from stylegan_tf.training.cluster import Cluster
from stylegan_tf.training.config import Config
from stylegan_tf.training.plan import Plan
from stylegan_tf.training.start import Job


def describe(job: Job) -> list[str]:
    """Returns the plan in lines: what is learned, where, and the table of stages."""
    plan, dataset, config = job.plan, job.dataset, job.plan.config
    kind = "conditional " if config.data.cond else ""
    metrics = f"metrics   {', '.join(config.metrics.names)} every {plan.measured_ticks} ticks"
    return [
        f"data      {dataset.path}: {dataset.num_images:,} images",
        f"network   {kind}configuration {config.generator.architecture.upper()}, "
        f"{config.data.resolution}×{config.data.resolution}×{dataset.channels}",
        f"loss      {_loss(config)}",
        *([f"start     from {job.initial.source}"] if job.initial else []),
        f"machine   {_machine()}, {plan.replicas} replica(s), {config.precision}",
        *_workers(config),
        *([metrics] if config.metrics.names else []),
        "",
        *_table(plan),
        *(f"note      {note}" for note in [*_notes(plan), *_unused_labels(job)]),
        "",
    ]


def _loss(config: Config) -> str:
    """The loss and the penalties in effect, with their weights, and the augmentation."""
    penalties = (f"{weight:g} × {name}" for name, weight in config.loss.penalties.items())
    augmentation = "" if config.augment.name == "none" else f", augmentation {config.augment.name}"
    return " + ".join([config.loss.name, *penalties]) + augmentation


def _machine() -> str:
    gpus = strategies.gpus()
    return f"{gpus} GPU(s)" if gpus else f"{cores()} CPU cores"


def _workers(config: Config) -> list[str]:
    """Who the processes of a run are, and which of them this is."""
    if config.strategy != "multi_worker":
        return []
    return [f"workers   {Cluster.of_environment().describe()}"]


def _table(plan: Plan) -> list[str]:
    rows = plan.rows()
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _unused_labels(job: Job) -> list[str]:
    """Classes or labels that the data has and training does not use, with what would use them."""
    dataset = job.dataset
    if job.plan.config.data.cond:
        return []
    if dataset.label_size:
        names = f" ({and_more(dataset.label_names)})" if dataset.label_names else ""
        size = f"labels of {dataset.label_size} numbers{names}"
        return [f"the data has {size}, which are not used; --cond trains on them"]
    if not dataset.unused_folders:
        return []
    folders = f"{len(dataset.unused_folders)} folders ({and_more(dataset.unused_folders)})"
    return [
        f"the images come from {folders}, which are not used; if they are classes, "
        "stylegan-tf dataset create … --labels folders makes labels of them, and --cond trains "
        "on these"
    ]


def _notes(plan: Plan) -> list[str]:
    """What a user may not have meant."""
    config, notes = plan.config, []
    last = plan.schedule.stages()[-1].resolution
    if last < plan.resolution:
        notes.append(f"ends at {last}×{last}; a larger --kimg continues")
    if needs_float32(tf.as_dtype(config.precision.removeprefix("mixed_"))):
        notes.append(f"{config.precision} is slower than float32 on this CPU, which lacks it")
    return notes
