"""How good images are: distances of their features' distributions, and between images.

`register` adds a metric. Functions have other names than modules here: Python makes a module that
is imported an attribute of its package, where it would hide a function of the same name.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "names": ["register"],
        "registration": ["Measured", "Published", "Sampling"],
        "lpips": ["LPIPS", "load_lpips"],
        "weights": ["WeightsMissing"],
        "networks.network": ["FeatureNetwork"],
        "networks.loading": ["load_network"],
        "frechet": ["Moments", "frechet_distance"],
        "kernel": ["kernel_distance"],
        "inception_scores": ["inception_score"],
        "precision_and_recall": ["precision_recall", "density_coverage"],
        "latent_separability": ["conditional_entropy", "linear_separability", "separability"],
        "perceptual_path_lengths": ["path_length", "perceptual_path_length", "slerp"],
        "records": ["Result"],
        "evaluation": ["evaluate"],
    },
)
