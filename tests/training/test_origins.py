"""Where the values of a plan come from."""

from stylegan_tf.training import origins
from stylegan_tf.training.config import Config


def test_the_last_stage_that_changed_a_value_is_its_origin():
    cpu = Config.preset("cpu")
    result = origins.origins(
        [
            ("", Config()),
            ("preset cpu", cpu),
            ("dataset", cpu.replace({"data.resolution": 16})),
            ("x.json", cpu.replace({"data.resolution": 16, "schedule.total_kimg": 3})),
        ]
    )
    assert result["generator.fmap_max"] == "preset cpu"
    assert result["data.resolution"] == "dataset"
    assert result["schedule.total_kimg"] == "x.json"
    assert result["seed"] == result["schedule.start_resolution"] == "default"


def test_a_flag_counts_even_where_it_changed_nothing():
    by_key = {"seed": "default", "loss.penalties": "preset cpu", "loss.name": "default"}
    result = origins.with_flags(by_key, {"seed": "--seed", "loss.penalties.r1": "--gamma"})
    assert result == {"seed": "--seed", "loss.penalties": "--gamma", "loss.name": "default"}


def test_settings_are_listed_by_origin():
    by_key = {"seed": "--seed", "data.path": "default"}
    config = Config().replace({"seed": 7})
    assert origins.describe(config, by_key) == [
        "settings  by where they come from",
        "          --seed: seed = 7",
        "          default: data.path = null",
        "",
    ]
    assert len(origins.describe(config, by_key, with_defaults=False)) == 3
    assert origins.describe(config, {}) == []
