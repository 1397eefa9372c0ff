"""Training: configuration, schedule, the compiled step, the loop, the run directory."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=["callbacks"],
    submod_attrs={"config": ["Config"], "session": ["Run", "train"]},
)
