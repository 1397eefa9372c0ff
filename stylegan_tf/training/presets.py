"""Plans by machine: the published ones by number of GPUs, and one for a few CPU cores."""

# Images, in thousands, between two lines of the log, by resolution, as published.
TICK_KIMG = {4: 160, 8: 140, 16: 120, 32: 100, 64: 80, 128: 60, 256: 40, 512: 30, 1024: 20}
LEARNING_RATE = {128: 0.0015, 256: 0.002, 512: 0.003, 1024: 0.003}

# By number of GPUs: batch by resolution, and batch elsewhere (paper, appendix C).
PUBLISHED_BATCH = {
    1: ({4: 128, 8: 128, 16: 128, 32: 64, 64: 32, 128: 16, 256: 8, 512: 4}, 4),
    2: ({4: 256, 8: 256, 16: 128, 32: 64, 64: 32, 128: 16, 256: 8}, 8),
    4: ({4: 512, 8: 256, 16: 128, 32: 64, 64: 32, 128: 16}, 16),
    8: ({4: 512, 8: 256, 16: 128, 32: 64, 64: 32}, 32),
}

# Small networks that learn 32×32 images on two cores in about a quarter of an hour: half the
# feature maps at 32×32, where the time goes; small batches, since steps count early on; a weak R1,
# which small images need less of (its gradient grows with their number of pixels). Shapes come
# from w: in so few steps they appear only if the mapping learns ten times as fast as published, and
# w is not mixed.
CPU = {
    "generator.latent_size": 64,
    "generator.w_size": 64,
    "generator.mapping_units": 64,
    "generator.mapping_lr_multiplier": 0.1,
    "generator.mixing_probability": 0.0,
    "generator.fmap_base": 512,
    "generator.fmap_max": 64,
    "discriminator.fmap_base": 512,
    "discriminator.fmap_max": 64,
    "loss.penalties": {"r1": 1.0},
    "schedule.total_kimg": 100.0,
    "schedule.start_resolution": 8,
    "schedule.stable_kimg": 26.0,
    "schedule.fade_kimg": 8.0,
    "schedule.batch": {8: 16, 16: 16},
    "schedule.batch_base": 8,
    "schedule.learning_rate": {32: 0.002},
    "schedule.learning_rate_base": 0.003,
    "schedule.ema_kimg": 4.0,
    "schedule.tick_kimg_base": 2.0,
    "output.snapshot_ticks": 5,
}
CPU_RESOLUTION = 32  # the CPU plan grows no further unless --resolution says so

PRESETS = {"cpu": CPU}


def published(gpus: int) -> dict[str, object]:
    """Returns the settings of the published schedule for a number of GPUs, by dotted key.

    With other numbers of GPUs than were published the next smaller plan is used, its batches
    rounded up to a multiple of four images on every GPU.

    Raises:
        ValueError: if there is no GPU.
    """
    if gpus < 1:
        raise ValueError(f"gpus is {gpus}; it must be at least 1 (without one: the preset 'cpu')")
    nearest = max(count for count in PUBLISHED_BATCH if count <= gpus)
    table, base = PUBLISHED_BATCH[nearest]
    multiple = 1 if gpus == nearest else 4 * gpus
    return {
        "schedule.batch": {size: _round_up(batch, multiple) for size, batch in table.items()},
        "schedule.batch_base": _round_up(base, multiple),
        "schedule.learning_rate": LEARNING_RATE,
        "schedule.tick_kimg": TICK_KIMG,
        "schedule.tick_kimg_base": 20.0,
    }


def _round_up(number: int, multiple: int) -> int:
    return -(-number // multiple) * multiple
