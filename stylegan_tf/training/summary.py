"""What a run is going to do, in lines that are shown before it begins."""

import tensorflow as tf

from stylegan_tf.machine import cores
from stylegan_tf.ops.low_precision import needs_float32
from stylegan_tf.training import strategies
from stylegan_tf.training.cluster import Cluster
from stylegan_tf.training.config import Config
from stylegan_tf.training.plan import Plan
from stylegan_tf.training.start import Job


def describe(job: Job) -> list[str]:
    """The plan in lines: what is learned, where, and the table of stages."""
    plan, dataset, config = job.plan, job.dataset, job.plan.config
    kind = "conditional " if config.data.cond else ""
    metrics = f"metrics   {', '.join(config.metrics.names)} every {plan.measured_ticks} ticks"
    return [
        f"data      {dataset.path}: {dataset.num_images:,} pictures",
        f"network   {kind}configuration {config.generator.config.upper()}, "
        f"{config.data.resolution}×{config.data.resolution}×{dataset.channels}, "
        f"loss {config.loss.name}, gamma {config.loss.gamma:g}",
        *([f"start     from {job.initial.source}"] if job.initial else []),
        f"machine   {_machine()}, {plan.replicas} replica(s), {config.precision}",
        *_workers(config),
        *([metrics] if config.metrics.names else []),
        "",
        *_table(plan),
        *(f"note      {note}" for note in _notes(plan)),
        "",
    ]


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


def _notes(plan: Plan) -> list[str]:
    """What a user may not have meant."""
    config, notes = plan.config, []
    last = plan.schedule.stages()[-1].resolution
    if last < config.data.resolution:
        notes.append(f"ends at {last}×{last}; a larger --kimg goes on")
    if needs_float32(tf.as_dtype(config.precision.removeprefix("mixed_"))):
        notes.append(f"{config.precision} is slower than float32 on this CPU, which lacks it")
    return notes
