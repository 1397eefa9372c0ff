"""Metrics of the averaged generator while it trains, and the best snapshot by the first of them."""

import shutil
from pathlib import Path

from stylegan_tf import json_lines
from stylegan_tf.files import atomic_write
from stylegan_tf.metrics import WeightsMissing, records
from stylegan_tf.metrics.evaluation import check_generator, evaluate
from stylegan_tf.metrics.names import parse
from stylegan_tf.training.plan import Plan
from stylegan_tf.training.run_log import RunLogger
from stylegan_tf.training.schedule import Look

SEED = 0  # of the generated pictures: whatever that of the run, as `evaluate` has it


class SnapshotEvaluation:
    """Measures snapshots, and keeps the best one as `network-best.keras`.

    Args:
        plan: the run's plan.
        recorder: what writes into the run directory.
        strategy: `tf.distribute.Strategy`; all its replicas take part.
        progress: as `evaluate` takes it.

    Raises:
        ValueError: if a metric cannot be measured here, for want of weights or labels, say.
    """

    def __init__(self, plan: Plan, recorder: RunLogger, strategy, progress):
        self.plan = plan
        self.config = plan.config.metrics
        self.recorder = recorder
        self.run = recorder.run
        self.strategy = strategy
        self.progress = progress
        self.conditions = {
            "data": str(recorder.dataset.path),
            "mirror": plan.config.data.mirror,
            "seed": SEED,
        }
        if self.config.names:
            self._check()

    def _check(self) -> None:
        """A run must not end at its first snapshot for want of a file."""
        try:
            self._results(self.config.names)
        except WeightsMissing as error:
            raise ValueError(f"{error} (--set metrics.features.NAME=FILE)") from error

    def due(self, over: bool) -> bool:
        """Whether the tick that has just ended is one to be measured, as the last of a run is."""
        tick = int(self.recorder.networks.tick.numpy())
        return bool(self.config.names) and (over or tick % self.plan.measured_ticks == 0)

    def measure(self, look: Look) -> None:
        """Measures the snapshot of this moment, but for what was measured already."""
        networks, say = self.recorder.networks, self.recorder.reporter.line
        path = self.run.snapshot(networks.kimg)
        networks.average.grown = look.grown
        subject = records.Subject(
            path.name, networks.kimg, look.resolution, look.fade, **self.conditions
        )
        missing = self._missing()
        if missing:
            say(f"measuring {', '.join(missing)}")
        for result in self._results(missing) if missing else []:
            json_lines.append(self.run.metrics, records.row_of(result, subject))
            values = records.scalars(result)
            self.run.add_to_tick(int(networks.tick.numpy()) - 1, values)
            self.recorder.scalars({f"metrics/{name}": value for name, value in values.items()})
            say(records.describe(result))
        best = self._best()
        if best and best["kimg"] == networks.kimg:
            self._keep(path)
            at = f"at {look.resolution}² by {best['metric']}"
            say(f"best so far {at}: {best['value']:.4g}; kept as {self.run.best}")

    def rewind(self) -> None:
        """Forgets what was measured after this moment: a resumed run measures it anew."""
        now, rows = self.recorder.networks.kimg, records.read(self.run.metrics)
        kept = [row for row in rows if row["kimg"] is None or row["kimg"] <= now]
        if len(kept) == len(rows):
            return
        json_lines.rewrite(self.run.metrics, kept)
        best = self._best()
        before = self.run.path / best["snapshot"] if best else None
        if before and before.exists():
            self._keep(before)
        else:
            self.run.best.unlink(missing_ok=True)

    def _missing(self) -> list[str]:
        """What is to be measured at this moment; says what pictures are too small for as yet."""
        networks, missing = self.recorder.networks, []
        done = {row["metric"] for row in records.alike(self._rows(), kimg=networks.kimg)}
        for name in self.config.names:
            if name in done:
                continue
            try:
                check_generator(networks.average, self.recorder.dataset, [parse(name)])
                missing.append(name)
            except ValueError as error:
                self.recorder.reporter.line(f"not measured yet: {error}")
        return missing

    def _results(self, names: list[str]):
        """Checks that the metrics can be measured; gives what they come to, one by one."""
        used = {parse(name).features for name in names}
        return evaluate(
            self.recorder.networks.average,
            self.recorder.dataset,
            names,
            sources={name: file for name, file in self.config.features.items() if name in used},
            classifiers=self.config.classifiers,
            mirror=self.conditions["mirror"],
            seed=SEED,
            strategy=self.strategy,
            progress=self.progress,
        )

    def _rows(self) -> list[dict]:
        """What was measured as it is here."""
        return records.alike(records.read(self.run.metrics), **self.conditions)

    def _best(self) -> dict | None:
        return records.best(self._rows(), self.config.names[0]) if self.config.names else None

    def _keep(self, snapshot: Path) -> None:
        with atomic_write(self.run.best) as partial:
            shutil.copyfile(snapshot, partial)
