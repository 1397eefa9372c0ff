"""What `--loss`, `--penalty` and `--gamma` stand for, and the loss section of older files."""

import json

import pytest

from stylegan_tf.training.config import Config

# The loss section of every config.json before penalties had names.
OLD = {
    "name": "logistic_ns",
    "gamma": 10.0,
    "r2_gamma": 0.0,
    "gp_weight": 10.0,
    "gp_target": 1.0,
    "drift": 0.001,
}


def loss(base=None, **values) -> tuple[str, dict[str, float]]:
    """The loss and its penalties; keys are written with __ for the dot."""
    values = {f"loss.{key.replace('__', '.')}": value for key, value in values.items()}
    config = (base or Config()).replace(values)
    return config.loss.name, config.loss.penalties


def of_file(tmp_path, section: dict):
    """The loss section of a file."""
    path = tmp_path / "config.json"
    path.write_text(json.dumps({"loss": section}))
    return Config.from_file(path).loss


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("logistic_ns", ("non_saturating", {"r1": 10.0})),
        ("wgan", ("wasserstein", {"drift": 0.001})),
        ("wgan_gp", ("wasserstein", {"gradient_penalty": 10.0, "drift": 0.001})),
        ("hinge", ("hinge", {})),
        ("hinge_gp", ("hinge", {"gradient_penalty": 10.0})),
        ("non_saturating", ("non_saturating", {"r1": 10.0})),
        ("relativistic", ("relativistic", {"r1": 10.0, "r2": 10.0})),
        ("least_squares", ("least_squares", {})),
        ("wasserstein", ("wasserstein", {})),
    ],
)
def test_a_name_is_a_loss_with_its_usual_penalties(name, expected):
    assert loss(name=name) == expected


def test_a_penalty_that_is_in_effect_keeps_its_weight():
    cpu = Config.preset("cpu")
    assert loss(cpu) == ("non_saturating", {"r1": 1.0})
    assert loss(cpu, name="non_saturating") == ("non_saturating", {"r1": 1.0})
    assert loss(cpu, name="relativistic") == ("relativistic", {"r1": 1.0, "r2": 1.0})


def test_penalties_that_are_given_replace_all_others():
    assert loss(name="wgan_gp", penalties={"r1": 5}) == ("wasserstein", {"r1": 5.0})
    assert loss(penalties={"r2": 5}, name="wgan_gp") == ("wasserstein", {"r2": 5.0})
    assert loss(penalties={"drift": 5}) == ("non_saturating", {"drift": 5.0})


@pytest.mark.parametrize("values", [["penalties__r1", "name"], ["name", "penalties__r1"]])
def test_gamma_is_never_ignored(values):
    given = {"name": "wgan", "penalties__r1": 3}
    result = loss(**{key: given[key] for key in values})
    assert result == ("wasserstein", {"drift": 0.001, "r1": 3.0})


def test_gamma_is_added_to_penalties_that_are_given():
    assert loss(penalties={"r2": 5}, penalties__r1=3)[1] == {"r2": 5.0, "r1": 3.0}


def test_a_weight_of_0_is_no_penalty():
    assert loss(penalties__r1=0)[1] == {}
    assert loss(name="wgan_gp", penalties__drift=0)[1] == {"gradient_penalty": 10.0}


def test_options_go_with_their_penalty():
    base = Config().replace(
        {"loss.name": "wgan_gp", "loss.penalty_options.gradient_penalty.target": 750}
    )
    options = {"gradient_penalty": {"target": 750}}
    assert base.loss.penalty_options == options
    assert base.replace({"loss.name": "hinge_gp"}).loss.penalty_options == options
    assert base.replace({"loss.name": "hinge"}).loss.penalty_options == {}
    assert base.replace({"loss.penalties": {"r1": 1}}).loss.penalty_options == {}


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("loss.name", "wgan_pg", "loss.name: there is no loss 'wgan_pg'; did you mean 'wgan_gp'"),
        ("loss.name", "relativstic", "did you mean 'relativistic'"),
        ("loss.penalties", {"r3": 1}, "loss.penalties: there is no penalty 'r3'; did you mean"),
        ("loss.penalties.drif", 1, "there is no penalty 'drif'; did you mean 'drift'"),
        ("loss.penalties.r1", -1, "loss.penalties.r1 is -1.0; it must be at least 0"),
        ("loss.penalty_options.r3.x", 1, "loss.penalty_options: there is no penalty 'r3'"),
        ("augment.name", "nonee", "augment.name: there is no augmentation 'nonee'; did you mean"),
    ],
)
def test_what_there_is_not_is_refused_with_the_nearest(key, value, reason):
    with pytest.raises(ValueError, match=reason):
        Config().replace({key: value})


@pytest.mark.parametrize(
    ("section", "name", "penalties"),
    [
        ({}, "non_saturating", {"r1": 10.0}),
        ({"gamma": 0.0}, "non_saturating", {}),
        ({"gamma": 1.0, "r2_gamma": 2.0}, "non_saturating", {"r1": 1.0, "r2": 2.0}),
        ({"name": "wgan"}, "wasserstein", {"drift": 0.001}),
        (
            {"name": "wgan_gp", "gp_weight": 5.0},
            "wasserstein",
            {"gradient_penalty": 5.0, "drift": 0.001},
        ),
        ({"name": "hinge", "gamma": 3.0}, "hinge", {}),
        ({"name": "hinge_gp", "drift": 1.0}, "hinge", {"gradient_penalty": 10.0}),
        ({"name": "hinge", "r2_gamma": 2.0}, "hinge", {"r2": 2.0}),
    ],
)
def test_an_older_file_means_what_it_did(tmp_path, section, name, penalties):
    """R1 was of logistic_ns alone, drift of the wgans, though all files hold all weights."""
    result = of_file(tmp_path, OLD | section)
    assert (result.name, result.penalties, result.penalty_options) == (name, penalties, {})


def test_the_target_of_an_older_file_is_kept(tmp_path):
    result = of_file(tmp_path, OLD | {"name": "wgan_gp", "gp_target": 750.0})
    assert result.penalty_options == {"gradient_penalty": {"target": 750.0}}


def test_a_file_with_penalties_has_no_others(tmp_path):
    result = of_file(tmp_path, {"name": "non_saturating", "penalties": {}})
    assert (result.name, result.penalties) == ("non_saturating", {})


def test_other_old_keys_of_a_file_are_read_without_a_warning(tmp_path, recwarn):
    path = tmp_path / "config.json"
    path.write_text('{"generator": {"config": "b"}, "schedule": {"pairs": 2}}')
    config = Config.from_file(path)
    assert (config.generator.architecture, config.schedule.minibatch_repeats) == ("b", 2)
    assert not [one for one in recwarn if one.category is DeprecationWarning]
