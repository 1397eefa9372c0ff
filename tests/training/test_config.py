"""The configuration: set by key, kept as JSON."""

import dataclasses
import json
import subprocess
import sys
import types
import typing

import pytest

from stylegan_tf.training.config import Config, OutputConfig
from stylegan_tf.training.settings import check, keys, parse_setting


def changed(*settings: str) -> Config:
    """What `--set` makes of the defaults."""
    return Config().replace(dict(map(parse_setting, settings)))


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("seed=7", 7),
        ("precision=mixed_bfloat16", "mixed_bfloat16"),
        ('precision="mixed_bfloat16"', "mixed_bfloat16"),
        ("precision=mixed_float16", "mixed_float16"),
        ("generator.fmap_max=64", 64),
        ("schedule.stable_kimg=2.5", 2.5),
        ("schedule.stable_kimg=3", 3.0),
        ('loss.penalties={"r1": 3}', {"r1": 3.0}),
        ("data.mirror=true", True),
        ("data.resolution=64", 64),
        ("data.resolution=null", None),
        ("data.path=/images/of cats", "/images/of cats"),
        ("generator.mixing_probability=0", 0.0),
        ("optimizer.generator=tfa>LAMB", "tfa>LAMB"),
        ('schedule.batch={"8": 16, "16": 8}', {8: 16, 16: 8}),
        ("schedule.learning_rate={}", {}),
        ('metrics.names=["fid50k", "kid50k"]', ["fid50k", "kid50k"]),
        ("metrics.every_ticks=5", 5),
        ('metrics.features={"faces": "a/b.keras"}', {"faces": "a/b.keras"}),
        ("metrics.classifiers=c.keras", "c.keras"),
    ],
)
def test_a_setting_of_every_type_arrives(setting, value):
    config = changed(setting)
    for name in setting.partition("=")[0].split("."):
        config = getattr(config, name)
    assert config == value
    assert type(config) is type(value)


def test_an_entry_of_a_table_is_set_beside_the_others():
    config = changed('schedule.batch={"8": 64, "16": 32}', "schedule.batch.8=16")
    assert config.schedule.batch == {8: 16, 16: 32}
    config = changed("metrics.features.faces=https://a.b/c", "metrics.features.cats=cats.h5")
    assert config.metrics.features == {"faces": "https://a.b/c", "cats": "cats.h5"}
    config = changed("schedule.learning_rate.128=0.0015")
    assert config.schedule.learning_rate == {128: 0.0015}


def test_the_last_of_two_settings_holds():
    assert changed("seed=1", "seed=2").seed == 2


@pytest.mark.parametrize(
    ("setting", "nearest"),
    [
        ("sed=1", "seed"),
        ("generator.fmap_mx=64", "generator.fmap_max"),
        ("generater.fmap_max=64", "generator.fmap_max"),
        ("fmap_max=64", "fmap_max"),
        ("schedule.total_kimgs=1", "schedule.total_kimg"),
        ("seed.x=1", "seed"),
    ],
)
def test_an_unknown_key_names_the_nearest_known_one(setting, nearest):
    with pytest.raises(ValueError, match=rf"no setting .*; did you mean .*{nearest}'"):
        changed(setting)


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("seed=1.5", "int"),
        ("seed=true", "int"),
        ("seed=x", "int"),
        ("seed=null", "int"),
        ("schedule.fade_kimg=true", "float"),
        ("schedule.fade_kimg=ten", "float"),
        ('loss.penalties={"r1": "ten"}', "'ten'; it must be float"),
        ("loss.penalties=r1", "dict"),
        ("loss.name=3", "str"),
        ("data.mirror=1", "bool"),
        ("data.resolution=big", "int or null"),
        ("precision=32", "str"),
        ("schedule.batch=16", "dict"),
        ('schedule.batch={"eight": 16}', "resolutions to numbers"),
        ('schedule.batch={"8": "many"}', "'many'; it must be int"),
        ("schedule.batch.8=many", "int"),
        ("schedule.batch.8=2.5", "int"),
        ("schedule.batch.8=true", "int"),
        ("metrics.names=fid50k", "list"),
        ("metrics.names=[50]", "str"),
        ("metrics.features=x.keras", "dict"),
    ],
)
def test_a_value_of_the_wrong_type_is_refused(setting, expected):
    key = setting.partition("=")[0]
    with pytest.raises(ValueError, match=rf"{key}(\.8|\.r1)? is .*{expected}"):
        changed(setting)


