"""The numbers of a tick: what `stats.jsonl` and callbacks get, and their line of the log."""

import math

import tensorflow as tf

from stylegan_tf import machine
from stylegan_tf.training.networks import Networks
from stylegan_tf.training.progress import duration, thousands
from stylegan_tf.training.schedule import ScheduleState

SCALES = ("loss_scale_g", "loss_scale_d")  # of mixed_float16 alone


def tick_stats(
    networks: Networks,
    state: ScheduleState,
    step_images: int,
    step_seconds: float,
    run_seconds: float,
) -> dict:
    """Returns the numbers of the tick that ends now, by name.

    Args:
        networks: the run's state, before the next tick begins.
        state: the schedule at the last step of the tick.
        step_images: images of the tick that were shown since the run was started or resumed.
        step_seconds: what their steps took.
        run_seconds: time since the run was started or resumed.
    """
    sums = {name: float(value.numpy()) for name, value in networks.sums.items()}
    calls, skipped = sums.pop("calls"), round(sums.pop("skipped"))
    return {
        "tick": int(networks.tick.numpy()),
        "kimg": networks.kimg,
        "resolution": state.resolution,
        "fade": state.fade,
        "batch": state.batch,
        "learning_rate": state.learning_rate,
        "sec_per_kimg": 1000 * step_seconds / step_images,
        "images_per_sec": step_images / step_seconds,
        **{name: value / calls for name, value in sums.items()},
        "skipped_updates": skipped,
        **getattr(networks.augment, "statistics", {}),
        **{f"loss_scale_{key}": scale.now for key, scale in networks.loss_scales.items()},
        "peak_memory_mb": peak_memory_mb(),
        "seconds": run_seconds,
    }


def describe(stats: dict) -> str:
    """Returns the numbers of a tick as a line for people."""
    scales = [f"{key[-1].upper()} 2^{math.log2(stats[key]):g}" for key in SCALES if key in stats]
    scaled = f"  loss scale {' '.join(scales)}" if scales else ""
    augmented = f"  aug p {stats['aug_p']:.2f}" if "aug_p" in stats else ""
    memory = "" if math.isnan(stats["peak_memory_mb"]) else f"{stats['peak_memory_mb']:.0f} MB  "
    skipped = f"  skipped {stats['skipped_updates']}" if stats["skipped_updates"] else ""
    return (
        f"tick {stats['tick']:<4d} kimg {thousands(stats['kimg']):<8} {stats['resolution']}² "
        f"fade {stats['fade']:.2f}  batch {stats['batch']:<4d} {stats['images_per_sec']:.0f} img/s "
        f"{stats['sec_per_kimg']:.2f} s/kimg  loss G {stats['loss_g']:.3f} D {stats['loss_d']:.3f}"
        f"  logits real {stats['real_logit']:+.2f} fake {stats['fake_logit']:+.2f}  "
        f"{memory}{duration(stats['seconds'])}"
        f"{augmented}{scaled}{skipped}"
    )


def peak_memory_mb() -> float:
    """Returns the most memory used so far, of the first GPU or else of this process; or NaN."""
    if tf.config.list_physical_devices("GPU"):
        return tf.config.experimental.get_memory_info("GPU:0")["peak"] / 2**20
    peak = machine.peak_memory()
    return math.nan if peak is None else peak / 2**20
