"""Closed-form factorization of the style affines (Shen and Zhou 2021, SeFa)."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from stylegan_tf.directions.components import COMPONENTS, numbered, upright

if TYPE_CHECKING:
    from stylegan_tf.models import BaseGenerator


def factorized(
    generator: "BaseGenerator",
    w: np.ndarray,
    layers: Iterable[int] | None = None,
    count: int = COMPONENTS,
    name: str = "factor",
) -> dict[str, np.ndarray]:
    """Returns the directions of w that change styles most, one standard deviation of w long.

    A step n along w changes the styles of all layers by A·n, with A their affine maps one below
    the other. Unit vectors for which that is longest are the first eigenvectors of AᵀA: the network
    alone says which, and no image is generated.

    Args:
        generator: a `Generator` with styles (configurations C to F).
        w: samples, [N, w_size], from which the lengths are taken.
        layers: numbers of the layers whose styles count; None for all.
        count: how many.
        name: what they are called, with numbers from 1.

    Returns:
        [w_size] arrays, the strongest first; fewer where w has fewer dimensions.
    """
    affines = [affine.numpy() for affine in generator.style_affines()]  # [w_size, 2·C] each
    chosen = affines if layers is None else [affines[number] for number in layers]
    maps = np.concatenate(chosen, axis=1).astype(np.float64)  # Aᵀ: [w_size, all styles]
    _, vectors = np.linalg.eigh(maps @ maps.T)  # in columns, the weakest first
    vectors = upright(vectors.T[::-1])
    return numbered((vectors * deviations(w, vectors)[:, None])[:count], name)


def deviations(w: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """Returns the deviation of w [N, w_size] along each of K unit vectors [K, w_size]: [K]."""
    return (w @ vectors.T.astype(np.float64)).std(axis=0, ddof=1)
