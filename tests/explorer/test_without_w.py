"""The explorer of a network without w: seeds, labels, and lines in z."""

import numpy as np
import pytest

import stylegan_tf as sg
import tiny
from compare import assert_close
from stylegan_tf.explorer import Controls, LocalSession
from stylegan_tf.explorer.recipe import recipe
from stylegan_tf.images import to_uint8
from stylegan_tf.latents import z_from_seeds


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    path = tmp_path_factory.mktemp("dcgan") / "g.keras"
    tiny.plain_generator(label_size=3).save(path)
    return LocalSession(path)


def test_an_image_is_that_of_the_pipeline(session):
    image = session.generate(Controls(seed=4, psi=1.0, label=2))
    expected = sg.Pipeline(session.generator)(seeds=[4], label=2, output_type="np")[0]
    np.testing.assert_array_equal(image, expected)


def test_a_strip_is_a_line_in_z(session):
    images = session.strip(Controls(seed=4, psi=1.0, label=2), seed=5, count=3)
    z = np.mean(z_from_seeds([4, 5], tiny.LATENT), axis=0, keepdims=True)
    middle = to_uint8(session.generator(z, np.eye(3, dtype=np.float32)[2:]))[0]
    assert_close(np.asarray(images[1], int), np.asarray(middle, int), 1 / 255)


@pytest.mark.parametrize(
    "controls", [{}, {"psi": 1.0, "mixing": {7: [0]}}, {"psi": 1.0, "directions": {"pca 1": 1}}]
)
def test_what_w_would_be_for_is_refused(session, controls):
    with pytest.raises(ValueError, match="without w there is no mixing and no direction, and psi"):
        session.generate(Controls(seed=1, **controls))


def test_there_are_no_directions(session, tmp_path):
    assert session.direction_names == []
    sg.directions.save({"smile": np.ones(9)}, tmp_path / "d.npz")
    with pytest.raises(ValueError, match=r"d.npz: this network has no w to move in"):
        LocalSession(session.source, tmp_path / "d.npz")


def test_the_page_leaves_out_what_is_of_w(session, tmp_path):
    pytest.importorskip("gradio", reason="gradio is not installed (extra explorer)")
    from stylegan_tf.explorer.page import Page

    page = Page(session, tmp_path)
    panel = page._panel
    assert panel.directions_tab is None
    names = {component.elem_id for component in panel.components}
    assert names == {"seed", "class", "noise"}
    controls = panel.controls({component: component.value for component in panel.components})
    assert controls == Controls(seed=0, psi=1.0)
    assert recipe(session, controls).endswith("--seeds 0 --trunc 1.0")
    session.generate(controls)


def test_at_a_server_it_cannot_be_explored():
    pytest.importorskip("tenacity", reason="needs the extra `serving`")
    from stylegan_tf.explorer.remote import facts_of

    with pytest.raises(ValueError, match="the model has no w, without which it cannot be explored"):
        facts_of({"serving_default": {}, "generate": {}}, None)
