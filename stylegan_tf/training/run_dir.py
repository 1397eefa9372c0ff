"""The run directory: made, found, appended to."""

import re
from functools import cached_property
from pathlib import Path

from stylegan_tf import checkpoints, json_lines, snapshot_names
from stylegan_tf.files import write_text
from stylegan_tf.metrics import records
from stylegan_tf.training.config import Config

NUMBER = re.compile(r"(\d{5})-")


class RunDir:
    """Paths and records of one run.

    Args:
        path: an existing run directory.
    """

    def __init__(self, path: Path):
        self.path = Path(path)
        self.stats = self.path / "stats.jsonl"
        self.metrics = self.path / records.FILE
        self.best = self.path / "network-best.keras"
        self.log = self.path / "log.txt"
        self.checkpoints = self.path / checkpoints.FOLDER

    @classmethod
    def create(cls, outdir: Path, description: str, config: Config) -> "RunDir":
        """Makes the next directory `00000-…` in `outdir`, with `config.json`."""
        outdir = Path(outdir)
        outdir.mkdir(parents=True, exist_ok=True)
        number = max((int(match[1]) for match in _numbered(outdir)), default=-1) + 1
        run = cls(outdir / f"{number:05d}-{description}")
        run.path.mkdir()
        run.write_config(config)
        return run

    @classmethod
    def find(cls, name: str, outdir: Path) -> "RunDir":
        """Returns the directory that `--resume` names: a path, or "latest", the newest in `outdir`.

        Raises:
            ValueError: if there is none, or it holds no `config.json`.
        """
        path = Path(name)
        if name == "latest":
            runs = sorted(match.string for match in _numbered(Path(outdir)))
            if not runs:
                raise ValueError(f"--resume latest: {outdir} holds no runs")
            path = Path(outdir) / runs[-1]
        if not (path / "config.json").is_file():
            raise ValueError(f"--resume {name}: {path} is no run directory (no config.json)")
        return cls(path)

    def config(self) -> Config:
        """Returns what the run was started with, or resumed with last."""
        return Config.from_file(self.path / "config.json")

    def write_config(self, config: Config) -> None:
        """Writes `config.json`."""
        write_text(self.path / "config.json", config.to_json())

    def rows(self) -> list[dict]:
        """Returns all lines of `stats.jsonl`."""
        return json_lines.read(self.stats)

    def rewind(self, tick: int) -> None:
        """Drops the lines of `stats.jsonl` from a tick on: a resumed run writes them anew."""
        json_lines.rewrite(self.stats, (row for row in self.rows() if row["tick"] < tick))

    def add_to_tick(self, tick: int, values: dict[str, float]) -> None:
        """Adds to the line of a tick in `stats.jsonl`."""
        rows = (row | values if row["tick"] == tick else row for row in self.rows())
        json_lines.rewrite(self.stats, rows)

    def snapshot(self, kimg: float) -> Path:
        """Returns where the averaged generator of that moment goes."""
        return self.path / f"{snapshot_names.PREFIX}{self._moment(kimg)}{snapshot_names.SUFFIX}"

    def fakes(self, kimg: float) -> Path:
        """Returns where the grid of that moment goes."""
        return self.path / f"fakes{self._moment(kimg)}.png"

    def _moment(self, kimg: float) -> str:
        """A moment as it stands in names: no two ends of ticks have the same."""
        return snapshot_names.moment(kimg, self._has_short_ticks or self._has_same_before(kimg))

    @cached_property
    def _has_short_ticks(self) -> bool:
        """Whether several ticks can end within a thousand images."""
        schedule = self.config().schedule
        return min(schedule.tick_kimg_base, *schedule.tick_kimg.values(), 1) < 1

    def _has_same_before(self, kimg: float) -> bool:
        """Whether the tick before, at the end of a run that was made longer, rounds to as many."""
        before = [row["kimg"] for row in self.rows() if row["kimg"] < kimg]
        return bool(before) and round(before[-1]) == round(kimg) == int(kimg)


def _numbered(outdir: Path):
    """Matches of the names of run directories."""
    names = (child.name for child in outdir.iterdir()) if outdir.is_dir() else ()
    return [match for match in map(NUMBER.match, names) if match]
