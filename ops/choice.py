"""Which implementation of an op runs: today every op is plain TensorFlow."""

import os

IMPLEMENTATIONS = ("auto", "compiled", "reference")
OPS = (
    "bias_act",
    "blur2d",
    "conv2d_downsample",
    "style_epilogue",
    "upfirdn2d",
    "upsample_conv2d",
)


def choose(implementation: str) -> str:
    """Resolves `"auto"`; the environment variable STYLEGAN_TF_OPS stands in for it.

    Args:
        implementation: `"auto"`, `"compiled"` or `"reference"`.

    Returns:
        `"reference"`: the only implementation that there is so far.

    Raises:
        ValueError: for another name.
        NotImplementedError: for `"compiled"`.
    """
    name = "implementation"
    if implementation == "auto" and "STYLEGAN_TF_OPS" in os.environ:
        name = "STYLEGAN_TF_OPS"
        implementation = os.environ[name]
    if implementation not in IMPLEMENTATIONS:
        allowed = ", ".join(IMPLEMENTATIONS)
        raise ValueError(f"{name} is {implementation!r}; it can be one of {allowed}")
    if implementation == "compiled":
        raise NotImplementedError(
            "this version has no compiled ops; use implementation='auto' or 'reference'"
        )
    return "reference"


def implementation() -> dict[str, str]:
    """What each op runs as on this machine, and why, by the op's name."""
    return dict.fromkeys(OPS, "reference: this version has no compiled ops")
