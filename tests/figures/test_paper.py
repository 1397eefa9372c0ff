"""The figures of the paper: each cell is the image that its labels tell."""

import numpy as np
import pytest

import stylegan_tf as sg
import tiny
from stylegan_tf.figures import (
    Sampler,
    antiface,
    mixing,
    noise_components,
    noise_detail,
    sheet,
    truncation,
    uncurated,
)
from stylegan_tf.figures.sheet import GAP, MARGIN, on_white
from stylegan_tf.images import to_uint8
from stylegan_tf.latents import noise_from_seeds, z_from_seeds

ALL = [uncurated, mixing, noise_detail, noise_components, truncation, antiface]


@pytest.fixture(scope="module")
def generator() -> sg.Generator:
    """16×16, 6 layers: 4×4 is coarse, 8×8 middle, 16×16 fine."""
    return tiny.generator()


@pytest.fixture
def labels(monkeypatch):
    """The labels of the sheets that are drawn, by the arguments of `sheet`."""
    seen = {}

    def watched(rows, top=(), left=(), groups=(), cell=None):
        seen.update(top=list(top), left=list(left), groups=list(groups))
        return sheet(rows, top, left, groups, cell)

    for module in ALL:
        monkeypatch.setattr(module, "sheet", watched)
    return seen


def cells(page: np.ndarray, rows: int, columns: int, cell: int) -> np.ndarray:
    """The images of a sheet, [rows, columns, cell, cell, 3]: they end at the last margins."""
    y, x = (
        size - MARGIN + GAP - count * (cell + GAP)
        for size, count in zip(page.shape, (rows, columns), strict=False)
    )
    corners = [
        (y + r * (cell + GAP), x + c * (cell + GAP)) for r in range(rows) for c in range(columns)
    ]
    result = [page[top : top + cell, left : left + cell] for top, left in corners]
    return np.stack(result).reshape(rows, columns, cell, cell, 3)


def image_of(generator, w, seed: int | None) -> np.ndarray:
    """What the network makes of w [w_size] or [L, w_size] under a seed's noise, or none."""
    noise = "none"
    if seed is not None:
        noise = noise_from_seeds([seed], generator.synthesis.noise_shapes())
    return to_uint8(generator.synthesis(w[None], noise=noise))[0].numpy()


def styles_of(generator, seed: int, psi: float) -> np.ndarray:
    """w [w_size] of a seed, truncated in all layers."""
    w = generator.mapping(z_from_seeds([seed], tiny.LATENT))[0].numpy()
    mean = np.asarray(generator.w_avg)
    return mean + psi * (w - mean)


def assert_cell(result: np.ndarray, image: np.ndarray):
    """A cell shows an image, enlarged by repeating its pixels."""
    factor = len(result) // len(image)
    expected = image.repeat(factor, axis=0).repeat(factor, axis=1)
    assert np.abs(result.astype(int) - expected).max() <= 1  # a batch rounds differently


def test_uncurated_images_are_those_of_the_seeds(generator, labels):
    result = cells(uncurated.draw(Sampler(generator), seed=40), 4, 8, 128)
    for seed, cell in zip((40, 47, 48, 71), result[[0, 0, 1, 3], [0, 7, 0, 7]], strict=True):
        assert_cell(cell, image_of(generator, styles_of(generator, seed, 0.7), seed))
    assert labels["left"][0] == "seeds 40 to 47"
    assert labels["left"][3] == "seeds 64 to 71"


