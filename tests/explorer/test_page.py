"""The page in a browser: controls move, images follow."""

import base64
import contextlib
import io
import time

import numpy as np
import pytest
from PIL import Image

import tiny
from browser import TIMEOUT, answering, chromium
from stylegan_tf import figures
from stylegan_tf.explorer import Controls, LocalSession
from stylegan_tf.explorer.recipe import recipe

pytest.importorskip("gradio", reason="gradio is not installed (extra explorer)")

import gradio as gr  # noqa: E402

from stylegan_tf.explorer.page import app, shown_errors  # noqa: E402


@pytest.fixture(scope="module")
def browser():
    """A headless Chromium."""
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def address(browser, session, tmp_path_factory):
    """Where the page of the session is."""
    with answering(app(session, tmp_path_factory.mktemp("images"))) as url:
        yield url


@pytest.fixture(scope="module")
def remote(browser, session, tmp_path_factory):
    """A session with a model server of the same network."""
    for module in ("requests", "tenacity", "starlette", "prometheus_client"):
        pytest.importorskip(module, reason="needs the extra `serving`")
    from local_server import in_thread
    from stylegan_tf.explorer import RemoteSession
    from stylegan_tf.serving import export

    folder = tmp_path_factory.mktemp("served") / "tiny"
    export(session.generator, folder)
    with in_thread(folder) as url:
        yield RemoteSession(url, "tiny")


@pytest.fixture(scope="module")
def remote_address(remote, tmp_path_factory):
    """Where its page is."""
    with answering(app(remote, tmp_path_factory.mktemp("images"))) as url:
        yield url


@pytest.fixture
def page(browser, address):
    """The page, freshly opened, with its first image drawn."""
    with opened(browser, address) as page:
        yield page


@contextlib.contextmanager
def opened(browser, address):
    """A page with its first image drawn."""
    page = browser.new_page()
    page.set_default_timeout(TIMEOUT)
    page.goto(address)
    page.wait_for_selector("#image img")
    yield page
    page.close()


def shown(page, name="image") -> np.ndarray:
    """The pixels of an image on the page."""
    source = page.locator(f"#{name} img").get_attribute("src")
    return np.array(Image.open(io.BytesIO(page.request.get(source).body())))


def decoded(url) -> np.ndarray:
    """The pixels of a PNG inside a URL."""
    return np.array(Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))))


def wait_for(page, happened) -> None:
    """Until something is so; the last look fails with what is there."""
    end = time.monotonic() + TIMEOUT / 1000
    while not happened() and time.monotonic() < end:
        page.wait_for_timeout(50)


def assert_shows(page, session, controls) -> None:
    """The page comes to show the image of some controls, and how to make it again."""
    text = recipe(session, controls)
    expected = session.generate(controls)
    wait_for(page, lambda: written(page) == text.strip() and equal(shown(page), expected))
    assert written(page) == text.strip()
    np.testing.assert_array_equal(shown(page), expected)


def written(page) -> str:
    return "\n".join(page.locator("#recipe .cm-line").all_text_contents()).strip()


def equal(one, other) -> bool:
    return one.shape == other.shape and bool((one == other).all())


def move(page, name, value) -> None:
    """Moves a slider."""
    page.locator(f"#{name} input[type=range]").fill(str(value))


def number(page, name, value) -> None:
    """Writes a number into a field."""
    page.locator(f"#{name} input").fill(str(value))


def tab(page, name) -> None:
    page.get_by_role("tab", name=name).click()


def tick(page, name, layer) -> None:
    page.locator(f"#{name} input[name='{layer}']").check()


def choose(page, name, text) -> None:
    page.locator(f"#{name} input").click()
    page.get_by_role("option", name=text, exact=True).click()


def test_the_first_image_is_that_of_generate(page, session):
    assert_shows(page, session, Controls())


def test_nothing_is_asked_of_other_machines(page, address):
    calls = []
    page.on("request", lambda request: calls.append(request.url))
    page.reload()
    page.wait_for_selector("#image img")
    page.wait_for_timeout(1000)
    assert len(calls) > 5
    assert not [url for url in calls if not url.startswith((address, "data:", "blob:"))]


