"""The training schedule (Karras et al. 2017, appendix A; StyleGAN paper, appendix C)."""

import math
from dataclasses import dataclass

from stylegan_tf.models.growing import resolutions_added
from stylegan_tf.models.sizes import log2_resolution
from stylegan_tf.training import settings
from stylegan_tf.training.config import ScheduleConfig


@dataclass(frozen=True)
class ScheduleState:
    """What the schedule says at one moment.

    Attributes:
        resolution: of the images; while fading the higher one.
        fade: weight of the newest block, in (0, 1]; 1 when the resolution is stable.
        batch: images a step, over all replicas.
        learning_rate: of both optimizers.
        tick_kimg: images, in thousands, between two lines of the log.
    """

    resolution: int
    fade: float
    batch: int
    learning_rate: float
    tick_kimg: float

    @property
    def grown(self) -> float:
        """How far training has come, as `Generator` takes it."""
        return math.log2(self.resolution) - 1 + self.fade


@dataclass(frozen=True)
class Stage:
    """A stretch of training, in kimg: stable at a resolution, or fading it in."""

    resolution: int
    fading: bool
    start_kimg: float
    end_kimg: float


class Schedule:
    """Says what to do after so many images.

    Args:
        config: lengths and tables.
        resolution: int, the resolution to grow to.

    Raises:
        ValueError: if a resolution, a length or a table entry makes no sense.
    """

    def __init__(self, config: ScheduleConfig, resolution: int):
        first = log2_resolution(
            config.start_resolution, largest=resolution, name="schedule.start_resolution"
        )
        self.config = config
        self.levels = log2_resolution(resolution) - first
        self.start = config.start_resolution
        self._check()

    def _check(self) -> None:
        config = self.config
        settings.check(config, "schedule.")
        if self.levels and config.stable_kimg + config.fade_kimg == 0:
            raise ValueError("schedule.stable_kimg and schedule.fade_kimg cannot both be 0")
        for name in ("batch", "learning_rate", "tick_kimg"):
            for size in getattr(config, name):
                log2_resolution(size, name=f"a key of schedule.{name}")

    def progress(self, kimg: float) -> float:
        """Returns how many resolutions were added: 1.25 is a quarter through the second fade."""
        config = self.config
        return resolutions_added(kimg, self.levels, config.stable_kimg, config.fade_kimg)

    def at(self, kimg: float) -> ScheduleState:
        """Returns what the schedule says after `kimg` thousand images."""
        progress = self.progress(kimg)
        resolution = self.start << math.ceil(progress)
        config = self.config
        return ScheduleState(
            resolution=resolution,
            fade=progress - math.ceil(progress) + 1,
            batch=config.batch.get(resolution, config.batch_base),
            learning_rate=config.learning_rate.get(resolution, config.learning_rate_base),
            tick_kimg=config.tick_kimg.get(resolution, config.tick_kimg_base),
        )

    def ema_beta(self, batch: int, images_shown: int) -> float:
        """Returns how much of the averaged generator stays in a step.

        Args:
            batch: images of the step.
            images_shown: before it.
        """
        half_life = 1000 * self.config.ema_kimg
        if self.config.ema_rampup is not None:
            half_life = min(half_life, self.config.ema_rampup * images_shown)
        return 0.5 ** (batch / half_life) if half_life else 0.0

    def stages(self) -> list[Stage]:
        """Returns all stages of the run, in order, up to `total_kimg`."""
        config, stages, now = self.config, [], 0.0
        for level in range(self.levels + 1):
            size = self.start << level
            if level and config.fade_kimg:
                stages.append(Stage(size, True, now, now + config.fade_kimg))
                now += config.fade_kimg
            last = level == self.levels
            end = max(config.total_kimg, now) if last else now + config.stable_kimg
            stages.append(Stage(size, False, now, end))
            now = end
        begun = [stage for stage in stages if stage.start_kimg < config.total_kimg]
        return [
            Stage(s.resolution, s.fading, s.start_kimg, min(s.end_kimg, config.total_kimg))
            for s in begun
            if s.end_kimg > s.start_kimg
        ]

    def stage(self, kimg: float) -> Stage:
        """Returns the stage that an image count falls into; a border belongs to that before it."""
        stages = self.stages()
        for stage in stages:
            if kimg <= stage.end_kimg:
                return stage
        return stages[-1]
