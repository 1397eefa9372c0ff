"""Principal components of w (Härkönen et al. 2020, GANSpace)."""

import numpy as np

COMPONENTS = 8


def principal(
    w: np.ndarray, count: int = COMPONENTS, name: str = "component"
) -> dict[str, np.ndarray]:
    """Returns the directions in which w varies most, each one standard deviation long.

    What they show differs from network to network.

    Args:
        w: samples, [N, w_size].
        count: how many.
        name: what they are called, with numbers from 1.

    Returns:
        [w_size] arrays, the strongest first; fewer where w has fewer dimensions.
    """
    _, scales, rows = np.linalg.svd(w - w.mean(0), full_matrices=False)
    vectors = upright(rows) * (scales / np.sqrt(len(w) - 1))[:, None]
    return numbered(vectors[:count], name)


def upright(rows: np.ndarray) -> np.ndarray:
    """Returns vectors [K, w_size] with signs chosen so that the largest entry is positive."""
    return rows * np.sign(rows[np.arange(len(rows)), np.abs(rows).argmax(1)])[:, None]


def in_layers(
    directions: dict[str, np.ndarray], layers: list[int], num_layers: int
) -> dict[str, np.ndarray]:
    """Returns directions for some layers only, [num_layers, w_size]: zeros in the others."""
    chosen = np.isin(np.arange(num_layers), layers)[:, None].astype(np.float32)
    return {name: chosen * vector for name, vector in directions.items()}


def numbered(vectors: np.ndarray, name: str) -> dict[str, np.ndarray]:
    """Returns the rows of [K, w_size] by name: "name 1", "name 2" and so on, float32."""
    return {f"{name} {number}": row.astype(np.float32) for number, row in enumerate(vectors, 1)}
