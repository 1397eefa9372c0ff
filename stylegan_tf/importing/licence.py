"""The terms of the networks that NVIDIA released, which stay with the weights."""

STYLEGAN = (
    "Networks that NVIDIA released are licensed CC BY-NC 4.0: not for commercial use, "
    "and neither is what is made from them."
)
STYLEGAN2 = (
    "Networks that NVIDIA released come under the licence of its StyleGAN2 code: for research and "
    "evaluation, not for commercial use, and neither is what is made from them."
)
