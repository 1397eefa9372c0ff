"""Training from Python: the run that it gives, callbacks of Keras, threads, resuming."""

import csv
import json
import signal
import threading

import keras
import numpy as np
import pytest
import tensorflow as tf
from tensorflow.python.summary.summary_iterator import summary_iterator

import runs
import stylegan_tf as sg
from random_images import RandomImages
from stylegan_tf.metrics.records import Result
from stylegan_tf.training.callbacks import snapshot_evaluation
from stylegan_tf.training.objective import statistics
from stylegan_tf.training.step import TrainStep

SHORT = runs.config(schedule={"total_kimg": 0.032})  # two ticks at 4×4
LOSSES = (3.0, 2.0, 4.0, 5.0, 1.0)  # of the generator, by tick


class Recorder(keras.callbacks.Callback):
    """Keeps the names of the calls that it gets, and the logs of each tick."""

    def __init__(self):
        super().__init__()
        self.calls, self.logs = [], {}

    def on_train_begin(self, logs=None):
        self.calls.append("train begins")

    def on_epoch_begin(self, epoch, logs=None):
        self.calls.append(f"{epoch} begins")

    def on_epoch_end(self, epoch, logs=None):
        self.calls.append(f"{epoch} ends")
        self.logs[epoch] = dict(logs)

    def on_train_end(self, logs=None):
        self.calls.append("train ends")


