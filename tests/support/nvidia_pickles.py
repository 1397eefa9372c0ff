"""Writes pickles in the layout of NVIDIA's, with Python's own pickler, from published variables."""

import io
import pickle
import sys
import types

import numpy as np

from published import variables

SIZES = {
    "num_channels": 3,
    "resolution": 8,
    "label_size": 0,
    "fmap_base": 512,
    "fmap_max": 64,
}
GENERATOR = {
    **SIZES,
    "latent_size": 64,
    "dlatent_size": 64,
    "mapping_layers": 8,
    "mapping_fmaps": 64,
}


def make_class(full_name: str, bases=()) -> type:
    """An importable class of that name, as the pickler wants one."""
    module_name, _, name = full_name.rpartition(".")
    for count in range(module_name.count(".") + 1):
        part = ".".join(module_name.split(".")[: count + 1])
        sys.modules.setdefault(part, types.ModuleType(part))
    module = sys.modules[module_name]
    if not hasattr(module, name):
        setattr(module, name, type(name, bases, {"__module__": module_name}))
    return getattr(module, name)


def network(kind: type, builder: str, arguments: dict, own: dict, version=3, **components):
    """An object as the published code pickled its networks."""
    made = kind()
    made.__dict__.update(
        version=version,
        name="N",
        static_kwargs=arguments,
        components=components,
        build_module_src="raise SystemExit('this must never run')",
        build_func_name=builder,
        variables=list(own.items()),
    )
    return made


def generator(kind, version=3, lod=0.0, arguments=GENERATOR, own=None, **changes):
    """A generator of its `own` variables, by default those of the bundled 8×8 vectors.

    `changes` replace variables, None removes one.
    """
    result = {**(own or variables("stylegan8", "G/vars/")), **changes}
    result = {name: value for name, value in result.items() if value is not None}

    def part(name):
        scope = f"G_{name}/"
        own = {key[len(scope) :]: result[key] for key in result if key.startswith(scope)}
        return network(kind, f"G_{name}", arguments, own, version)

    own = {key: value for key, value in result.items() if not key.startswith("G_")}
    own = {"lod": np.float32(lod), **own}
    parts = {"synthesis": part("synthesis"), "mapping": part("mapping")}
    return network(kind, "G_style", arguments, own, version, **parts)


def discriminator(kind, version=3, arguments=SIZES):
    """The discriminator of the bundled 8×8 vectors."""
    own = {"lod": np.float32(0), **variables("stylegan8", "D/vars/")}
    return network(kind, "D_basic", arguments, own, version)


def triple(class_name="dnnlib.tflib.network.Network", version=3, **options) -> tuple:
    """(G, D, Gs)."""
    kind = make_class(class_name)
    g = generator(kind, version, **options)
    return g, discriminator(kind, version), generator(kind, version, **options)


def dumped(value, protocol=4, numpy_module="numpy._core") -> bytes:
    """A pickle, with the name that NumPy 1 or 2 has for its inner module."""
    data = io.BytesIO()
    pickler = pickle._Pickler(data, protocol)  # Python's, since its names can be changed
    save_global = pickler.save_global

    def renamed(result, name=None):
        module = getattr(result, "__module__", "") or ""
        if not module.startswith(("numpy.core", "numpy._core")):
            return save_global(result, name)
        chosen = module.replace("numpy._core", "numpy.core").replace("numpy.core", numpy_module)
        return _write_name(pickler, chosen, name or result.__name__, result)

    pickler.save_global = renamed
    pickler.dispatch = {**pickler.dispatch, types.FunctionType: _through(renamed)}
    pickler.dump(value)
    return data.getvalue()


def _through(save):
    return lambda _, result, name=None: save(result, name)


def _write_name(pickler, module: str, name: str, result) -> None:
    if pickler.proto >= 4:
        pickler.save(module)
        pickler.save(name)
        pickler.write(pickle.STACK_GLOBAL)
    else:
        pickler.write(pickle.GLOBAL + f"{module}\n{name}\n".encode())
    pickler.memoize(result)
