"""Training goes on from the published networks: the two samples in NVIDIA's layout."""

import json

import numpy as np
import pytest

import published
import stylegan_tf as sg
from published import assert_matches
from random_images import RandomImages
from stylegan_tf.training import start
from stylegan_tf.training.session import Session
from stylegan_tf.training.trainer import Trainer

SAMPLES = {  # the vectors, and how they say that up-convolutions were stored
    "stylegan32-nosrc.pkl": ("stylegan32", 0),
    "progan32-nosrc.proto4.pkl": ("progan32", 1),
}
SETTINGS = {
    "schedule.total_kimg": 0.064,
    "schedule.batch": {},
    "schedule.batch_base": 8,
    "schedule.tick_kimg": {},
    "schedule.tick_kimg_base": 0.032,
    "output.grid_columns": 2,
    "output.grid_rows": 1,
}


@pytest.mark.parametrize("file", SAMPLES)
def test_training_goes_on_from_a_published_triple(file, tmp_path, monkeypatch):
    """Before the first step images and scores are the published ones; then they change."""
    path, (vectors, fused) = published.reference(file), SAMPLES[file]
    stored = published.arrays(vectors)
    z, images = stored["in/z"], stored["in/images8"].transpose(0, 2, 3, 1)
    expected = (
        stored[f"out/img/lod0/recursive/fused{fused}/off"],
        stored[f"out/scores/lod0/recursive/fused{fused}/images8"],
        published.nchw(sg.load(path)(z, noise="constant")),
    )
    train, seen = Trainer.train, []

    def outputs(networks):
        return (
            published.nchw(networks.generator(z, noise="constant")),
            np.asarray(networks.discriminator(images)),
            published.nchw(networks.generator_ema(z, noise="constant")),
        )

    def watched(trainer, callbacks):
        seen.append(outputs(trainer.networks))
        train(trainer, callbacks)
        seen.append(outputs(trainer.networks))

    monkeypatch.setattr(Trainer, "train", watched)
    monkeypatch.setattr(start.datasets, "open", lambda path: RandomImages(32))
    job = start.fresh(None, {"init_from": str(path), **SETTINGS})
    assert job.plan.config.schedule.start_resolution == 32
    assert Session(job, tmp_path).train()

    before, after = seen
    for ours, theirs, later in zip(before, expected, after, strict=True):
        assert_matches(ours, theirs)
        assert np.isfinite(later).all()
        assert np.nanstd(later - theirs) > 1e-3 * np.nanstd(theirs)
    (run,) = tmp_path.iterdir()
    ticks = [json.loads(line) for line in (run / "stats.jsonl").read_text().splitlines()]
    assert [tick["kimg"] for tick in ticks] == [0.032, 0.064]
    assert all(np.isfinite([tick["loss_g"], tick["loss_d"]]).all() for tick in ticks)
    snapshot = sg.load(run)
    assert_matches(published.nchw(snapshot(z, noise="constant")), after[2])
    assert "CC BY-NC 4.0" in snapshot.licence
