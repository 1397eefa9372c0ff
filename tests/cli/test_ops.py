"""`stylegan-tf ops`: what it builds, what it prints, and its exit codes."""

import functools
import shutil

import pytest

import probe_kernels
from stylegan_tf import ops
from stylegan_tf.cli import main
from stylegan_tf.ops import build, build_cuda, library

CUDA = "stylegan_tf_cuda-01234567.so"
needs_compiler = pytest.mark.skipif(not shutil.which("c++"), reason="no C++ compiler")


@pytest.fixture
def place(tmp_path, monkeypatch):
    """An empty place for libraries, and small kernels."""
    name = f"StyleganProbe{tmp_path.name.title()}"
    monkeypatch.delenv("CXX", raising=False)
    monkeypatch.delenv("STYLEGAN_TF_OPS", raising=False)
    monkeypatch.setattr(build, "KERNELS", probe_kernels.write(tmp_path / "kernels", name))
    monkeypatch.setattr(build, "places", lambda: [tmp_path / "lib"])
    monkeypatch.setattr(library, "load", functools.cache(library.load.__wrapped__))
    return tmp_path / "lib"


@pytest.fixture
def fake_cuda(place, monkeypatch):
    """Replaces the compiling of CUDA ops by a function, and gives a path for nvcc."""

    def use(compiling, nvcc=True):
        monkeypatch.setattr(build_cuda, "build_cuda", compiling)
        monkeypatch.setattr(build_cuda, "find_nvcc", lambda: "nvcc" if nvcc else no_nvcc())

    monkeypatch.setattr(build_cuda, "cuda_library_name", lambda: CUDA)
    use(lambda place: pytest.fail("CUDA ops were built"), nvcc=False)
    return use


def no_nvcc():
    raise build.BuildError("no CUDA compiler was found")


def run(*arguments, capsys, code=0) -> tuple[str, str]:
    """What a command prints on stdout and on stderr; it must end with a code."""
    try:
        main(["ops", *arguments])
        ended = 0
    except SystemExit as exit_:
        ended = exit_.code or 0
    out, err = capsys.readouterr()
    assert ended == code, out + err
    return out, err


def failing(place):
    raise build.BuildError("nvcc failed", ["nvcc", "x.cu"], "the log")


def making_nonsense(place):
    (place / CUDA).write_text("no library")


def making_a_library(place):
    """One that registers an op of its own in the place of kernels."""
    probe_kernels.write(build.KERNELS / "cuda", f"{build.KERNELS.parent.name.title()}Cuda")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build, "KERNELS", build.KERNELS / "cuda")
        build.build_cpu(place / "work").replace(place / CUDA)


@needs_compiler
def test_build_says_what_it_does_and_what_came_of_it(place, fake_cuda, capsys):
    out, err = run("build", capsys=capsys)
    (made,) = place.iterdir()
    assert made.name == build.cpu_library_name()
    assert out.splitlines() == [
        f"compiling the CPU ops into {place}",
        f"compiled: {made.name} for the CPU",
    ]
    assert err == ""


@needs_compiler
def test_a_build_that_fails_ends_with_2_and_the_compilers_log(place, fake_cuda, capsys, tmp_path):
    (build.KERNELS / "probe.cc").write_text("int f() { return missing; }\n")
    _, err = run("build", capsys=capsys, code=2)
    what, command, *log = err.splitlines()
    assert what == "stylegan-tf: the CPU ops were not built: c++ failed with exit code 1"
    assert command.startswith(f"command: {shutil.which('c++')} ")
    assert any("missing" in line for line in log)
    assert (place / build.FAILED).exists()


@needs_compiler
@pytest.mark.parametrize(
    ("option", "nvcc", "built"), [([], True, True), (["--cuda"], True, True), ([], False, False)]
)
def test_cuda_ops_are_built_where_nvcc_is(option, nvcc, built, fake_cuda, capsys):
    fake_cuda(making_a_library, nvcc)
    out, _ = run("build", *option, capsys=capsys)
    assert ("compiling the CUDA ops into" in out) == built
    assert (f"compiled: {CUDA} for CUDA devices" in out) == built


@needs_compiler
def test_cuda_ops_are_not_built_if_not_wanted(fake_cuda, capsys):
    fake_cuda(lambda place: pytest.fail("CUDA ops were built"))
    run("build", "--no-cuda", capsys=capsys)


@needs_compiler
def test_cuda_ops_that_were_asked_for_need_nvcc(fake_cuda, capsys):
    _, err = run("build", "--cuda", capsys=capsys, code=2)
    assert err == "stylegan-tf: no CUDA compiler was found\n"


@needs_compiler
def test_failing_cuda_ops_are_a_warning_unless_they_were_asked_for(fake_cuda, capsys):
    fake_cuda(failing)
    out, err = run("build", capsys=capsys)
    assert "compiled: " in out
    message = "the CUDA ops were not built: nvcc failed\ncommand: nvcc x.cu\nthe log\n"
    assert err == f"warning: {message}"
    _, err = run("build", "--cuda", capsys=capsys, code=2)
    assert err == f"stylegan-tf: {message}"


@needs_compiler
def test_what_was_built_and_does_not_load_ends_with_2(fake_cuda, capsys):
    fake_cuda(making_nonsense)
    out, err = run("build", "--cuda", capsys=capsys, code=2)
    assert f"{CUDA} does not load on TensorFlow" in out
    assert err == "stylegan-tf: what was built does not load\n"


def test_info_shows_what_each_op_runs_as_and_why(place, fake_cuda, capsys):
    out, _ = run("info", capsys=capsys)
    lines = dict(line.split(maxsplit=1) for line in out.splitlines())
    assert lines == ops.implementation()
    assert all(text.startswith("reference: ") for text in lines.values())
    assert "never built: run `stylegan-tf ops build`" in lines["blur2d"]


def test_info_shows_why_the_build_failed(place, capsys):
    place.mkdir()
    error = build.BuildError("g++ failed", ["g++", "x.cc"], "the log")
    (place / build.FAILED).write_text(f"{error}\n")
    out, _ = run("info", capsys=capsys)
    assert out.endswith("\n\ncommand: g++ x.cc\nthe log\n")


def test_compiled_ops_that_are_not_there_are_refused_by_every_command(
    place, tmp_path, monkeypatch, capsys
):
    place.mkdir()
    (place / build.FAILED).write_text("g++ failed\ncommand: g++ x.cc\nthe log\n")
    monkeypatch.setattr(ops, "implementation", lambda: library.load().require())
    _, err = run("info", capsys=capsys, code=2)
    assert err.splitlines() == [
        "stylegan-tf: the compiled ops cannot be had: no compiled library; g++ failed. "
        "With that mended, run `stylegan-tf ops build`",
        "command: g++ x.cc",
        "the log",
    ]
