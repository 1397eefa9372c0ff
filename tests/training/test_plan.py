"""Plans: what fits a dataset and a number of replicas."""

import re

import pytest

from random_images import RandomImages
from stylegan_tf.training.config import Config
from stylegan_tf.training.plan import Plan, describe

DATASET = RandomImages(64, num_images=2)
LABELLED = RandomImages(64, num_images=2, label_size=2)


def plan(replicas=1, dataset=DATASET, **values) -> Plan:
    """A plan from the defaults; keys are written with __ for the dot."""
    values = {key.replace("__", "."): value for key, value in values.items()}
    return Plan.make(Config().replace(values), dataset, replicas)


def test_the_resolution_is_that_of_the_dataset():
    assert plan().config.data.resolution == 64
    assert plan(data__resolution=32).config.data.resolution == 32


def test_a_metric_that_there_is_not_is_refused():
    with pytest.raises(ValueError, match="'fidd50k' is no metric; did you mean 'fid50k"):
        plan(metrics__names=["kid50k", "fidd50k"])


@pytest.mark.parametrize("resolution", [128, 1024])
def test_more_than_the_dataset_has_is_refused(resolution):
    with pytest.raises(ValueError, match=f"data.resolution is {resolution}.*64; it can be that or"):
        plan(data__resolution=resolution)


@pytest.mark.parametrize("resolution", [48, 2, 0, -8, 4096])
def test_a_resolution_that_is_no_power_of_two_is_refused(resolution):
    with pytest.raises(ValueError, match=f"data.resolution is {resolution}; it must be a power"):
        plan(data__resolution=resolution)


def test_labels_are_wanted_only_where_there_are_some():
    assert plan(dataset=LABELLED, data__cond=True).config.data.cond
    with pytest.raises(ValueError, match="data.cond needs labels, but images has none"):
        plan(data__cond=True)


@pytest.mark.parametrize(
    ("batch", "replicas", "group", "nearest"),
    [
        (6, 1, 4, [4, 8]),
        (30, 1, 4, [28, 32]),
        (7, 2, 4, [8]),
        (12, 2, 4, [8, 16]),
        (9, 2, 1, [8, 10]),
        (20, 8, 4, [32]),
        (12, 1, 8, [8, 16]),
    ],
)
def test_a_batch_that_cannot_be_shared_is_refused_with_the_nearest_that_can(
    batch, replicas, group, nearest
):
    group = {"discriminator__mbstd_group_size": group}
    with pytest.raises(ValueError, match=f"schedule.batch_base is {batch}, .* at 8×8") as caught:
        plan(replicas, schedule__batch_base=batch, **group)
    named = re.search(r"that fit are ([\d and]+)$", str(caught.value))[1]
    assert [int(size) for size in named.split(" and ")] == nearest
    for size in nearest:
        plan(replicas, schedule__batch_base=size, **group)


@pytest.mark.parametrize(("batch", "replicas"), [(1, 1), (3, 1), (6, 2), (4, 4)])
def test_fewer_images_than_a_group_are_one_group(batch, replicas):
    plan(replicas, schedule__batch_base=batch)


def test_batches_of_resolutions_that_the_run_does_not_reach_do_not_matter():
    plan(schedule__batch={128: 7, 4: 7})
    with pytest.raises(ValueError, match="schedule.batch.64 is 7, .* at 64×64"):
        plan(schedule__batch={64: 7})
    plan(schedule__batch={64: 7}, schedule__total_kimg=600.0)


@pytest.mark.parametrize("gpus", [1, 2, 3, 4, 6, 8])
def test_the_presets_fit_their_machines(gpus):
    Plan.make(Config.published(gpus), RandomImages(1024, 1, 0, 1), gpus)


def test_the_table_has_a_row_for_each_stage():
    rows = plan(schedule__total_kimg=2500.0, schedule__batch={8: 64}).rows()
    assert rows[0][:3] == ("stage", "from kimg", "to kimg")
    assert [row[0] for row in rows[1:]] == [
        "train 8×8",
        "fade in 16×16",
        "train 16×16",
        "fade in 32×32",
        "train 32×32",
    ]
    assert rows[1] == ("train 8×8", "0", "600", "600,000", "64", "9,375", "0.001", "1")
    assert rows[-1][1:4] == ("2400", "2500", "100,000")


def notes(dataset, cond=False) -> list[str]:
    """What the printed plan notes about labels."""
    lines = describe(plan(dataset=dataset, data__cond=cond), dataset, None)
    return [line for line in lines if line.startswith("note") and "--cond" in line]


def test_labels_that_are_not_used_are_noted():
    (line,) = notes(LABELLED)
    assert "the data has labels (kind 0; kind 1), which are not used; --cond" in line
    assert notes(LABELLED, cond=True) == notes(DATASET) == []


def test_folders_that_are_not_used_are_noted():
    dataset = RandomImages(64, num_images=2)
    dataset.unused_folders = ["cats", "dogs"]
    (line,) = notes(dataset)
    assert "the images come from 2 folders (cats; dogs), which are not used" in line
    assert "--labels folders makes labels of them, and --cond trains" in line
