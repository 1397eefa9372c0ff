"""The configurations in configs/."""

from pathlib import Path

import pytest

from stylegan_tf.training.config import Config

FOLDER = Path(__file__).parents[1] / "configs"
FILES = sorted(FOLDER.glob("*.yaml"))
# Resolution: batch, group of the minibatch deviation, fmap_base, learning rate, R1, ema_kimg, as
# the program of the ADA paper has them (its `channel_base` is twice `fmap_base`).
ADA = {
    256: (64, 8, 8192, 0.0025, 1, 20),
    512: (64, 8, 16384, 0.0025, 0.5, 20),
    1024: (32, 4, 16384, 0.002, 2, 10),
}


def read(name: str) -> Config:
    """The configuration of a file."""
    return Config.from_file(FOLDER / f"{name}.yaml")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_is_read_and_says_how_it_is_used(path):
    Config.from_file(path)
    assert f"configs/{path.name}" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("gpus", [1, 2, 4, 8])
def test_ffhq_is_what_was_published(gpus):
    strategy = "mirrored" if gpus > 1 else "one_device"
    expected = Config.published(gpus).replace({"data.resolution": 1024, "strategy": strategy})
    assert read(f"stylegan-ffhq-1024-{gpus}gpu") == expected


def test_rows_of_table_1_differ_in_what_the_table_says():
    row_a, row_b, row_f = (
        read(f"stylegan-{name}-1024-8gpu") for name in ("table1-a-ffhq", "table1-b-ffhq", "ffhq")
    )
    assert row_b == row_f.replace({"generator.architecture": "b"})
    assert row_a == row_f.replace({"generator.architecture": "a", "loss.name": "wgan_gp"})


def test_stylegan2_is_the_recipe():
    expected = Config.preset("stylegan2", resolution=1024, gpus=8)
    result = read("stylegan2-ffhq-1024-8gpu").replace({"generator.mapping_layers": None})
    assert result.replace({"strategy": "one_device"}) == expected


@pytest.mark.parametrize("resolution", ADA)
def test_those_of_ada_have_the_published_sizes(resolution):
    config = read(f"stylegan2-ada-{resolution}-8gpu")
    result = (
        config.schedule.batch_base,
        config.discriminator.mbstd_group_size,
        config.generator.fmap_base,
        config.schedule.learning_rate_base,
        config.loss.penalties["r1"],
        config.schedule.ema_kimg,
    )
    assert result == ADA[resolution]
    assert config.generator.fmap_base == config.discriminator.fmap_base
    assert config.augment.name == "ada"
