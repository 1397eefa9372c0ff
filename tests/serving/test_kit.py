"""The files beside a model: what their readers make of them."""

import json
import re

import pytest
import yaml

from stylegan_tf.serving import kit, warmup


@pytest.fixture
def written(tmp_path):
    """The text of each file, for the model `My_Faces`."""
    folder = kit.write(tmp_path / "My_Faces", batch_sizes=(4, 1, 2))
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}


def test_all_files_are_there(written):
    expected = ["batching", "models", "monitoring"]
    others = {"Dockerfile", "compose.yaml", "kserve.yaml", "vertex.json"}
    assert set(written) == {f"{name}.config" for name in expected} | others


@pytest.mark.skipif(not warmup.available(), reason="needs tensorflow-serving-api")
def test_the_server_can_read_its_models(written):
    from google.protobuf import text_format
    from tensorflow_serving.config import model_server_config_pb2

    config = model_server_config_pb2.ModelServerConfig()
    text_format.Parse(written["models.config"], config)
    (model,) = config.model_config_list.config
    assert (model.name, model.base_path) == ("My_Faces", "/models/My_Faces")


def test_the_largest_batch_is_the_last_allowed_one(written):
    """The server refuses anything else."""
    sizes = re.findall(r"allowed_batch_sizes: (\d+)", written["batching.config"])
    assert sizes == ["1", "2", "4"]
    assert "max_batch_size { value: 4 }" in written["batching.config"]


def test_every_file_that_a_server_is_told_of_is_there(written):
    messages = re.findall(r"kit/([a-z]+\.config)", "".join(written.values()))
    assert set(messages) == {"models.config", "batching.config", "monitoring.config"}


def test_manifests_in_json_and_yaml_can_be_read(written):
    container = json.loads(written["vertex.json"])["model"]["containerSpec"]
    assert container["predictRoute"] == "/v1/models/My_Faces:predict"
    service = yaml.safe_load(written["kserve.yaml"])
    assert service["metadata"]["name"] == "my-faces"
    compose = yaml.safe_load(written["compose.yaml"])
    assert compose["services"]["my-faces"]["volumes"] == ["..:/models/My_Faces:ro"]


def test_writing_again_replaces_the_files(tmp_path):
    kit.write(tmp_path / "m", batch_sizes=[1])
    folder = kit.write(tmp_path / "m", batch_sizes=[1, 16])
    assert "max_batch_size { value: 16 }" in (folder / "batching.config").read_text()


@pytest.mark.parametrize("name", ["two words", 'quo"te', "émoji"])
def test_names_that_addresses_cannot_hold_are_refused(name, tmp_path):
    with pytest.raises(ValueError, match="letters, digits"):
        kit.write(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("sizes", [[], [0]])
def test_batch_sizes_that_no_server_takes_are_refused(sizes, tmp_path):
    with pytest.raises(ValueError, match="batch_sizes"):
        kit.write(tmp_path / "m", batch_sizes=sizes)