def test_small_images_are_enlarged_without_smoothing(page):
    image = page.locator("#image img")
    assert image.evaluate("one => getComputedStyle(one).imageRendering") == "pixelated"
    assert image.bounding_box()["height"] > 300


def test_every_control_changes_the_image(page, session):
    """One after the other, each from where the one before left off."""
    number(page, "seed", 7)
    assert_shows(page, session, Controls(seed=7))
    page.get_by_text(f"by the seed: {session.label_of_seed(7)}").wait_for()
    move(page, "psi", 1.1)
    assert_shows(page, session, Controls(seed=7, psi=1.1))
    move(page, "cutoff", 2)
    now = {"seed": 7, "psi": 1.1, "cutoff": 2}
    assert_shows(page, session, Controls(**now))
    choose(page, "class", "2")
    now["label"] = 2
    assert_shows(page, session, Controls(**now))
    assert not page.get_by_text("by the seed:").is_visible()
    tick(page, "mix-layers-1", 3)
    tick(page, "mix-layers-1", 2)
    number(page, "mix-seed-1", 40)
    now["mixing"] = {40: [2, 3]}
    assert_shows(page, session, Controls(**now))
    tick(page, "mix-layers-3", 5)
    now["mixing"] = {40: [2, 3], 3: [5]}
    assert_shows(page, session, Controls(**now))
    tab(page, "Noise")
    page.get_by_label("stored").check()
    now["noise"] = "constant"
    assert_shows(page, session, Controls(**now))
    move(page, "strength-4", 2.5)
    now["strengths"] = {4: 2.5}
    assert_shows(page, session, Controls(**now))
    tab(page, "Directions")
    move(page, "direction-1", -1.3)
    now["directions"] = {"component 2": -1.3}
    assert_shows(page, session, Controls(**now))


def test_directions_show_where_they_lead(page, session):
    tab(page, "Directions")
    images = page.locator("#ends-1 img")
    images.last.wait_for()
    ends = [decoded(image.get_attribute("src")) for image in images.all()]
    for end, amount in zip(ends, (-3, 3), strict=True):
        expected = session.moved_mean("component 2", amount)
        np.testing.assert_array_equal(end[2::4, 2::4], expected)  # 16×16 as 64×64
    page.get_by_text("principal components of w").wait_for()


@pytest.mark.parametrize("width", [390, 1280])
def test_the_image_is_as_tall_as_it_is_wide(page, width):
    page.set_viewport_size({"width": width, "height": 844})
    frame = page.locator("#image").bounding_box()
    image = page.locator("#image img").bounding_box()
    assert abs(image["width"] - image["height"]) < 4
    assert frame["height"] < image["height"] + 80


def test_all_tabs_are_in_sight_on_a_phone(page):
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_timeout(500)  # gradio hides what does not fit once it has measured
    tabs = [each.inner_text() for each in page.get_by_role("tab").all() if each.is_visible()]
    assert tabs == ["Mixing", "Noise", "Directions", "Interpolation"]
    assert len({each.bounding_box()["y"] for each in page.get_by_role("tab").all()}) == 1


def test_one_box_ticks_all_layers(page, session):
    box = page.locator("#mix-layers-1").get_by_title("Select/Deselect All")
    assert box.evaluate("one => getComputedStyle(one).borderTopWidth") == "1px"
    box.check()
    layers = list(range(session.facts.num_layers))
    assert_shows(page, session, Controls(mixing={1: layers}))


def test_a_class_can_be_left_to_the_seed_again(page, session):
    field = page.locator("#class input")
    assert field.input_value() == "by the seed"
    choose(page, "class", "2")
    assert_shows(page, session, Controls(label=2))
    choose(page, "class", "by the seed")
    assert_shows(page, session, Controls())
    page.get_by_text(f"by the seed: {session.label_of_seed(0)}").wait_for()


