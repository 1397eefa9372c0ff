"""Registrations of metrics."""

import subprocess
import sys

import numpy as np
import pytest

import stylegan_tf as sg
from stylegan_tf.metrics import registration
from stylegan_tf.metrics.names import parse
from stylegan_tf.metrics.registration import METRICS, Measured, Published, register
from stylegan_tf.registry import Registry


@pytest.fixture(autouse=True)
def registered(monkeypatch):
    """What a test registers is forgotten."""
    monkeypatch.setattr(METRICS, "_entries", dict(METRICS._entries))


def add(name, compute=lambda real, fake: 1.0, **options):
    """Registers a metric of features, if nothing else is said."""
    return register(name, **{"needs": "features", **options})(compute)


@pytest.mark.parametrize(
    ("options", "name", "count"),
    [
        ({"needs": "features"}, "mine_vgg16_5k", 5000),
        ({"needs": "features"}, "mine_vgg16", 50_000),
        ({"needs": "moments"}, "mine_vgg16_fc2_7_full", 7),
        ({"needs": "probabilities", "count": 9}, "mine_inception", 9),
        ({"needs": "images"}, "mine_5k", 5000),
        ({"needs": "images"}, "mine", 50_000),
        ({"needs": "generator", "minimum": 1}, "mine_1", 1),
        ({"needs": "generator", "count": 100}, "mine", 100),
        ({"needs": "features", "published": Published("my", "vgg16")}, "my5k", 5000),
    ],
)
def test_a_name_follows_from_what_is_needed(options, name, count):
    add("mine", **options)
    request = parse(name)
    assert (request.metric.name, request.count) == ("mine", count)


@pytest.mark.parametrize("name", ["mine", "mine_5k", "mine5k", "mine_", "mine_vgg16_full"])
def test_features_must_be_named(name):
    add("mine")
    with pytest.raises(ValueError, match="is no metric"):
        parse(name)


def test_of_two_names_that_fit_the_longer_is_meant():
    add("mine")
    add("mine_x", needs="images")
    assert parse("mine_x_9").metric.name == "mine_x"
    assert parse("mine_y_9").features == "y"


def test_the_function_stays_what_it_was():
    def compute(real, fake):
        return 2.0

    assert add("mine", compute) is compute
    assert METRICS.get("mine").compute is compute


def test_a_module_that_is_run_again_replaces_its_metrics():
    code = "def compute(real, fake):\n    return 1.0\n"
    for _ in range(2):
        module = {"__name__": "notebook"}
        exec(code, module)
        add("mine", module["compute"])


@pytest.mark.parametrize(
    ("name", "options", "reason"),
    [
        ("mine", {"needs": "pixels"}, "needs is 'pixels'; it can be moments, features, prob"),
        ("my-metric", {}, "'my-metric': a name has letters, digits and underscores"),
        ("mine", {"minimum": 0}, "minimum is 0; it must be 1 or more"),
        ("fd", {}, "there is a metric 'fd' already"),
        ("fid", {}, "there is a metric 'fid' already"),
    ],
)
def test_what_cannot_be_registered_is_refused(name, options, reason):
    with pytest.raises(ValueError, match=reason):
        add(name, **options)


def test_what_a_function_returns_becomes_numbers():
    assert Measured.of(np.float32(0.5)) == Measured(0.5)
    assert Measured.of({"a": 1, "b": 2}) == Measured(1.0, numbers={"a": 1.0, "b": 2.0})
    assert Measured.of(Measured(3.0, 1.0)) == Measured(3.0, 1.0)
    with pytest.raises(ValueError, match="a float, or a dict of at least one"):
        Measured.of({})
    with pytest.raises(ValueError, match="a float, or a dict of at least one"):
        Measured.of(None)


def test_an_array_is_described_by_its_shape():
    with pytest.raises(ValueError, match=r"not ndarray of shape \(2, 3\)\Z"):
        Measured.of(np.zeros([2, 3]))


def test_of_a_metric_without_a_usual_number_the_message_names_one():
    register("demo_counted", needs="images", count=None)(lambda real, fake: 0.0)
    with pytest.raises(ValueError, match="'demo_counted' is no metric; .* 'demo_counted_50k'"):
        parse("demo_counted")


def test_an_axis_says_label_unit_and_direction():
    add("mine", label="contrast", unit="levels", higher_is_better=True)
    assert METRICS.get("mine").axis("vgg16") == "contrast (levels), higher is better"
    add("other")
    assert METRICS.get("other").axis(None) == "other, lower is better"


def test_the_package_registers_where_the_names_of_its_own_are_taken():
    """In a process in which nothing else was imported."""
    code = "import stylegan_tf as sg; sg.metrics.register('kd', needs='images')(abs)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "there is a metric 'kd' already" in done.stderr


def test_each_kind_has_a_registry_of_its_own():
    assert isinstance(registration.METRICS, Registry)
    assert "fd" in METRICS


def test_functions_are_not_hidden_by_modules():
    """Python makes a module that is imported an attribute of its package."""
    code = (
        "import importlib, pkgutil, numpy as np; from stylegan_tf import metrics\n"
        "for found in pkgutil.walk_packages(metrics.__path__, 'stylegan_tf.metrics.'):\n"
        "    importlib.import_module(found.name)\n"
        "import stylegan_tf as sg\n"
        "assert sg.metrics.inception_score(np.full((30, 4), 0.25)).mean == 1\n"
        "hidden = [name for name in metrics.__all__ if not callable(getattr(metrics, name))]\n"
        "assert not hidden, hidden"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert callable(sg.metrics.precision_recall)