@pytest.fixture
def made_up(monkeypatch):
    """A step that computes nothing but made-up losses: the same in each tick, as in `LOSSES`."""
    names = statistics(runs.config().loss)

    def step(self, resolution, iterator, shown, *_):
        return {**dict.fromkeys(names, tf.constant(LOSSES[shown // 16])), "skipped": 0.0}

    monkeypatch.setattr(TrainStep, "__call__", step)


def train(folder, *callbacks, config=None, **arguments) -> sg.training.Run:
    """Trains the tiny networks on images in memory; a tick is 0.016 kimg, and the last one 0.08."""
    data = arguments.pop("data", RandomImages(8))
    return sg.training.train(
        config or runs.config(), data, outdir=folder, callbacks=callbacks, **arguments
    )


@pytest.mark.parametrize("learns", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_a_run_gives_its_path_networks_and_numbers(learns, tmp_path, monkeypatch):
    """Nothing is made up where it learns."""
    if not learns:
        runs.skip_steps(monkeypatch)
    run = train(tmp_path / "new")
    assert run.path == tmp_path / "new" / "00000-images-f-8"
    assert [row["tick"] for row in run.stats] == [0, 1, 2, 3, 4]
    assert run.stats == [json.loads(line) for line in (run.path / "stats.jsonl").open()]
    z = tf.random.stateless_normal([2, 8], [1, 2])
    images = run.generator(z, noise="none")
    np.testing.assert_allclose(images, sg.load(run.path)(z, noise="none"), rtol=0, atol=1e-6)
    assert run.discriminator(images).shape == (2, 1)
    made = run.pipeline(seeds=[3], output_type="np")
    expected = sg.Pipeline.from_pretrained(run.path)(seeds=[3], output_type="np")
    np.testing.assert_array_equal(made, expected)
    assert made.shape == (1, 8, 8, 3)


def test_callbacks_get_ticks_as_epochs(tmp_path, made_up):
    recorder = Recorder()
    run = train(tmp_path, recorder)
    ticks = [f"{tick} {what}" for tick in range(5) for what in ("begins", "ends")]
    assert recorder.calls == ["train begins", *ticks, "train ends"]
    assert recorder.model is run.generator
    assert [recorder.logs[row["tick"]] for row in run.stats] == run.stats
    assert [logs["loss_g"] for logs in recorder.logs.values()] == list(LOSSES)


def test_metrics_of_a_tick_are_in_its_logs(tmp_path, made_up, monkeypatch):
    results = iter([[], [Result("fd_a_9", 7.0)], [Result("fd_a_9", 6.0)], [Result("fd_a_9", 8.0)]])
    monkeypatch.setattr(snapshot_evaluation, "evaluate", lambda *_, **__: next(results))
    recorder = Recorder()
    run = train(tmp_path, recorder, config=runs.config(metrics={"names": ["fd_a_9"]}))
    values = [logs.get("fd_a_9") for logs in recorder.logs.values()]
    assert values == [None, 7.0, None, 6.0, 8.0]
    assert values == [row.get("fd_a_9") for row in run.stats]


def test_callbacks_of_keras_work_as_in_fit(tmp_path, made_up):
    """The loss is least in tick 1; patience ends training two ticks later."""
    run = train(
        tmp_path / "runs",
        keras.callbacks.CSVLogger(str(tmp_path / "log.csv")),
        keras.callbacks.TensorBoard(str(tmp_path / "board")),
        keras.callbacks.EarlyStopping("loss_g", mode="min", patience=2),
        keras.callbacks.ModelCheckpoint(
            str(tmp_path / "best.keras"), monitor="loss_g", mode="min", save_best_only=True
        ),
    )
    with (tmp_path / "log.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [int(row["epoch"]) for row in rows] == [0, 1, 2, 3]
    assert [float(row["loss_g"]) for row in rows] == [3.0, 2.0, 4.0, 5.0]
    (events,) = (tmp_path / "board" / "train").glob("events*")
    curve = {
        event.step: float(tf.make_ndarray(value.tensor))
        for event in summary_iterator(str(events))
        for value in event.summary.value
        if value.tag == "epoch_loss_g"
    }
    assert curve == dict(enumerate(LOSSES[:4]))
    assert [row["tick"] for row in run.stats] == [0, 1, 2, 3]
    assert keras.models.load_model(tmp_path / "best.keras").grown_to == (4, 1.0)


def test_an_error_in_a_callback_leaves_a_run_that_can_be_resumed(tmp_path, made_up):
    def fail(epoch, logs):
        raise RuntimeError("the tracker is down")

    with pytest.raises(RuntimeError, match="the tracker is down"):
        train(tmp_path, keras.callbacks.LambdaCallback(on_epoch_end=fail), config=SHORT)
    again = Recorder()
    resumed = train(tmp_path, again, config=SHORT, resume="latest")
    assert again.calls[1] == "1 begins"
    assert [row["tick"] for row in resumed.stats] == [0, 1]


def test_an_error_within_a_step_leaves_no_checkpoint(tmp_path, made_up, monkeypatch):
    def step(*_):
        raise RuntimeError("half a step")

    monkeypatch.setattr(TrainStep, "__call__", step)
    with pytest.raises(RuntimeError, match="half a step"):
        train(tmp_path)
    assert not list(tmp_path.glob("*/checkpoints/*"))


@pytest.mark.parametrize("several", [False, True])
def test_callbacks_can_be_one_or_none_as_for_fit(tmp_path, made_up, several):
    recorder = Recorder() if several else None
    sg.training.train(SHORT, RandomImages(8), outdir=tmp_path, callbacks=recorder)
    assert not several or recorder.calls[-1] == "train ends"


@pytest.mark.parametrize("tick", [2, 3])  # the second leaves a snapshot anyway
def test_a_callback_ends_a_run_that_can_be_resumed(tmp_path, made_up, tick):
    def end(epoch, logs):
        recorder.model.stop_training = epoch == tick

    recorder = Recorder()
    run = train(tmp_path, keras.callbacks.LambdaCallback(on_epoch_end=end), recorder)
    assert recorder.calls[-2:] == [f"{tick} ends", "train ends"]
    assert sg.load(run.path).grown_to == run.generator.grown_to
    assert (
        f"stopped at {16 * (tick + 1) / 1000:.3f} kimg; resume with --resume {run.path}"
        in (run.path / "log.txt").read_text().splitlines()
    )
    checkpoint = tf.train.latest_checkpoint(str(run.path / "checkpoints"))
    assert tf.train.load_variable(checkpoint, "images/.ATTRIBUTES/VARIABLE_VALUE") == 16 * (
        tick + 1
    )
    again = Recorder()
    resumed = train(tmp_path, again, resume="latest")
    assert resumed.path == run.path
    assert again.calls[1] == f"{tick + 1} begins"
    assert [row["tick"] for row in resumed.stats] == [0, 1, 2, 3, 4]


def test_the_end_of_a_resumed_tick_has_the_numbers_of_all_of_it(tmp_path, made_up, monkeypatch):
    """Stopped after the first of two calls of tick 2."""
    with monkeypatch.context() as patch:
        runs.stop_at(patch, 0.04)
        recorder = Recorder()
        train(tmp_path, recorder)
    assert recorder.calls[-2:] == ["2 begins", "train ends"]
    again = Recorder()
    train(tmp_path, again, resume="latest")
    assert again.calls[1:3] == ["2 begins", "2 ends"]
    assert again.logs[2]["loss_g"] == LOSSES[2]


def test_what_a_resumed_run_cannot_change_is_refused(tmp_path, made_up):
    run = train(tmp_path, config=runs.config(schedule={"total_kimg": 0.016}))
    with pytest.raises(ValueError, match="seed is 1, but .* was started with 0.*--allow-change"):
        train(tmp_path, config=runs.config(seed=1), resume=run.path)
    longer = train(tmp_path, config=SHORT, resume=run.path)
    assert [row["kimg"] for row in longer.stats] == [0.016, 0.032]


def test_batches_are_calls_of_the_step(tmp_path, made_up):
    batches = []
    run = train(
        tmp_path,
        keras.callbacks.LambdaCallback(
            on_train_batch_begin=lambda batch, logs: batches.append(batch),
            on_train_batch_end=lambda batch, logs: batches.append((batch, logs["loss_g"])),
        ),
        config=SHORT,
    )
    assert batches == [
        entry for row in run.stats for call in (0, 1) for entry in (call, (call, row["loss_g"]))
    ]


def test_batches_cost_nothing_where_no_callback_wants_them(tmp_path, made_up, monkeypatch):
    def fail(*_, **__):
        raise AssertionError

    for name in ("on_train_batch_begin", "on_train_batch_end"):
        monkeypatch.setattr(keras.callbacks.CallbackList, name, fail)
    train(tmp_path, keras.callbacks.CSVLogger(str(tmp_path / "log.csv")), config=SHORT)


def test_it_trains_in_a_thread_and_changes_no_signal_handler(tmp_path, made_up):
    handlers, runs_made = [], []
    numbers = (signal.SIGINT, signal.SIGTERM)

    def record(epoch, logs):
        handlers.append([signal.getsignal(number) for number in numbers])

    def work():
        callback = keras.callbacks.LambdaCallback(on_epoch_end=record)
        runs_made.append(train(tmp_path, callback, config=SHORT))

    before = [signal.getsignal(number) for number in numbers]
    thread = threading.Thread(target=work)
    thread.start()
    thread.join(120)
    (run,) = runs_made
    assert [row["tick"] for row in run.stats] == [0, 1]
    assert handlers == [before] * 2


def test_data_is_a_path_a_dataset_or_the_bundled_one(tmp_path, made_up, monkeypatch):
    opened = []
    monkeypatch.setattr(sg.datasets, "open", lambda path: opened.append(path) or RandomImages(8))
    short = runs.config(schedule={"total_kimg": 0.008})
    for data in ("some-images", None, RandomImages(8, path=tmp_path / "mine")):
        train(tmp_path / "runs", config=short, data=data)
    assert [str(path) for path in opened] == [
        str((tmp_path / "x").cwd() / "some-images"),
        str(sg.datasets.bundled()),
    ]
    paths = [
        json.loads(path.read_text())["data"]["path"]
        for path in sorted((tmp_path / "runs").glob("*/config.json"))
    ]
    assert paths == [str(opened[0]), None, str(tmp_path / "mine")]


@pytest.mark.parametrize("callback", [print, keras.callbacks.CSVLogger])
def test_what_is_no_callback_is_refused_before_there_is_a_directory(tmp_path, callback):
    with pytest.raises(ValueError, match=r"is no keras\.callbacks\.Callback"):
        train(tmp_path, callback)
    assert list(tmp_path.iterdir()) == []
