"""How good pictures are: distances of their features' distributions, and between pictures."""

from stylegan_tf.lazy import names_of

_NAMES = {
    "LPIPS": "lpips",
    "load_lpips": "lpips",
    "WeightsMissing": "weights",
    "FeatureNetwork": "networks.network",
    "load_network": "networks.loading",
    "Moments": "moments",
    "frechet_distance": "frechet",
    "kernel_distance": "kernel",
    "inception_score": "scores",
    "precision_recall": "manifolds",
    "density_coverage": "manifolds",
    "conditional_entropy": "entropies",
    "separability": "separation",
    "path_length": "paths",
    "slerp": "paths",
    "perceptual_path_length": "perceptual",
    "linear_separability": "attributes",
    "evaluate": "evaluation",
    "Result": "evaluation",
}

__all__ = list(_NAMES)
__getattr__ = names_of(__name__, _NAMES)
