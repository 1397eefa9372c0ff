"""What the CUDA kernels compute, in NumPy and float64, with arguments to try them on."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

import oracles

KERNEL = np.array([[1.0, 2.0, -1.0], [0.5, 3.0, 0.25]], np.float32)  # not symmetric in any way
SIZES = {
    taps: np.random.default_rng(taps).standard_normal(taps, np.float32)
    for taps in [(4, 4), (1, 4), (4, 1), (5, 3), (3, 5)]
}
SIZES[2, 3] = KERNEL
# Images, height, width, channels: vectors and none, idle lanes, several blocks, a single pixel, a
# single row, a single column, strips that end at once.
SHAPES = [
    (1, 1, 1, 1),
    (2, 5, 7, 3),
    (3, 4, 4, 5),
    (2, 17, 9, 16),
    (1, 3, 67, 17),
    (2, 8, 8, 64),
    (2, 5, 3, 264),
    (1, 37, 70, 4),
    (1, 1, 19, 16),
    (2, 33, 1, 8),
    (1, 2, 2, 24),
]


def slope(y):
    """The derivative of the leaky ReLU, by its result or its argument."""
    return np.where(y >= 0, 1.0, 0.2)


def shift_matrix(size):
    """[size + 1, size]: adds the shifts by 0 and by 1 along one axis."""
    return np.eye(size + 1, size) + np.eye(size + 1, size, k=-1)


def conv_kernel(like, w, scale, shifts, transposed):
    """w [k, k, C, D]; `like` gives the dtype of the result."""
    if transposed:
        w = w[::-1, ::-1].swapaxes(2, 3)
    if shifts == 2:
        once = shift_matrix(w.shape[0])
        w = np.einsum("ai,bj,ijcd->abcd", once, once, w)
    return (scale * w,)


def conv_kernel_grad(g, scale, shifts, transposed):
    """g [k + shifts - 1, k + shifts - 1, C, D], or [..., D, C] if transposed."""
    if shifts == 2:
        once = shift_matrix(g.shape[0] - 1)
        g = np.einsum("ai,bj,abcd->ijcd", once, once, g)
    dw = scale * g
    return (dw[::-1, ::-1].swapaxes(2, 3) if transposed else dw,)


def derivative(y, gain, clamp):
    """That of the activation, by its result."""
    return np.where(abs(y) >= clamp, 0.0, slope(y) * gain)


def bias_act(x, bias, noise, strength, gain, clamp):
    """x [..., C]."""
    return oracles.bias_act(x if noise is None else x + noise * strength, bias, gain, clamp)


def masked_bias(g, bias, noise, y, gain, clamp):
    """g and y [..., C]."""
    g = g if noise is None else g + noise
    return (g + bias) * derivative(y, gain, clamp)


def blur(x):
    """x [N, H, W, C]."""
    return oracles.blur2d(x)


def upfirdn(x, kernel, up, down, padding):
    """x [N, H, W, C]."""
    return oracles.upfirdn2d(x, kernel, up, down, padding)


def bias_act_grad(dy, y, noise, gain, clamp):
    """dy and y [..., C]; `noise`: whether to return the gradient by it, too."""
    dx = dy * derivative(y, gain, clamp)
    dbias = dx.sum(axis=tuple(range(dx.ndim - 1)))
    return (dx, dbias, dx.sum(axis=-1, keepdims=True)) if noise else (dx, dbias)


def before_activation(x, noise, strength, bias, blur):
    """x [N, H, W, C], noise [1 or N, H, W, 1] or None."""
    b = oracles.blur2d(x) if blur else x
    return b + bias if noise is None else b + noise * strength + bias


def statistics(z):
    """Mean and 1/deviation of lrelu(z), [N, C] each."""
    a = oracles.leaky_relu(z)
    return a.mean(axis=(1, 2)), 1 / np.sqrt(a.var(axis=(1, 2)) + 1e-8)


def epilogue(x, noise, strength, bias, style, blur):
    """Returns y, mean and rstd."""
    z = before_activation(x, noise, strength, bias, blur)
    mean, rstd = statistics(z)
    scale, shift = np.split(style[:, None, None, :], 2, axis=-1)
    normal = (oracles.leaky_relu(z) - mean[:, None, None]) * rstd[:, None, None]
    return normal * (scale + 1) + shift, mean, rstd


def epilogue_grad(dy, x, noise, strength, bias, style, mean, rstd, blur):
    """Returns dx, dstrength, dbias and dstyle. Of its own mean and rstd: those are only rounded."""
    z = before_activation(x, noise, strength, bias, blur)
    mean, rstd = (one[:, None, None] for one in statistics(z))
    normal = (oracles.leaky_relu(z) - mean) * rstd
    dstyle = np.concatenate([(dy * normal).sum(axis=(1, 2)), dy.sum(axis=(1, 2))], axis=-1)
    dnormal = dy * (style[:, None, None, : x.shape[-1]] + 1)
    along = (dnormal * normal).mean(axis=(1, 2), keepdims=True)
    da = rstd * (dnormal - dnormal.mean(axis=(1, 2), keepdims=True) - normal * along)
    dz = da * slope(z)
    dstrength = bias * 0 if noise is None else (dz * noise).sum(axis=(0, 1, 2))
    return oracles.blur2d(dz) if blur else dz, dstrength, dz.sum(axis=(0, 1, 2)), dstyle


@dataclass(frozen=True)
class Case:
    """A kernel: the arguments in its own type, those in float32 and the others, by name."""

    name: str  # of the method of EmulatedCuda and of what it should compute, above
    typed: Callable  # shapes of those in its own type, from a shape [N, H, W, C]
    floats: Callable = lambda n, h, w, c: {}
    others: dict | None = None

    def __str__(self):
        others = (f"{key}={_shown(value)}" for key, value in (self.others or {}).items())
        return "-".join([self.name, *others]).replace(" ", "")

    def arguments(self, rng, shape, dtype) -> dict:
        """Random numbers."""
        typed = {key: normal(rng, sides, dtype) for key, sides in self.typed(*shape).items()}
        floats = {key: normal(rng, sides) for key, sides in self.floats(*shape).items()}
        return {**typed, **floats, **(self.others or {})}

    def in_float64(self, arguments) -> tuple:
        """What should come out, one array or several."""
        wide = {key: _wide(one) for key, one in arguments.items()}
        expected = globals()[self.name](**wide)
        return expected if isinstance(expected, tuple) else (expected,)


def _shown(value):
    """An argument in the name of a test; an array by its shape."""
    return "×".join(map(str, value.shape)) if isinstance(value, np.ndarray) else value


def normal(rng, shape, dtype=np.float32):
    """Normal numbers, or None where a shape is None."""
    return None if shape is None else rng.standard_normal(shape, np.float32).astype(dtype)


def _wide(argument):
    return argument.astype(np.float64) if isinstance(argument, np.ndarray) else argument


def _x(n, h, w, c):
    return {"x": (n, h, w, c)}


def _resampled(n, h, w, c):
    return {"x": (n, h + 3, w + 3, c)}


def _added(images, strength=True):
    """Bias and noise; `images` as below."""

    def floats(n, h, w, c):
        result = {"bias": (c,), "noise": images and (images(n), h, w, 1)}
        return {**result, "strength": (1,)} if strength else result

    return floats


def _epilogue_floats(images):
    """`images`: of the noise, from N; None without noise."""

    def floats(n, h, w, c):
        noise = images and (images(n), h, w, 1)
        return {"noise": noise, "strength": (c,), "bias": (c,), "style": (n, 2 * c)}

    return floats


class EpilogueGradCase(Case):
    """The gradient takes the statistics that the epilogue gave."""

    def arguments(self, rng, shape, dtype):
        """Random numbers, and statistics of them."""
        result = super().arguments(rng, shape, dtype)
        wide = {key: _wide(result[key]) for key in ("x", "noise", "strength", "bias", "blur")}
        result["mean"], result["rstd"] = (
            np.ascontiguousarray(one, np.float32) for one in statistics(before_activation(**wide))
        )
        return result


NOISES = [None, lambda n: 1, lambda n: n]  # how many images of it
PLAIN, BOUNDED = {"gain": 1.0, "clamp": np.inf}, {"gain": 1.5, "clamp": 0.75}
FLAT = [
    Case("bias_act", _x, _added(None), PLAIN),
    Case("bias_act", _x, _added(lambda n: 1), BOUNDED),
    Case("bias_act", _x, _added(lambda n: n), PLAIN),
    *(
        Case("bias_act_grad", lambda *shape: {"dy": shape, "y": shape}, others=others)
        for others in (BOUNDED | {"noise": False}, PLAIN | {"noise": True})
    ),
    *(
        Case("masked_bias", lambda *shape: {"g": shape, "y": shape}, _added(images, False), others)
        for images, others in ((None, BOUNDED), (lambda n: n, PLAIN))
    ),
]
BLUR = [Case("blur", _x)]
UPFIRDN = [
    Case(
        "upfirdn",
        _resampled,
        others={"kernel": SIZES[taps], "up": up, "down": down, "padding": pads},
    )
    for taps, up, down, pads in [
        ((2, 3), 1, 1, (0, 0, 0, 0)),
        ((2, 3), 2, 1, (2, 1, 2, 1)),
        ((2, 3), 1, 2, (1, 1, 1, 1)),
        ((2, 3), 2, 3, (2, 1, -1, 3)),
        ((2, 3), 3, 2, (-2, 4, 0, -1)),
        ((4, 4), 1, 1, (5, 5, 5, 5)),
        ((4, 4), 2, 1, (3, 2, -1, 6)),
        ((4, 4), 1, 2, (2, 1, 0, 2)),
        ((1, 4), 2, 1, (-1, 1, 4, 1)),
        ((4, 1), 1, 2, (-1, 3, 2, -2)),
        ((5, 3), 1, 2, (2, 2, 1, 1)),
        ((3, 5), 2, 1, (1, 2, 3, 1)),
    ]
]
CONV_KERNEL = [
    Case(name, typed, floats, {"scale": 0.3, "shifts": shifts, "transposed": transposed})
    for transposed in (False, True)
    for shifts in (1, 2)
    for name, typed, floats in [
        (
            "conv_kernel",
            lambda *shape: {"like": (1,)},
            lambda n, h, w, c: {"w": (3, 3, h, c)},
        ),
        (
            "conv_kernel_grad",
            lambda n, h, w, c, side=2 + shifts: {"g": (side, side, h, c)},
            lambda *shape: {},
        ),
    ]
]
EPILOGUE = [
    Case("epilogue", _x, _epilogue_floats(images), {"blur": blur})
    for images in NOISES
    for blur in (False, True)
]
EPILOGUE_GRAD = [
    EpilogueGradCase(
        "epilogue_grad",
        lambda *shape: {"dy": shape, "x": shape},
        _epilogue_floats(images),
        {"blur": blur},
    )
    for images in NOISES
    for blur in (False, True)
]
CASES = [*FLAT, *BLUR, *UPFIRDN, *CONV_KERNEL, *EPILOGUE, *EPILOGUE_GRAD]
