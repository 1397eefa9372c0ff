"""How good pictures are: distances of their features' distributions, and between pictures."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "lpips": ["LPIPS", "load_lpips"],
        "weights": ["WeightsMissing"],
        "networks.network": ["FeatureNetwork"],
        "networks.loading": ["load_network"],
        "moments": ["Moments"],
        "frechet": ["frechet_distance"],
        "kernel": ["kernel_distance"],
        "scores": ["inception_score"],
        "manifolds": ["precision_recall", "density_coverage"],
        "entropies": ["conditional_entropy"],
        "separation": ["separability"],
        "paths": ["path_length", "slerp"],
        "perceptual": ["perceptual_path_length"],
        "attributes": ["linear_separability"],
        "evaluation": ["evaluate", "Result"],
    },
)
