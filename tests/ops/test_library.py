"""Loading the compiled ops: which library is loaded, and the reason where none is."""

import shutil

import pytest
import tensorflow as tf

import probe_kernels
from stylegan_tf.ops import build, build_cuda, library

needs_compiler = pytest.mark.skipif(not shutil.which("c++"), reason="no C++ compiler")
CUDA = "stylegan_tf_cuda-01234567.so"


@pytest.fixture
def places(tmp_path, monkeypatch):
    """Two empty places for libraries, and small kernels in the place of the real ones."""
    monkeypatch.delenv("CXX", raising=False)
    name = f"StyleganProbe{tmp_path.name.title()}"
    monkeypatch.setattr(build, "KERNELS", probe_kernels.write(tmp_path / "kernels", name))
    monkeypatch.setattr(build_cuda, "cuda_library_name", lambda: CUDA)
    made = [tmp_path / "package", tmp_path / "cache"]
    for place in made:
        place.mkdir()
    monkeypatch.setattr(build, "places", lambda: made)
    return made


def load() -> library.Library:
    """As in a new process."""
    return library.load.__wrapped__()


def note(place, text):
    (place / build.FAILED).write_text(text)


def test_it_is_loaded_once():
    assert library.load() is library.load()


@needs_compiler
@pytest.mark.parametrize("index", [0, 1])
def test_a_library_is_loaded_from_either_place(places, index):
    built = build.build_cpu(places[index])
    loaded = load()
    assert loaded.reason == f"compiled: {built.name} for the CPU"
    assert loaded.require() is loaded.module
    assert [name for name in dir(loaded.module) if name.startswith("stylegan_probe")]
    assert loaded.log == ""


@needs_compiler
def test_where_one_does_not_load_the_next_does(places):
    built = build.build_cpu(places[1])
    (places[0] / built.name).write_text("no library")
    assert load().module is not None


def test_what_does_not_load_is_reported_with_the_version_and_the_error(places):
    name = build.cpu_library_name()
    (places[0] / name).write_text("no library")
    loaded = load()
    assert loaded.module is None
    start, end = f"reference: {name} does not load on TensorFlow {tf.__version__} (", ")"
    assert loaded.reason.startswith(start)
    assert f"{places[0] / name}: file too short" in loaded.reason
    assert loaded.reason.endswith(f"{end}: run `stylegan-tf ops build`")
    assert "\n" not in loaded.reason


@needs_compiler
def test_a_symbol_that_this_tensorflow_lacks_is_named(places):
    source = 'extern "C" void TF_Missing(); static const int x = (TF_Missing(), 0);'
    (build.KERNELS / "probe.cc").write_text(source)
    build.build_cpu(places[0])
    assert "undefined symbol: TF_Missing" in load().reason


def test_nothing_was_built(places):
    loaded = load()
    assert loaded.module is None
    assert loaded.reason == (
        "reference: no compiled library; it was never built: run `stylegan-tf ops build`"
    )
    with pytest.raises(library.OpsUnavailable) as caught:
        loaded.require()
    assert str(caught.value) == (
        "the compiled ops cannot be had: no compiled library; it was never built: "
        "run `stylegan-tf ops build`"
    )


def test_only_a_library_of_other_sources_is_never_loaded(places):
    (places[1] / "stylegan_tf_cpu-01234567.so").touch()
    assert "the library here was built from other kernels: run `stylegan-tf" in load().reason


def test_a_build_that_failed_is_reported_once_in_full(places, tmp_path, monkeypatch):
    """The reason is its first line, the error has the command and the log, too."""
    compiler = probe_kernels.compiler(tmp_path / "bin", probe_kernels.FAILING)
    monkeypatch.setenv("CXX", str(compiler))
    with pytest.raises(build.BuildError):
        build.build_cpu(places[0])
    loaded = load()
    assert loaded.reason == (
        "reference: no compiled library; c++ failed with exit code 3. "
        "With that mended, run `stylegan-tf ops build`"
    )
    with pytest.raises(library.OpsUnavailable) as caught:
        loaded.require()
    what, command, *log = str(caught.value).splitlines()
    assert what == f"the compiled ops cannot be had: {loaded.reason[len('reference: ') :]}"
    assert command.startswith(f"command: {compiler} -std=")
    assert log == [f"line {i}" for i in range(26, 41)]


def test_the_newest_of_two_failures_is_named(places):
    for place, text, when in [(places[0], "new", 2), (places[1], "old", 1)]:
        note(place, text)
        build.os.utime(place / build.FAILED, (when, when))
    assert "; new. With that mended" in load().reason
    build.os.utime(places[1] / build.FAILED, (3, 3))
    assert "; old. With that mended" in load().reason


@needs_compiler
def test_cuda_kernels_are_loaded_beside_the_ops(places, tmp_path):
    name = f"StyleganCuda{tmp_path.name.title()}"
    probe_kernels.write(build.KERNELS, name)
    build.build_cpu(tmp_path).replace(places[1] / CUDA)
    probe_kernels.write(build.KERNELS, f"{name}Ops")
    build.build_cpu(places[0])
    loaded = load()
    assert loaded.module is not None
    assert (loaded.cuda, loaded.cuda_reason) == (True, f"compiled: {CUDA} for CUDA devices")


@needs_compiler
def test_without_cuda_kernels_the_ops_are_compiled_for_the_cpu(places):
    build.build_cpu(places[0])
    loaded = load()
    assert loaded.module is not None
    assert not loaded.cuda
    assert loaded.cuda_reason == (
        f"reference: no CUDA library of TensorFlow {tf.__version__}; "
        "with nvcc, run `stylegan-tf ops build`"
    )


@needs_compiler
def test_cuda_kernels_that_do_not_load_are_reported(places):
    build.build_cpu(places[0])
    (places[0] / CUDA).write_text("no library")
    loaded = load()
    assert loaded.module is not None
    assert not loaded.cuda
    assert f"{CUDA} does not load on TensorFlow {tf.__version__} (" in loaded.cuda_reason
    assert "file too short" in loaded.cuda_reason


def test_cuda_kernels_are_not_loaded_without_the_ops(places):
    (places[0] / CUDA).write_text("no library")
    loaded = load()
    assert not loaded.cuda
    assert "need the CPU library" in loaded.cuda_reason
