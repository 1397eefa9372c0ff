"""The run directory: made, found, appended to."""

import re
from pathlib import Path

from stylegan_tf import json_lines
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
        self.checkpoints = self.path / "checkpoints"

    @classmethod
    def create(cls, outdir: Path, description: str, config: Config) -> "RunDir":
        """Makes the next directory `00000-…` in `outdir`, with `config.json`."""
        outdir = Path(outdir)
        outdir.mkdir(parents=True, exist_ok=True)
        number = max((int(match[1]) for match in _numbered(outdir)), default=-1) + 1
        run = cls(outdir / f"{number:05d}-{description}")
        run.path.mkdir()
        write_text(run.path / "config.json", config.to_json())
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
        """Returns what the run was started with."""
        return Config.from_file(self.path / "config.json")

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
        return self.path / f"network-snapshot-{round(kimg):06d}.keras"

    def fakes(self, kimg: float) -> Path:
        """Returns where the grid of that moment goes."""
        return self.path / f"fakes{round(kimg):06d}.png"


def _numbered(outdir: Path):
    """Matches of the names of run directories."""
    names = (child.name for child in outdir.iterdir()) if outdir.is_dir() else ()
    return [match for match in map(NUMBER.match, names) if match]