def test_mixing_copies_the_styles_of_b_that_the_label_says(generator, labels):
    result = cells(mixing.draw(Sampler(generator), seed=10), 7, 6, 128)
    assert labels["top"] == ["", *(f"B, seed {seed}" for seed in range(10, 15))]
    assert labels["left"] == ["", *(f"A, seed {seed}" for seed in range(15, 21))]
    assert labels["groups"] == [
        ("", 1),
        ("coarse styles from B (4x4)", 3),
        ("middle styles from B (8x8)", 2),
        ("fine styles from B (16x16)", 1),
    ]
    assert (result[0, 0] == 255).all()
    assert_cell(result[0, 3], image_of(generator, styles_of(generator, 12, 0.7), 12))
    for row, layers in [(3, slice(0, 2)), (4, slice(2, 4)), (6, slice(4, 6))]:
        seed_a, seed_b = 14 + row, 14  # the last column
        a, b = (styles_of(generator, seed, 0.7) for seed in (seed_a, seed_b))
        assert_cell(result[row, 0], image_of(generator, a, seed_a))
        mixed = np.repeat(a[None], 6, axis=0)
        mixed[layers] = b
        assert_cell(result[row, 5], image_of(generator, mixed, seed_a))


def test_truncation_scales_w_about_its_mean(generator, labels):
    result = cells(truncation.draw(Sampler(generator, psi=0.3), seed=5), 3, 6, 128)
    assert labels["top"] == ["psi 1", "psi 0.7", "psi 0.5", "psi 0", "psi -0.5", "psi -1"]
    assert labels["left"] == ["seed 5", "seed 6", "seed 7"]
    for column, psi in enumerate((1, 0.7, 0.5, 0, -0.5, -1)):
        assert_cell(result[1, column], image_of(generator, styles_of(generator, 6, psi), 6))


def test_an_antiface_is_w_reflected_about_the_mean(generator, labels):
    result = cells(antiface.draw(Sampler(generator), seed=2), 2, 7, 128)
    assert labels["top"] == ["mean", *(f"seed {seed}" for seed in range(2, 8))]
    mean = np.asarray(generator.w_avg)
    assert_cell(result[0, 0], image_of(generator, mean, 2))
    assert (result[1, 0] == 255).all()
    for column, seed in ((1, 2), (6, 7)):
        w = styles_of(generator, seed, 1)
        assert_cell(result[0, column], image_of(generator, w, seed))
        assert_cell(result[1, column], image_of(generator, 2 * mean - w, seed))


def unframed(cell: np.ndarray) -> np.ndarray:
    """Where a cell has no red frame."""
    return (cell != (255, 0, 0)).any(-1)


def test_noise_components_switch_the_noise_of_layers(generator, labels):
    result = cells(noise_components.draw(Sampler(generator), seed=8), 4, 4, 256)
    assert labels["top"] == [
        "noise in all layers",
        "no noise",
        "fine layers only (16x16)",
        "coarse layers only (4x4 to 8x8)",
    ]
    assert labels["left"] == ["seed 8", "zoom", "seed 9", "zoom"]
    w = styles_of(generator, 9, 0.7)
    noise = noise_from_seeds([9], generator.synthesis.noise_shapes())
    for column, layers in enumerate([range(6), [], [4, 5], range(4)]):
        given = [image if n in layers else 0 * image for n, image in enumerate(noise)]
        image = to_uint8(generator.synthesis(w[None], noise=given))[0].numpy()
        large = image.repeat(16, axis=0).repeat(16, axis=1)
        cell = result[2, column]
        free = unframed(cell)
        assert free.mean() > 0.9
        assert np.abs(cell.astype(int) - large)[free].max() <= 1
        assert is_part(result[3, column][::32, ::32], image)


def is_part(crop: np.ndarray, image: np.ndarray) -> bool:
    """Whether a square is somewhere in an image."""
    last = len(image) - len(crop)
    squares = np.lib.stride_tricks.sliding_window_view(image, crop.shape[:2], axis=(0, 1))
    differences = np.abs(squares.astype(int) - crop.transpose(2, 0, 1)).max(axis=(2, 3, 4))
    assert differences.shape == (last + 1, last + 1)
    return differences.min() <= 1


