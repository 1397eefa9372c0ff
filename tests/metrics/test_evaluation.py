"""Metrics by name: of generators and networks for which the features are known."""

import numpy as np
import pytest
import tensorflow as tf

import stylegan_tf as sg
import tiny
from damaged import damaged_copy
from image_files import several, write
from known_generators import LATENT, Known, mean_rgb, rgb_seen, squares
from recorded_progress import RecordedProgress
from stylegan_tf.latents import z_from_seeds
from stylegan_tf.metrics import (
    Moments,
    density_coverage,
    evaluate,
    frechet_distance,
    inception_score,
    kernel_distance,
    lpips,
    measurement,
    perceptual_path_length,
    precision_recall,
    weights,
)
from stylegan_tf.metrics.lpips import VGG16_LPIPS
from stylegan_tf.metrics.reals import Reals, sampled_labels

COUNT = 40


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    """24 noisy images of 32×32, RGB and without labels."""
    folder = tmp_path_factory.mktemp("reals")
    source = write(folder / "source", several(24, width=32))
    return sg.datasets.open(sg.datasets.create(source, folder / "made").path)


@pytest.fixture(autouse=True)
def networks(monkeypatch, tmp_path):
    """Networks of mean RGB by any name, a quadratic distance, and a cache of each test's own.

    Gives the names in the order in which they were loaded.
    """
    loaded = []

    def load_network(name, source=None):
        loaded.append(name)
        return mean_rgb(name, classes=name != "unsure")

    monkeypatch.setattr(measurement, "load_network", load_network)
    monkeypatch.setattr(lpips, "load_lpips", lambda: squares)
    monkeypatch.setenv(weights.CACHE, str(tmp_path / "cache"))
    return loaded


def reals_seen(dataset, count=24, mirror=False):
    means = np.stack([*dataset.images(count)]).mean((1, 2))
    return np.repeat(means, 2, 0) if mirror else means


def fakes_seen(count=COUNT, seed=0):
    return rgb_seen(z_from_seeds(range(seed * 2**32, seed * 2**32 + count), LATENT))


def distance(reals, fakes):
    a, b = Moments(reals), Moments(fakes)
    return frechet_distance(a.mean, a.covariance, b.mean, b.covariance)