def test_a_resolution_that_is_no_number_is_refused():
    with pytest.raises(ValueError, match="schedule.batch is {'eight': 16}; .*resolutions"):
        changed("schedule.batch.eight=16")


@pytest.mark.parametrize(
    ("setting", "allowed"),
    [
        ("generator.architecture=g", "one of a, b, c, d, e, f"),
        ("precision=float16", "one of float32"),
        ("strategy=tpu", "one of one_device"),
        ("output.snapshot_ticks=0", "at least 1"),
        ("metrics.every_ticks=0", "at least 1"),
        ("generator.mapping_layers=-1", "at least 0"),
        ("generator.mixing_probability=1.5", "at most 1"),
        ("optimizer.beta_2=-0.1", "at least 0"),
    ],
)
def test_a_value_out_of_its_range_is_refused(setting, allowed):
    key = setting.partition("=")[0]
    with pytest.raises(ValueError, match=f"{key} is .*; it (can|must) be {allowed}"):
        changed(setting)


@pytest.mark.parametrize("setting", ["loss.penalties.r1=NaN", "loss.penalties.r1=Infinity"])
def test_a_number_that_is_not_finite_is_refused(setting):
    with pytest.raises(ValueError, match="loss.penalties.r1"):
        changed(setting)


@pytest.mark.parametrize("key", ["data", "schedule"])
def test_a_whole_section_is_no_setting(key):
    with pytest.raises(ValueError, match="no setting"):
        Config().replace({key: 3})


def test_a_setting_without_a_value_is_refused():
    with pytest.raises(ValueError, match="--set seed: write it as key=value"):
        parse_setting("seed")


@pytest.mark.parametrize(
    "config",
    [
        Config(),
        changed("loss.name=wgan_gp", "loss.penalty_options.gradient_penalty.target=750"),
        Config.preset("cpu"),
        Config.published(8),
        changed('metrics.names=["ls"]', "metrics.features.faces=f.keras", "metrics.every_ticks=3"),
        changed("data.path=/x", "data.resolution=32", "schedule.tick_kimg.8=0.5", "seed=3"),
    ],
    ids=["default", "loss", "cpu", "published", "metrics", "changed"],
)
def test_a_file_gives_back_the_configuration(config, tmp_path):
    path = tmp_path / "config.json"
    path.write_text(config.to_json(), encoding="utf-8")
    assert Config.from_file(path) == config


def test_a_file_from_before_there_were_metrics_is_still_read(tmp_path):
    tree = dataclasses.asdict(Config(seed=4))
    del tree["metrics"]
    path = tmp_path / "config.json"
    path.write_text(json.dumps(tree), encoding="utf-8")
    assert Config.from_file(path) == Config(seed=4)


def test_keys_reach_every_value():
    tree = dataclasses.asdict(Config())
    sections = [section for section in tree.values() if isinstance(section, dict)]
    assert len(keys(Config())) == sum(map(len, sections)) + len(tree) - len(sections)
    assert {"seed", "schedule.batch", "generator.architecture"} <= set(keys(Config()))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "line 1 column 2"),
        ("[1]", "object of keys"),
        ('{"seed": "x"}', "seed is 'x'"),
        ('{"los": {"name": 1}}', "loss.name"),
        ('{"schedule": {"batch": {"x": 1}}}', "schedule.batch"),
    ],
)
def test_a_bad_file_is_refused_by_its_name(text, reason, tmp_path):
    path = tmp_path / "config.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=f"config.json: .*{reason}"):
        Config.from_file(path)


