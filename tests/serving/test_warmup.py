"""Warm-up requests: every signature at every batch size, and all of them can be answered."""

import importlib.util

import pytest
import tensorflow as tf

import tiny
from served import load
from stylegan_tf.cli import main
from stylegan_tf.serving import export, warmup

needs_api = pytest.mark.skipif(not warmup.available(), reason="needs tensorflow-serving-api")


def requests(folder):
    """The PredictRequests that a server reads."""
    from tensorflow_serving.apis import prediction_log_pb2

    path = folder / "assets.extra" / "tf_serving_warmup_requests"
    for record in tf.data.TFRecordDataset(str(path)).as_numpy_iterator():
        yield prediction_log_pb2.PredictionLog.FromString(record).predict_log.request


@needs_api
@pytest.mark.parametrize("with_labels", [False, True])
def test_every_request_can_be_answered(with_labels, request):
    folder = request.getfixturevalue("labelled_model" if with_labels else "model")
    seen = set()
    for asked in requests(folder):
        name = asked.model_spec.signature_name
        function = load(folder).signatures[name]
        assert set(asked.inputs) == set(function.structured_input_signature[1])
        given = {key: tf.constant(tf.make_ndarray(p)) for key, p in asked.inputs.items()}
        (size,) = {value.shape[0] for value in given.values()}
        assert {value.shape[0] for value in function(**given).values()} == {size}
        assert asked.model_spec.name == folder.parent.name
        seen.add((name, size))
    assert seen == {(name, size) for name in load(folder).signatures for size in (1, 2, 4, 8)}


@needs_api
def test_requests_take_little_room(model):
    """Every number of an input is the same, and written once."""
    assert (model / "assets.extra" / "tf_serving_warmup_requests").stat().st_size < 10_000


@needs_api
def test_batch_sizes_are_those_asked_for(tmp_path):
    generator = tiny.generator(resolution=8)
    folder = export(generator, tmp_path, precision="bfloat16", batch_sizes=[3])
    result = list(requests(folder))
    assert {
        request.inputs[key].tensor_shape.dim[0].size for request in result for key in request.inputs
    } == {3}
    assert len(result) == 5


@pytest.mark.parametrize("sizes", [[0], [2, -1], [1.5]])
def test_sizes_that_no_batch_has_are_refused(sizes, generator, tmp_path):
    with pytest.raises(ValueError, match="batch_sizes has"):
        export(generator, tmp_path / "m", batch_sizes=sizes)
    assert list(tmp_path.iterdir()) == []


@needs_api
def test_more_requests_than_a_server_takes_are_refused(generator, tmp_path):
    with pytest.raises(ValueError, match="1005 warm-up requests; a server takes 1000"):
        export(generator, tmp_path / "m", batch_sizes=range(1, 202))
    assert list(tmp_path.iterdir()) == []


def test_without_the_api_the_command_says_what_is_missing(tmp_path, monkeypatch, capsys):
    tiny.generator(resolution=8).save(tmp_path / "g.keras")
    find = importlib.util.find_spec
    hidden = {"tensorflow_serving"}
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *a: None if name in hidden else find(name, *a)
    )
    main(["export", str(tmp_path / "g.keras"), str(tmp_path / "m")])
    assert "no warm-up requests: install tensorflow-serving-api" in capsys.readouterr().err
    assert [path.name for path in (tmp_path / "m/1/assets.extra").iterdir()] == ["metadata.json"]