def softmax(x):
    e = np.exp(x - x.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def one(dataset, *names, generator=None, **options):
    (result,) = evaluate(generator or Known(), dataset, names, **options)
    return result


def test_a_frechet_distance_is_that_of_the_features(dataset):
    result = one(dataset, "fd_rgb_40", sources={"rgb": "file"})
    assert result.value == pytest.approx(distance(reals_seen(dataset), fakes_seen()), rel=1e-5)
    assert (result.metric, result.images, result.reals) == ("fd_rgb_40", 40, 24)
    assert (result.features, result.weights_sha256) == ("rgb", "0" * 64)
    assert (result.deviation, result.numbers, result.notes) == (None, {}, ())
    assert result.seconds > 0


def test_only_full_takes_more_real_images_than_generated_ones(dataset):
    results = [*evaluate(Known(), dataset, ["fid10", "fid10_full"])]
    assert [result.reals for result in results] == [10, 24]
    expected = [distance(reals_seen(dataset, n), fakes_seen(10)) for n in (10, 24)]
    assert [result.value for result in results] == pytest.approx(expected, rel=1e-5)


def test_all_metrics_of_features_are_those_functions(dataset):
    reals, fakes = reals_seen(dataset), fakes_seen()
    names = ["kid40", "is40", "pr40", "dc40"]
    kid, score, pr, dc = evaluate(Known(), dataset, names)
    mean, deviation = kernel_distance(reals, fakes)
    assert (kid.value, kid.deviation) == pytest.approx((mean, deviation), rel=1e-4)
    mean, deviation = inception_score(softmax(fakes / 50))
    assert (score.value, score.deviation) == pytest.approx((mean, deviation), rel=1e-4)
    assert (score.reals, score.images) == (None, 40)
    precision, recall = precision_recall(reals, fakes)
    assert pr.value == precision
    assert pr.numbers == {"precision": precision, "recall": recall}
    density, coverage = density_coverage(reals, fakes)
    assert dc.value == pytest.approx(density)
    assert dc.numbers == pytest.approx({"density": density, "coverage": coverage})
    assert (kid.features, pr.features) == ("inception", "vgg16_fc2")


def test_metrics_of_the_same_features_share_images_and_networks(dataset, networks):
    drawn = []

    def images(w):
        tf.py_function(lambda: drawn.append(int(w.shape[0])), [], [])
        return Known().synthesis.images(w)

    names = ["fid40", "fd_vgg16_20", "kid40", "is20", "fid40"]
    results = [*evaluate(Known(images=images), dataset, names, batch=10)]
    assert [result.metric for result in results] == ["fid40", "kid40", "is20", "fd_vgg16_20"]
    assert sum(drawn) == 40 + 20
    assert networks == ["inception", "vgg16"]


def test_real_images_are_looked_at_once(dataset, monkeypatch):
    names = ["fid40", "kid40", "pr40", "fid10"]
    first = [*evaluate(Known(), dataset, names)]
    monkeypatch.setattr(Reals, "batches", None)
    again = [*evaluate(Known(), dataset, names)]
    assert [result.value for result in again] == [result.value for result in first]


def test_what_is_damaged_in_the_cache_is_computed_again(dataset, tmp_path):
    expected = one(dataset, "fid40", cache=tmp_path / "other").value
    (file,) = (tmp_path / "other" / "reals").iterdir()
    file.write_bytes(file.read_bytes()[:100])
    assert one(dataset, "fid40", cache=tmp_path / "other").value == expected
    assert len(file.read_bytes()) > 100


def test_mirrored_images_count_twice(dataset):
    result = one(dataset, "fid40", mirror=True)
    assert result.reals == 40
    expected = distance(reals_seen(dataset, 20, mirror=True), fakes_seen())
    assert result.value == pytest.approx(expected, rel=1e-5)
    assert one(dataset, "fid40").value != pytest.approx(expected, rel=1e-5)  # not from the cache


def test_another_seed_is_another_set(dataset):
    expected = distance(reals_seen(dataset), fakes_seen(seed=1))
    assert one(dataset, "fid40", seed=1).value == pytest.approx(expected, rel=1e-5)


def test_reals_have_the_resolution_that_the_network_has_grown_to(dataset):
    """Rounded means of squares: at 4×4 the RGB values are not those of 32×32."""
    x = np.stack([*dataset.images()]).astype(float).reshape(24, 4, 8, 4, 8, 3).mean((2, 4))
    expected = distance(np.rint(x).mean((1, 2)), fakes_seen())
    result = one(dataset, "fid40", generator=Known(side=4))
    assert result.value == pytest.approx(expected, rel=1e-5)


def test_conditional_networks_draw_the_labels_of_the_data():
    """RGB values are three numbers of the labels of the bundled images."""
    dataset = sg.datasets.open(sg.datasets.bundled())
    generator = Known(mapping=lambda z, labels: labels[:, 3:], label_size=9)
    labels = sampled_labels(dataset, 50, seed=4)[:, 3:]
    assert len(np.unique(labels[:, :3], axis=0)) > 1
    expected = inception_score(softmax(rgb_seen(labels) / 50))
    assert one(dataset, "is50", generator=generator, seed=4).value == pytest.approx(expected.mean)


def test_path_lengths_are_those_of_the_function():
    results = evaluate(Known(), None, ["ppl_wfull_20", "ppl_zend_10"], seed=3)
    for result, space, sampling, count in zip(
        results, "wz", ("full", "end"), (20, 10), strict=True
    ):
        expected = perceptual_path_length(
            Known(), space, sampling, count, seed=3, perceptual=squares
        )
        assert result.value == pytest.approx(expected)
        assert (result.images, result.reals) == (count, None)
        assert (result.features, result.weights_sha256) == ("lpips_vgg16", VGG16_LPIPS.sha256)


def test_separability_comes_with_its_entropies():
    pytest.importorskip("sklearn")
    from stylegan_tf.metrics.classifiers import Classifiers

    classifiers = Classifiers(mean_rgb("classifiers"), ["red", "green", "blue"])
    result = one(None, "ls_40", classifiers=classifiers)
    assert result.value == result.numbers["score_w"] == 1  # no mean of R, G or B is negative
    assert result.numbers["score_z"] == 1
    assert {*result.numbers} >= {"entropy_w/red", "entropy_z/blue"}
    assert result.images == 40


@pytest.mark.parametrize(("channels", "word"), [(1, "repeated"), (4, "white")])
def test_a_result_says_how_other_channels_were_shown(channels, word):
    result = one(None, "is_rgb_10", generator=tiny.generator(channels=channels))
    assert word in result.notes[0]


def test_progress_hears_of_everything(dataset):
    progress = RecordedProgress()
    one(dataset, "fid40", batch=30, progress=progress)
    of_fakes = [("generated images, inception", done, 40) for done in (30, 40)]
    assert progress.calls == [("real images, inception", 24, 24), *of_fakes]


def never(w):
    raise AssertionError("an image was drawn")


@pytest.mark.parametrize(
    ("name", "changes", "reason"),
    [
        ("fid", {}, "'fid' is no metric; did you mean 'fid50k"),
        ("fid40", {"dataset": None}, "fid40 compares with real images: give a dataset"),
        ("fid40", {"channels": 1}, "have 3 channels, those of this network 1"),
        ("fid40", {"side": 64}, "resolution 64 is not a power of two from 4 to 32"),
        ("fid40", {"label_size": 3}, "this network has labels of 3 numbers, those of .* have 0"),
        ("is40", {"label_size": 3, "dataset": None}, "has labels, which are sampled from the data"),
        ("is_unsure_40", {}, "is_unsure_40: unsure gives no probabilities of classes"),
        ("is5", {}, "is5: at least 10 images are needed"),
        ("pr3", {}, "pr3: at least 4 images are needed"),
        ("ppl_wfull", {"side": 16}, "ppl_wfull needs images of 32×32 or more"),
        ("ls", {}, "ls needs classifiers of attributes: give a Keras model; stylegan-tf"),
        ("fid40", {"sources": {"mine": "f"}}, "'mine' has weights, but the metrics use inception"),
        ("ls", {"classifiers": "none.keras"}, "none.keras does not exist"),
    ],
)
def test_everything_is_checked_before_the_first_image(dataset, name, changes, reason):
    options = {key: changes.pop(key) for key in ("sources", "classifiers") if key in changes}
    data = changes.pop("dataset", dataset)
    generator = Known(images=never, **changes)
    with pytest.raises(ValueError, match=reason):
        evaluate(generator, data, ["is40", name], **options)


def test_too_few_real_images_are_refused(tmp_path):
    source = write(tmp_path / "source", several(3, width=32))
    few = sg.datasets.create(source, tmp_path / "made")
    with pytest.raises(ValueError, match="pr40 needs 4 real images, and .*made has 3"):
        evaluate(Known(images=never), few, ["pr40"])


def test_a_dataset_that_is_damaged_is_named(dataset, tmp_path):
    copy = damaged_copy(dataset, tmp_path / "copy")
    manifest = copy / "dataset.json"  # other hashes: nothing of it is in the cache
    manifest.write_text(manifest.read_text().replace('"sha256": "', '"sha256": "0'))
    results = evaluate(Known(), sg.datasets.open(copy), ["fid40"])
    with pytest.raises(ValueError, match="is damaged"):
        next(results)


def test_without_scikit_learn_the_package_is_named(monkeypatch):
    from importlib import util

    monkeypatch.setattr(util, "find_spec", lambda name: None)
    with pytest.raises(ValueError, match=r"pip install 'stylegan-tf\[metrics\]'"):
        evaluate(Known(images=never), None, ["ls"], classifiers="c.keras")
