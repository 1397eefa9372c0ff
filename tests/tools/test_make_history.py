"""The networks of the page about history: trained for the same minutes, and measured once."""

import importlib.util
import types
from pathlib import Path

import pytest

from stylegan_tf import json_lines
from stylegan_tf.training.config import Config

ROOT = Path(__file__).resolve().parents[2]
_spec = importlib.util.spec_from_file_location("history", ROOT / "tools/make_history.py")
tool = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(tool)


@pytest.mark.parametrize(
    ("config", "loss", "expected"),
    [
        ("gan", None, "--config gan --kimg 150"),
        (
            "a",
            "wgan_gp",
            "--config a --loss wgan_gp --kimg 150 --set schedule.stable_kimg=39 "
            "--set schedule.fade_kimg=12",
        ),
    ],
)
def test_a_plan_is_as_long_as_its_minutes_allow(config, loss, expected, monkeypatch):
    """One that takes ten minutes is half as long again in fifteen."""
    monkeypatch.setattr(tool, "estimate", lambda job: types.SimpleNamespace(seconds=600))
    monkeypatch.setattr("stylegan_tf.training.strategies.gpus", lambda: 0)
    assert tool.options(config, loss, minutes=15) == expected


def test_what_was_done_is_not_done_again(tmp_path, monkeypatch):
    commands = []
    path = tmp_path / "f" / "runs" / "00000-emoji-f-32"

    def run(text, folder):
        commands.append(text.split()[0])
        path.mkdir(parents=True, exist_ok=True)
        if text.startswith("train"):
            (path / "config.json").write_text(Config().to_json())
            kimg = Config().schedule.total_kimg / (1 if "--resume" in text else 2)
            json_lines.append(path / "stats.jsonl", {"tick": len(commands), "kimg": kimg})
        else:
            for metric, more in (("fd_vgg16_5k", {}), ("pr_vgg16_5k", {"recall": 0.25})):
                row = {"metric": metric, "value": 10.04, "kimg": 1.0, **more}
                json_lines.append(path / "metrics.jsonl", row)

    monkeypatch.setattr(tool, "run", run)
    monkeypatch.setattr(tool, "options", lambda *arguments: "--config f")
    for _ in range(2):
        trained = tool.train(tmp_path / "f", "f", None, 15)
    assert commands == ["train", "train", "evaluate"]  # the first was stopped half-way
    assert tool.row("F", "--config f", trained) == "| F | `--config f` | 10 | 0.25 |"
