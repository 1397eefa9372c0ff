"""Compiling the CPU ops: where it builds what, and what an error says."""

import shutil
import sys

import pytest
import tensorflow as tf

import probe_kernels
from stylegan_tf.ops import build

needs_compiler = pytest.mark.skipif(not shutil.which("c++"), reason="no C++ compiler")


@pytest.fixture
def kernels(tmp_path, monkeypatch):
    """A folder of small kernels in the place of the real ones; no CXX is set."""
    monkeypatch.delenv("CXX", raising=False)
    monkeypatch.setattr(build, "KERNELS", tmp_path / "kernels")
    return probe_kernels.write(tmp_path / "kernels", f"StyleganProbe{tmp_path.name.title()}")


@pytest.fixture
def failing(tmp_path, monkeypatch):
    """A compiler that prints 40 lines and fails."""
    path = probe_kernels.compiler(tmp_path / "failing", probe_kernels.FAILING)
    monkeypatch.setenv("CXX", str(path))
    return path


def test_running_returns_what_a_command_printed():
    code = "import sys; print('out', flush=True); print('err', file=sys.stderr)"
    assert build.run([sys.executable, "-c", code]) == "out\nerr\n"


def test_an_error_says_what_failed_then_the_command_then_the_end_of_the_log(failing):
    with pytest.raises(build.BuildError) as caught:
        build.run([str(failing), "a b"])
    what, command, *log = str(caught.value).splitlines()
    assert what == "c++ failed with exit code 3"
    assert command == f"command: {failing} 'a b'"
    assert log == [f"line {i}" for i in range(26, 41)]


def test_a_command_that_cannot_be_started_is_a_build_error(tmp_path):
    with pytest.raises(build.BuildError, match="missing could not be started: No such file"):
        build.run([str(tmp_path / "missing")])


def test_the_digest_is_of_names_contents_and_the_extra(tmp_path):
    a, b, same = tmp_path / "a", tmp_path / "b", tmp_path / "elsewhere" / "a"
    same.parent.mkdir()
    for path, text in [(a, "1"), (b, "2"), (same, "1")]:
        path.write_text(text)
    first = build.digest([a, b])
    assert len(first) == 8
    assert int(first, 16) >= 0
    assert build.digest([b, same]) == first
    assert len({first, build.digest([a]), build.digest([b]), build.digest([a, b], "x")}) == 4
    a.write_text("2")
    b.write_text("1")
    assert build.digest([a, b]) != first


def test_the_compiler_is_that_of_the_environment(monkeypatch):
    monkeypatch.setenv("CXX", "ccache 'my g++'")
    assert build.find_compiler() == ["ccache", "my g++"]


def test_without_one_it_is_the_first_on_the_path(tmp_path, monkeypatch):
    monkeypatch.delenv("CXX", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(build.BuildError, match=r"no C\+\+ compiler was found: no c\+\+, g\+\+"):
        build.find_compiler()
    for name in ("clang++", "g++", "c++"):
        probe_kernels.compiler(tmp_path, "exit 0").rename(tmp_path / name)
        assert build.find_compiler() == [str(tmp_path / name)]


def test_the_name_changes_with_every_source_and_flag(kernels, monkeypatch):
    names = {build.cpu_library_name()}
    (kernels / "more.h").write_text("")
    names.add(build.cpu_library_name())
    (kernels / "more.h").write_text(" ")
    names.add(build.cpu_library_name())
    monkeypatch.setattr(build, "FLAGS", ["-O2"])
    names.add(build.cpu_library_name())
    assert len(names) == 4


def test_the_name_does_not_change_with_what_is_not_compiled(kernels):
    before = build.cpu_library_name()
    (kernels / "cuda").mkdir()
    (kernels / "cuda" / "kernel.h").write_text("")
    (kernels / "probe.cc~").write_text("")
    assert build.cpu_library_name() == before


@needs_compiler
def test_a_library_is_built_that_tensorflow_loads(kernels, tmp_path):
    library = build.build_cpu(tmp_path / "new" / "lib")
    assert library == tmp_path / "new" / "lib" / build.cpu_library_name()
    assert list(library.parent.iterdir()) == [library]
    module = tf.load_op_library(str(library))
    assert [name for name in dir(module) if name.startswith("stylegan_probe")]


@needs_compiler
def test_building_takes_the_place_of_older_libraries_and_notes_alone(kernels, tmp_path):
    kept = ["stylegan_tf_cuda-01234567.so", "other.txt"]
    for name in [*kept, "stylegan_tf_cpu-01234567.so", build.FAILED]:
        (tmp_path / "lib").mkdir(exist_ok=True)
        (tmp_path / "lib" / name).write_text("")
    library = build.build_cpu(tmp_path / "lib")
    assert {path.name for path in library.parent.iterdir()} == {library.name, *kept}


@needs_compiler
def test_a_failure_leaves_a_note_and_all_libraries(kernels, tmp_path, monkeypatch):
    library = build.build_cpu(tmp_path / "lib")
    content = library.read_bytes()
    older = library.with_name("stylegan_tf_cpu-01234567.so")
    older.touch()
    monkeypatch.setenv("CXX", str(probe_kernels.compiler(tmp_path, probe_kernels.FAILING)))
    with pytest.raises(build.BuildError) as caught:
        build.build_cpu(library.parent)
    note = library.with_name(build.FAILED)
    assert set(library.parent.iterdir()) == {library, older, note}
    assert note.read_text() == f"{caught.value}\n"
    assert library.read_bytes() == content


@needs_compiler
def test_code_that_does_not_compile_is_named_in_the_log(kernels, tmp_path):
    (kernels / "wrong.cc").write_text("int f() { return missing; }\n")
    with pytest.raises(build.BuildError) as caught:
        build.build_cpu(tmp_path / "lib")
    what, command, *log = str(caught.value).splitlines()
    assert what == "c++ failed with exit code 1"
    assert str(kernels / "wrong.cc") in command
    assert any("wrong.cc:1" in line and "missing" in line for line in log)


def test_a_directory_that_cannot_be_made_is_named(kernels, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(build.BuildError, match=r"file/lib: Not a directory"):
        build.build_cpu(tmp_path / "file" / "lib")


def test_no_sources_are_no_library(kernels, tmp_path):
    (kernels / "probe.cc").unlink()
    with pytest.raises(build.BuildError, match="holds no sources"):
        build.build_cpu(tmp_path)


def test_other_systems_are_refused_by_name(kernels, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(build.BuildError, match="for Linux only so far; this is darwin"):
        build.build_cpu(tmp_path)


def test_libraries_are_in_the_package_or_in_the_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert build.places() == [build.HERE / "lib", tmp_path / "stylegan-tf" / "lib"]
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert build.places()[1] == tmp_path / ".cache" / "stylegan-tf" / "lib"


@pytest.mark.parametrize(("writable", "place"), [("pc", 0), ("p", 0), ("c", 1), ("", 1)])
def test_it_is_built_in_the_first_place_that_can_be_written_to(
    writable, place, tmp_path, monkeypatch
):
    for name in "pc":
        (tmp_path / name).mkdir()
    places = [tmp_path / "p" / "lib", tmp_path / "c" / "deeper" / "lib"]
    monkeypatch.setattr(build, "places", lambda: places)
    allowed = {str(tmp_path / name) for name in writable}
    monkeypatch.setattr(build.os, "access", lambda path, mode: str(path) in allowed)
    assert build.place_to_build() == places[place]
