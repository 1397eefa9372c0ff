"""Names of metrics."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stylegan_tf.metrics.names import examples, parse


@pytest.mark.parametrize(
    ("name", "kind", "features", "count", "full"),
    [
        ("fid50k", "fd", "inception", 50_000, False),
        ("fid50k_full", "fd", "inception", 50_000, True),
        ("kid5k", "kd", "inception", 5000, False),
        ("is500", "is", "inception", 500, False),
        ("pr50k", "pr", "vgg16_fc2", 50_000, False),
        ("dc10k", "dc", "vgg16_fc2", 10_000, False),
        ("fd_vgg16_50k", "fd", "vgg16", 50_000, False),
        ("fd_vgg16_300_full", "fd", "vgg16", 300, True),
        ("kd_mobilenet_v2_1k", "kd", "mobilenet_v2", 1000, False),
        ("is_my_own-net_20", "is", "my_own-net", 20, False),
        ("pr_clip2_50k", "pr", "clip2", 50_000, False),
        ("ppl_zfull", "ppl_zfull", None, 100_000, False),
        ("ppl_wend_1k", "ppl_wend", None, 1000, False),
        ("ls", "ls", None, 200_000, False),
        ("ls_10k", "ls", None, 10_000, False),
    ],
)
def test_a_name_says_what_is_measured(name, kind, features, count, full):
    request = parse(name)
    assert (request.name, request.metric.name) == (name, kind)
    assert (request.features, request.count, request.full) == (features, count, full)


@given(st.integers(2, 10**6), st.sampled_from(["fid{}", "kd_vgg16_{}", "ppl_wfull_{}", "ls_{}"]))
def test_any_number_is_a_count_and_k_is_a_thousand(count, pattern):
    assert parse(pattern.format(count)).count == count
    assert parse(pattern.format(f"{count}k")).count == 1000 * count


@pytest.mark.parametrize("name", examples())
def test_what_messages_name_is_a_metric(name):
    assert parse(name).name == name


def test_only_distances_and_manifolds_need_real_images():
    needing = {parse(name).metric.name for name in examples() if parse(name).metric.compares}
    assert needing == {"fd", "kd", "pr", "dc"}


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("fid", "'fid' is no metric; did you mean 'fid50k"),
        ("FID50k", "'FID50k' is no metric; did you mean 'fid50k"),
        ("fid50kfull", "did you mean 'fid50k_full'"),
        ("fd_vgg_", "did you mean 'fd_vgg16_50k'"),
        ("fd_50k", "did you mean 'fid50k"),
        ("ppl_w", "did you mean 'ppl_wend'"),
        ("", "is no metric; did you mean"),
        ("kid50k_full", "only fid and fd compare with all real images"),
        ("ls50k", "did you mean"),
        ("fid1", "at least 2 images are needed"),
        ("ppl_wfull_0", "at least 2 images are needed"),
    ],
)
def test_what_is_no_metric_is_refused(name, reason):
    with pytest.raises(ValueError, match=reason):
        parse(name)
