"""The CUDA kernels on the CPU: compiled by g++ with the emulation, called with NumPy arrays."""

import ctypes
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import ml_dtypes
import numpy as np

SOURCES = Path(__file__).parents[2] / "ops" / "kernels" / "cuda"
FLAGS = [
    "-std=c++17",
    "-O1",
    "-fPIC",
    "-Wall",
    "-Wextra",
    "-Werror",
    "-Wno-unknown-pragmas",
    "-DSTYLEGAN_EMULATE",
]
COMPILER = shutil.which("g++")
DTYPES = [np.dtype(one) for one in (np.float32, ml_dtypes.bfloat16, np.float16)]


def compile_objects(directory: Path, sources: list[Path], flags: list[str] = ()) -> list[Path]:
    """Compiles sources as C++ with the emulation, two at a time."""

    def one(source):
        built = directory / f"{source.name}.o"
        command = [COMPILER, "-x", "c++", *FLAGS, *flags, f"-I{SOURCES}", "-c", source, "-o", built]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return built

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(one, sources))


def link(objects: list[Path], flags: list[str] = ()) -> Path:
    """A library beside the objects that it is made of."""
    library = objects[-1].with_suffix(".so")
    subprocess.run([COMPILER, "-shared", *objects, *flags, "-o", library], check=True)
    return library


def compile_library(directory: Path, sources: list[Path], flags: list[str] = ()) -> Path:
    """A library of sources, in a directory."""
    return link(compile_objects(directory, sources, flags), flags)


def kernel_sources() -> list[Path]:
    """Every kernel and the functions that call them."""
    return [*sorted(SOURCES.glob("*.cu")), SOURCES / "emulated.cc"]


class _Epilogue(ctypes.Structure):
    _fields_ = [
        *((name, ctypes.c_int64) for name in ["images", "height", "width", "channels"]),
        *((name, ctypes.c_int64) for name in ["noise_images", "blur"]),
        *((name, ctypes.c_void_p) for name in ["x", "noise", "strength", "bias", "style"]),
    ]


class _Warp(ctypes.Structure):
    _fields_ = [
        *((name, ctypes.c_int64) for name in ["images", "height", "width", "channels"]),
        ("transpose", ctypes.c_bool),
    ]


class _Activation(ctypes.Structure):
    _fields_ = [
        *((name, ctypes.c_int64) for name in ["images", "pixels", "channels"]),
        *((name, ctypes.c_float) for name in ["gain", "clamp"]),
    ]


class _Added(ctypes.Structure):
    _fields_ = [
        *((name, ctypes.c_void_p) for name in ["bias", "noise"]),
        ("noise_images", ctypes.c_int64),
        ("strength", ctypes.c_void_p),
    ]


