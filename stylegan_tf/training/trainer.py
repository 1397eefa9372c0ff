"""The training loop: steps by the schedule, and Keras callbacks around them."""

import time
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

import keras

from stylegan_tf import checkpoints
from stylegan_tf.datasets import reading
from stylegan_tf.datasets.dataset import Dataset
from stylegan_tf.training.input_pipeline import batches
from stylegan_tf.training.networks import Networks
from stylegan_tf.training.objective import statistics
from stylegan_tf.training.optimizers import MIN_SCALE
from stylegan_tf.training.plan import Plan
from stylegan_tf.training.schedule import ScheduleState
from stylegan_tf.training.step import TrainStep
from stylegan_tf.training.strategies import Workers
from stylegan_tf.training.tick_stats import tick_stats

# Ticks without a single update, all being not finite, after which training cannot recover.
MAX_SKIPPED_TICKS = 3
BATCH_HOOKS = ("on_batch_begin", "on_batch_end", "on_train_batch_begin", "on_train_batch_end")


class DivergedError(ValueError):
    """No update is finite any more."""


class Trainer:
    """Trains networks on a dataset. It writes no file: callbacks do.

    To a Keras callback an epoch is a tick, a batch is one call of the compiled step (which takes
    several minibatches), `self.model` is the averaged generator, and `logs` of an epoch are the
    numbers of the tick. Of several workers only the chief runs callbacks; the others wait.

    Args:
        plan: the checked plan.
        dataset: what `stylegan_tf.datasets.open` gives.
        workers: the processes that train, and the strategy that they train on.
        xla: bool, whether XLA compiles the gradients.

    Attributes:
        networks: the state of the run, all that a checkpoint holds.
        stats: the numbers of the last tick; whoever measures something adds it here and to `logs`.
        is_ending_tick: whether callbacks are told that a tick has ended; the state is whole then.
    """

    def __init__(self, plan: Plan, dataset: Dataset, workers: Workers, xla: bool = False) -> None:
        self.plan = plan
        self.config = config = plan.config
        self.schedule = plan.schedule
        self.dataset = dataset
        self.workers = workers
        self.strategy = strategy = workers.strategy
        keras.utils.set_random_seed(config.seed)
        label_size = dataset.label_size if config.data.cond else 0
        with strategy.scope():
            names = statistics(config.loss)
            self.networks = networks = Networks(config, dataset.channels, label_size, names)
            self.step = TrainStep.of(strategy, networks, config, xla)
        self.checkpoint = networks.checkpoint()
        self.stats: dict[str, Any] = {}
        self.stop_requested = False
        self.is_ending_tick = False
        self._skipped_ticks = 0  # in a row, without an update
        self._callbacks: keras.callbacks.CallbackList = None  # while it trains
        self._has_batch_hooks = False
        self._batches: tuple[int, Any] | None = None  # resolution and iterator
        self._started = time.perf_counter()
        # Of the steps of this tick that this process has taken: another one may have begun it.
        self._step_seconds, self._step_images = 0.0, 0

    @property
    def kimg(self) -> float:
        """Real images shown so far, in thousands."""
        return self.networks.kimg

    @property
    def is_finished(self) -> bool:
        """Whether the end of the schedule is reached."""
        return self.kimg >= self.config.schedule.total_kimg

    @property
    def schedule_state(self) -> ScheduleState:
        """The schedule at the last step that was taken."""
        return self.schedule.at(int(self.networks.last_schedule_images.numpy()) / 1000)

    @property
    def is_healthy(self) -> bool:
        """Whether the state is worth keeping: networks are finite, and learned in the last tick."""
        return not self._skipped_ticks and self.networks.are_finite

    def restore(self, checkpoint: Path, parts_anew: Collection[str] = ()) -> None:
        """Sets the state of the run to that of a checkpoint.

        Args:
            checkpoint: as `checkpoints.newest` gives it.
            parts_anew: of `Networks.parts`, those that stay as they are.

        Raises:
            ValueError: if it is damaged or of other networks.
        """
        try:
            checkpoints.restore(self.networks.parts(parts_anew), checkpoint)
        except ValueError as error:
            raise ValueError(f"{checkpoint} does not fit this configuration: {error}") from error
        self.checkpoint.save_counter.assign(checkpoints.number(checkpoint))

    def stop(self) -> None:
        """Lets training end after the step that it is in; for signal handlers and other threads."""
        self.stop_requested = True

    def train(self, callbacks: Iterable[keras.callbacks.Callback] = ()) -> None:
        """Trains to the end of the schedule, or until it is stopped.

        A callback that sets `self.model.stop_training` ends it after the tick.

        Args:
            callbacks: in the order in which they are called.

        Raises:
            DivergedError: if no update has been finite for some ticks.
        """
        callbacks = list(callbacks)
        self._skipped_ticks = 0
        self._callbacks = _callback_list(callbacks, self.networks.generator_ema)
        self._has_batch_hooks = any(map(_has_batch_hooks, callbacks))
        self._callbacks.on_train_begin()
        if not self.workers.any(self.stop_requested):
            self._run_ticks()
        self._callbacks.on_train_end()
        self.workers.any(False)  # the others stay until the chief has written everything

    def _run_ticks(self) -> None:
        is_stopped = False
        while not (self.is_finished or is_stopped):
            self._callbacks.on_epoch_begin(int(self.networks.tick.numpy()))
            is_stopped = self._run_tick()

    def _run_tick(self) -> bool:
        """Takes the steps of a tick, or its remaining ones; returns whether training is to end."""
        model = self.networks.generator_ema
        while True:
            state = self._advance_schedule()
            self._run_step(state)
            is_over = self._is_tick_over(state)
            if is_over:
                self._end_tick(state)
            is_ended = self.stop_requested or (is_over and bool(model.stop_training))
            is_stopped = self.workers.any(is_ended)
            if is_over or is_stopped:
                return is_stopped

    def _advance_schedule(self) -> ScheduleState:
        """Returns the schedule now; does what is due where a fade starts or ends."""
        networks, before = self.networks, self.schedule_state
        state = self.schedule.at(self.kimg)
        borders = [(one.resolution, one.fade < 1) for one in (before, state)]
        if borders[0] != borders[1] and self.config.schedule.reset_optimizers:
            networks.reset_optimizers(self.config)
        networks.last_schedule_images.assign(networks.images)
        networks.set_learning_rate(state.learning_rate)
        networks.generator_ema.grown = state.grown  # for callbacks that call or save it
        return state

    def _run_step(self, state: ScheduleState) -> None:
        """Calls the compiled step once and counts what it did."""
        networks, schedule = self.networks, self.config.schedule
        iterator = self._batches_of(state)
        call = int(networks.sums["calls"].numpy())
        if self._has_batch_hooks:
            self._callbacks.on_train_batch_begin(call)
        started = time.perf_counter()
        shown = int(networks.images.numpy())
        ema_beta = self.schedule.ema_beta(state.batch, shown)
        with reading(self.dataset):
            means = self.step(state.resolution, iterator, shown, state.fade, ema_beta)
        stats = {name: float(value) for name, value in means.items()}
        images = state.batch * schedule.minibatch_repeats
        networks.count(images, stats)
        self._step_images += images
        self._step_seconds += time.perf_counter() - started
        if self._has_batch_hooks:
            self._callbacks.on_train_batch_end(call, stats)

    def _batches_of(self, state: ScheduleState) -> Any:
        """Returns the iterator of real images at a resolution, a new one where it has grown."""
        if self._batches is None or self._batches[0] != state.resolution:
            shown = int(self.networks.images.numpy())
            iterator = batches(self.dataset, self.config, state, shown, self.strategy)
            self._batches = (state.resolution, iterator)
        return self._batches[1]

    def _is_tick_over(self, state: ScheduleState) -> bool:
        kimg = self.kimg - int(self.networks.tick_start.numpy()) / 1000
        return kimg >= state.tick_kimg or self.is_finished

    def _end_tick(self, state: ScheduleState) -> None:
        seconds = time.perf_counter() - self._started
        calls = int(self.networks.sums["calls"].numpy())
        timed = (self._step_images, self._step_seconds)
        self.stats = tick_stats(self.networks, state, *timed, seconds)
        self._step_seconds, self._step_images = 0.0, 0
        self._count_skipped(calls)
        self.networks.begin_tick()
        self.is_ending_tick = True
        self._callbacks.on_epoch_end(self.stats["tick"], self.stats)
        self.is_ending_tick = False
        if self._skipped_ticks >= MAX_SKIPPED_TICKS or (self._skipped_ticks and self.is_finished):
            raise DivergedError(
                f"training has diverged: no update of the last {self._skipped_ticks} tick(s) was "
                "finite"
            )

    def _count_skipped(self, calls: int) -> None:
        """Counts a tick in which no update was finite, unless a smaller loss scale may help."""
        updates = 2 * self.config.schedule.minibatch_repeats * calls  # of D and of G
        scales = self.networks.loss_scales.values()
        is_stuck = all(scale.now <= MIN_SCALE for scale in scales)
        is_skipped = is_stuck and self.stats["skipped_updates"] == updates
        self._skipped_ticks = self._skipped_ticks + 1 if is_skipped else 0


def _callback_list(
    callbacks: list[keras.callbacks.Callback], model: keras.Model
) -> keras.callbacks.CallbackList:
    if not hasattr(model, "optimizer"):
        model.optimizer = None  # Keras 3 has none before `compile`, but its TensorBoard asks
    model.stop_training = False
    return keras.callbacks.CallbackList(callbacks, model=model, epochs=None, steps=None, verbose=0)


def _has_batch_hooks(callback: keras.callbacks.Callback) -> bool:
    """Whether a callback does something before or after each call of the step."""
    default = keras.callbacks.Callback
    return any(
        getattr(getattr(callback, name), "__func__", None) is not getattr(default, name)
        for name in BATCH_HOOKS
    )