def test_labels_that_are_numbers_have_a_field(browser, tmp_path):
    network = tiny.generator(resolution=8, label_size=2, label_samples=[[1.0, 7.5], [2.0, 3.0]])
    network.save(tmp_path / "g.keras")
    session = LocalSession(tmp_path / "g.keras")
    with (
        answering(app(session, tmp_path)) as url,
        opened(browser, url) as page,
    ):
        assert_shows(page, session, Controls())
        field = page.locator("#label").locator("input, textarea")
        field.fill("1.5, -2")
        assert_shows(page, session, Controls(label=(1.5, -2.0)))
        field.fill("1.5")
        page.get_by_text("1 number(s), and the labels of this network have 2").wait_for()


def test_noise_can_be_turned_off(page, session):
    tab(page, "Noise")
    page.get_by_label("none").last.check()
    assert_shows(page, session, Controls(noise="none"))


def test_a_random_seed_is_drawn(page, session):
    page.locator("#random").click()
    wait_for(page, lambda: "--seeds 0 " not in written(page))
    seed = int(page.locator("#seed input").input_value())
    assert_shows(page, session, Controls(seed=seed))


def test_what_is_saved_is_the_image(page, session, tmp_path):
    number(page, "seed", 12)
    assert_shows(page, session, Controls(seed=12))
    with page.expect_download() as download:
        page.locator("#save").click()
    assert download.value.suggested_filename == "seed0012.png"
    download.value.save_as(tmp_path / "saved.png")
    saved = np.array(Image.open(tmp_path / "saved.png"))
    np.testing.assert_array_equal(saved, session.generate(Controls(seed=12)))


def test_a_strip_is_drawn_and_saved(page, session, tmp_path):
    tab(page, "Interpolation")
    number(page, "to-seed", 9)
    move(page, "count", 5)
    page.wait_for_timeout(500)  # nobody clicks in the same millisecond
    page.locator("#draw-strip").click()
    page.wait_for_selector("#strip img")
    expected = figures.grid(np.stack(session.strip(Controls(), 9, 5)), columns=5)
    np.testing.assert_array_equal(shown(page, "strip"), expected)
    with page.expect_download() as download:
        page.locator("#save-strip").click()
    download.value.save_as(tmp_path / "strip.png")
    np.testing.assert_array_equal(np.array(Image.open(tmp_path / "strip.png")), expected)


def test_an_empty_field_is_told_and_the_page_goes_on(page, session):
    number(page, "seed", "")
    page.get_by_text("the seed is empty; write a whole number").wait_for()
    number(page, "seed", 3)
    assert_shows(page, session, Controls(seed=3))


def test_fast_moves_end_at_the_last_one_without_drawing_all(page, session, monkeypatch):
    drawn, draw = [], session.generate

    def slow(controls):
        drawn.append(controls.psi)
        time.sleep(0.3)
        return draw(controls)

    monkeypatch.setattr(session, "generate", slow)
    moves = [round(0.05 * step, 2) for step in range(1, 21)]
    for psi in moves:
        move(page, "psi", psi)
    wait_for(page, lambda: "--trunc 1.0" in written(page))
    monkeypatch.undo()
    assert_shows(page, session, Controls(psi=1.0))
    assert drawn[-1] == 1.0
    assert len(drawn) < len(moves) / 2


def test_with_a_server_what_it_cannot_do_is_off_or_told(browser, remote, remote_address):
    with opened(browser, remote_address) as page:
        assert_shows(page, remote, Controls())
        choose(page, "class", "2")
        assert_shows(page, remote, Controls(label=2))
        tab(page, "Noise")
        page.get_by_text("not with a model server").wait_for()
        assert page.locator("#strength-0 input[type=range]").is_disabled()
        assert page.locator("#noise label").count() == 2
        tab(page, "Directions")
        move(page, "direction-0", 1)
        page.get_by_text("set the noise inputs to stored").wait_for()
        tab(page, "Noise")
        page.get_by_label("stored").check()
        moved = Controls(label=2, noise="constant", directions={"component 1": 1.0})
        assert_shows(page, remote, moved)


@pytest.mark.parametrize("error", [ValueError, MemoryError, KeyError])
def test_whatever_fails_is_shown_with_its_reason(error):
    with pytest.raises(gr.Error) as shown, shown_errors():
        raise error("the reason")
    assert "the reason" in shown.value.message