class EmulatedCuda:
    """Calls the kernels; outputs are full of NaN before. Arrays must be contiguous."""

    def __init__(self, library: Path):
        self.library = ctypes.CDLL(str(library))
        self.library.emulated_error.restype = ctypes.c_char_p

    def seed(self, seed: int) -> None:
        """Shuffles the order of blocks and threads from here on."""
        self.library.emulated_seed(ctypes.c_uint64(seed))

    def rounded(self, values, dtype):
        """float32 values in bfloat16 or float16, by the emulation's conversion."""
        to = np.empty(values.shape, dtype)
        self.library.emulated_round(*_c(DTYPES.index(dtype), values, to, values.size))
        return to

    def widened(self, values):
        """The float32 values of bfloat16 or float16, by the emulation's conversion."""
        to = np.empty(values.shape, np.float32)
        self.library.emulated_widen(*_c(DTYPES.index(values.dtype), values, to, values.size))
        return to

    def bias_act(self, x, bias, noise, strength, gain, clamp):
        """Returns y."""
        y = _like(x)
        how, added = _activation(x, gain, clamp), _added(bias, noise, strength)
        self.call("bias_act", how, added, x, y)
        return (y,)

    def bias_act_grad(self, dy, y, noise, gain, clamp):
        """Returns dx, dbias and, with `noise`, dnoise."""
        dx, dbias = _like(dy), _floats(dy.shape[-1])
        dnoise = _floats(*dy.shape[:-1], 1) if noise else None
        self.call("bias_act_grad", _activation(dy, gain, clamp), dy, y, dx, dbias, dnoise)
        return (dx, dbias, dnoise) if noise else (dx, dbias)

    def masked_bias(self, g, bias, noise, y, gain, clamp):
        """Returns dx."""
        dx = _like(g)
        how, added = _activation(g, gain, clamp), _added(bias, noise, None)
        self.call("masked_bias", how, added, g, y, dx)
        return (dx,)

    def blur(self, x):
        """Returns y."""
        y = _like(x)
        self.call("blur", x, y, *x.shape)
        return (y,)

    def upfirdn(self, x, kernel, up, down, padding):
        """Returns y."""
        n, h, w, c = x.shape
        top, bottom, left, right = padding
        (kh, kw) = kernel.shape
        out = [(h * up + top + bottom - kh) // down + 1, (w * up + left + right - kw) // down + 1]
        y = np.full([n, *out, c], np.nan, x.dtype)
        how = (ctypes.c_int64 * 12)(n, h, w, c, kh, kw, up, down, *padding)
        self.call("upfirdn", how, x, kernel, y)
        return (y,)

    def affine_warp(self, x, matrices, taps, transpose):
        """Returns y; all are float32."""
        y = _like(x)
        self.call("affine_warp", ctypes.byref(_Warp(*x.shape, transpose)), x, matrices, taps, y)
        return (y,)

    def conv_kernel(self, like, w, scale, shifts, transposed):
        """Returns the kernel, in the type of the array `like`."""
        k, _, rows, columns = w.shape
        size = k + shifts - 1
        shape = [size, size, *((columns, rows) if transposed else (rows, columns))]
        kernel = np.full(shape, np.nan, like.dtype)
        sizes = (k, rows, columns, scale, shifts, transposed)
        self.call("conv_kernel", *sizes, False, w, kernel, dtype=like.dtype)
        return (kernel,)

    def conv_kernel_grad(self, g, scale, shifts, transposed):
        """Returns dw."""
        k = g.shape[0] - shifts + 1
        rows, columns = g.shape[:1:-1] if transposed else g.shape[2:]
        dw = _floats(k, k, rows, columns)
        self.call("conv_kernel", k, rows, columns, scale, shifts, transposed, True, g, dw)
        return (dw,)

    def epilogue(self, x, noise, strength, bias, style, blur):
        """Returns y, mean and rstd."""
        n, _, _, c = x.shape
        y, mean, rstd = _like(x), _floats(n, c), _floats(n, c)
        given = _epilogue(x, noise, strength, bias, style, blur)
        self.call("epilogue", given, y, mean, rstd)
        return y, mean, rstd

    def epilogue_workspace_bytes(self, dtype, shape, blur) -> int:
        """Bytes of workspace for x of a shape; only bfloat16 is left out."""
        function = self.library.emulated_epilogue_workspace_bytes
        function.restype = ctypes.c_int64
        given = ctypes.byref(_Epilogue(*shape, 0, blur))
        return function(*_c(DTYPES.index(dtype), given))

    def epilogue_grad(self, dy, x, noise, strength, bias, style, mean, rstd, blur):
        """Returns dx, dstrength, dbias and dstyle."""
        n, _, _, c = x.shape
        dx, dstrength, dbias, dstyle = _like(x), _floats(c), _floats(c), _floats(n, 2 * c)
        given = _epilogue(x, noise, strength, bias, style, blur)
        self.call("epilogue_grad", given, dy, mean, rstd, dx, dstrength, dbias, dstyle)
        return dx, dstrength, dbias, dstyle

    def call(self, name, *arguments, dtype=None):
        """Calls a C function; its type is that of the first array, if none is given.

        Raises:
            RuntimeError: if the emulation noticed a mistake.
        """
        arrays = (one.dtype for one in arguments if isinstance(one, np.ndarray))
        dtype = dtype or next(arrays, DTYPES[0])
        error = getattr(self.library, f"emulated_{name}")(*_c(DTYPES.index(dtype), *arguments))
        if error:
            raise RuntimeError(f"{error}: {self.library.emulated_error().decode()}")


def _activation(x, gain, clamp):
    n, h, w, c = x.shape
    return ctypes.byref(_Activation(n, h * w, c, gain, clamp))


def _added(bias, noise, strength):
    images = 0 if noise is None else noise.shape[0]
    bias, noise, strength = (
        None if one is None else one.ctypes.data for one in (bias, noise, strength)
    )
    return ctypes.byref(_Added(bias, noise, images, strength))


def _epilogue(x, noise, strength, bias, style, blur):
    images = 0 if noise is None else noise.shape[0]
    pointers = [None if one is None else one.ctypes.data for one in (x, noise, strength)]
    pointers += [bias.ctypes.data, style.ctypes.data]
    return ctypes.byref(_Epilogue(*x.shape, images, blur, *pointers))


def _c(*arguments):
    """Arguments as C takes them: arrays by their address, sizes in 64 bits."""
    for argument in arguments:
        if isinstance(argument, np.ndarray):
            assert argument.flags.c_contiguous
            yield ctypes.c_void_p(argument.ctypes.data)
        elif isinstance(argument, (bool, int, np.integer)):
            yield ctypes.c_int64(argument)
        elif isinstance(argument, float):
            yield ctypes.c_float(argument)
        else:
            yield argument


def _like(x):
    return np.full(x.shape, np.nan, x.dtype)


def _floats(*shape):
    return np.full(shape, np.nan, np.float32)