def test_a_yaml_file_is_read_as_well(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("seed: 3\nschedule:\n  batch:\n    8: 16\nloss:\n  name: wgan_gp\n")
    config = Config.from_file(path)
    assert (config.seed, config.schedule.batch) == (3, {8: 16})
    assert config.loss == Config().replace({"loss.name": "wgan_gp"}).loss
    path.write_text("a: [")
    with pytest.raises(ValueError, match="mine.yaml: "):
        Config.from_file(path)


@pytest.mark.parametrize(
    ("old", "new", "value"),
    [
        ("generator.config", "generator.architecture", "b"),
        ("schedule.pairs", "schedule.minibatch_repeats", 2),
        ("loss.gamma", "loss.penalties.r1", 3.0),
        ("loss.r2_gamma", "loss.penalties.r2", 3.0),
        ("loss.gp_weight", "loss.penalties.gradient_penalty", 3.0),
        ("loss.gp_target", "loss.penalty_options.gradient_penalty.target", 750),
        ("loss.drift", "loss.penalties.drift", 0.01),
    ],
)
def test_old_keys_work_with_a_warning(old, new, value):
    with pytest.warns(DeprecationWarning, match=f"{old} is now {new}"):
        config = Config().replace({old: value})
    assert config == Config().replace({new: value})


def test_there_are_plans_by_name_and_by_number_of_gpus():
    assert Config.preset("cpu").generator.fmap_max == 64
    assert Config.published() == Config.published(gpus=1)
    assert Config.published(8).schedule.batch_base == 32
    with pytest.raises(ValueError, match="no preset 'gpu'; did you mean 'cpu'"):
        Config.preset("gpu")
    with pytest.raises(ValueError, match="gpus is 0"):
        Config.published(0)


def test_all_values_can_be_checked():
    check(Config())
    with pytest.raises(ValueError, match="output.grid_rows is 0; it must be at least 1"):
        check(Config(output=OutputConfig(grid_rows=0)))


def test_the_configuration_costs_no_tensorflow():
    code = "import sys, stylegan_tf as sg; sg.training.Config(); assert 'keras' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def numeric_keys(config, prefix=""):
    """Every key that takes numbers, or a table of them, with the bounds beside its definition."""
    kinds = typing.get_type_hints(type(config))
    for entry in dataclasses.fields(config):
        value, kind = getattr(config, entry.name), kinds[entry.name]
        if dataclasses.is_dataclass(value):
            yield from numeric_keys(value, f"{prefix}{entry.name}.")
        elif {int, float} & set(parts(kind)):
            is_table = typing.get_origin(kind) is dict
            yield f"{prefix}{entry.name}", is_table, entry.metadata


def parts(kind):
    """The types of a value, or of the values of a table."""
    if typing.get_origin(kind) is dict:
        return parts(typing.get_args(kind)[1])
    return typing.get_args(kind) if isinstance(kind, types.UnionType) else (kind,)


NUMERIC = list(numeric_keys(Config()))
EXAMPLES = {"schedule.": "8", "loss.penalties": "r1"}  # of keys of tables


def test_the_numeric_keys_are_found():
    names = {key for key, _, _ in NUMERIC}
    assert {"seed", "schedule.batch", "loss.penalties", "generator.mapping_layers"} <= names
    assert len(names) > 35


@pytest.mark.parametrize(("key", "is_table", "bounds"), NUMERIC, ids=[key for key, *_ in NUMERIC])
def test_every_numeric_key_has_bounds_or_says_why_not(key, is_table, bounds):
    if "bounded_elsewhere" in bounds:
        assert bounds["bounded_elsewhere"]
        return
    assert {"minimum", "above"} & bounds.keys()
    outside = {bounds["minimum"] - 1} if "minimum" in bounds else {bounds["above"]}
    outside |= {bounds["below"]} if "below" in bounds else set()
    outside |= {bounds["maximum"] + 1} if "maximum" in bounds else set()
    (name,) = [name for start, name in EXAMPLES.items() if key.startswith(start)] or [""]
    for value in outside:
        with pytest.raises(ValueError, match=rf"{key}.* is {value}(\.0)?; it must be"):
            Config().replace({key: {name: value} if is_table else value})


@pytest.mark.parametrize(
    "setting",
    [
        "optimizer.beta_1=1",
        "optimizer.beta_2=1",
        "optimizer.epsilon=0",
        "generator.mapping_lr_multiplier=0",
        "generator.fmap_decay=-1",
        "schedule.w_avg_beta=1",
        "seed=-1",
        "seed=4294967296",
    ],
)
def test_what_keeps_a_network_from_learning_is_refused(setting):
    with pytest.raises(ValueError, match="it must be"):
        changed(setting)