def test_noise_detail_shows_realisations_and_their_deviation(generator, labels, monkeypatch):
    monkeypatch.setattr(noise_detail, "REALISATIONS", 6)
    result = cells(noise_detail.draw(Sampler(generator), seed=8), 2, 3, 256)
    assert labels["left"] == ["seed 8", "seed 9"]
    images = {}
    for seed in (8, 9):
        w = styles_of(generator, seed, 0.7)
        images[seed] = np.stack([image_of(generator, w, seed + k) for k in range(6)])
    grey = {seed: of @ [0.299, 0.587, 0.114] for seed, of in images.items()}
    deviations = np.stack([of.std(axis=0) for of in grey.values()])
    white = np.percentile(deviations, 99)
    assert labels["top"][2] == f"deviation over 6 realisations, white: {white:.1f} of 255"
    for row, seed in enumerate((8, 9)):
        large = images[seed][0].repeat(16, axis=0).repeat(16, axis=1)
        cell = result[row, 0]
        assert np.abs(cell.astype(int) - large)[unframed(cell)].max() <= 1
        for number, (y, x) in enumerate([(0, 0), (0, 129), (129, 0), (129, 129)]):
            zoom = result[row, 1][y : y + 127, x : x + 127][8::16, 8::16]
            assert is_part(zoom, images[seed][number])
        shades = np.clip(deviations[row] / white, 0, 1) * 255
        assert np.abs(result[row, 2][::16, ::16, 0] - shades).max() <= 3


def test_a_network_whose_noise_has_no_strength_has_a_black_map(monkeypatch):
    monkeypatch.setattr(noise_detail, "REALISATIONS", 4)
    fresh = sg.Generator(**{**tiny.GENERATOR, "mapping_layers": 2})
    result = cells(noise_detail.draw(Sampler(fresh)), 2, 3, 256)
    assert (result[:, 2] == 0).all()


@pytest.mark.parametrize(
    "arguments",
    [
        {"channels": 1, "resolution": 8},
        {"channels": 4, "resolution": 4},
        {"resolution": 64},
        {"label_size": 2, "grown": 3.5},
    ],
)
def test_every_kind_of_network_has_every_figure(arguments, monkeypatch):
    monkeypatch.setattr(noise_detail, "REALISATIONS", 4)
    network = tiny.generator(**arguments)
    sampler = Sampler(network, label=1 if network.label_size else None)
    for module in ALL:
        page = module.draw(sampler)
        assert page.dtype == np.uint8
        assert page.shape[-1] == 3
        assert (page < 255).any()
        for edge in (page[:MARGIN], page[-MARGIN:], page[:, :MARGIN], page[:, -MARGIN:]):
            assert (edge == 255).all()
        if network.channels == 1:
            grey = page[..., :1] == page
            red = (page == (255, 0, 0)).all(-1, keepdims=True)
            assert (grey | red).all()


@pytest.mark.parametrize("module", [noise_detail, truncation, antiface])
def test_figures_are_the_same_each_time(module, generator, monkeypatch):
    monkeypatch.setattr(noise_detail, "REALISATIONS", 4)
    first, second = (module.draw(Sampler(generator), seed=3) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(first, module.draw(Sampler(generator), seed=90))


@pytest.mark.parametrize("module", [mixing, truncation, antiface])
def test_progressive_gan_has_no_styles_to_show(module):
    with pytest.raises(ValueError, match="architecture A, which has no styles"):
        module.draw(Sampler(tiny.generator(architecture="a")))


@pytest.mark.parametrize("module", [noise_detail, noise_components])
def test_networks_without_noise_have_none_to_show(module):
    with pytest.raises(ValueError, match="architecture D, which has no noise"):
        module.draw(Sampler(tiny.generator(architecture="d")))


@pytest.mark.parametrize(
    ("architecture", "module"),
    [("a", uncurated), ("c", mixing), ("d", antiface), ("e", noise_components)],
)
def test_other_architectures_have_the_figures_that_they_can(architecture, module):
    assert (module.draw(Sampler(tiny.generator(architecture=architecture))) < 255).any()


def test_transparent_networks_are_seen_on_white():
    network = tiny.generator(channels=4)
    result = cells(uncurated.draw(Sampler(network)), 4, 8, 128)
    assert_cell(result[0, 0], on_white(image_of(network, styles_of(network, 0, 0.7), 0)))
