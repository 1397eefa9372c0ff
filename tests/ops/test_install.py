"""Installing with a compiler, without one, and with one that fails; and what wheels hold."""

import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
import tensorflow as tf
from packaging.version import Version

import probe_kernels
from installing import Installer, copy_of_the_tree, python

COMPILER = shutil.which("c++")
OTHER = "STYLEGAN_TF_OTHER_PYTHON"
pytestmark = pytest.mark.slow
needs_compiler = pytest.mark.skipif(not COMPILER, reason="no C++ compiler")
LIBRARY = re.compile(r"stylegan_tf/ops/lib/stylegan_tf_cpu-[0-9a-f]{8}\.so")
LOAD = "from stylegan_tf.ops import library; loaded = library.load(); "
PRESET = {"stylegan_tf/pretrained/probe.npz", "stylegan_tf/pretrained/probe.md"}
# What TensorFlow 2.15's own libraries need at most, as its wheels were made for such systems.
NEWEST = {"GLIBC": "2.27", "GLIBCXX": "3.4.22", "CXXABI": "1.3.11", "GCC": "4.8"}


@pytest.fixture(scope="session")
def setuptools(tmp_path_factory) -> Path:
    """A folder with a setuptools that makes wheels: that of the running Python, or a new one."""
    folder = tmp_path_factory.mktemp("setuptools")
    here = metadata.distribution("setuptools")
    if Version(here.version) < Version("70.1"):
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--target", folder, "setuptools"]
        subprocess.run(pip, check=True)
        return folder
    for file in here.files:
        if ".." not in file.parts and "__pycache__" not in file.parts:
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file.locate(), folder / file)
    return folder


@pytest.fixture
def tree(tmp_path) -> Path:
    """A copy of this project with kernels that compile in no time."""
    tree = copy_of_the_tree(tmp_path / "tree")
    for source in [*(tree / "ops" / "kernels").glob("*.*")]:
        source.unlink()
    probe_kernels.write(tree / "ops" / "kernels")
    return tree


def add_preset(tree) -> None:
    """Puts a preset and its card among those that come along."""
    for name in PRESET:
        (tree / name).touch()


def wheel_of(installer, tree) -> Path:
    return tree / "dist" / installer.build(tree, "build_wheel")


def libraries_in(wheel: Path) -> list[str]:
    return [name for name in zipfile.ZipFile(wheel).namelist() if name.endswith(".so")]


@needs_compiler
def test_with_a_compiler_the_ops_are_compiled(setuptools, tree, tmp_path):
    Installer(setuptools, COMPILER, os.environ["PATH"]).pip(
        "install", "--target", tmp_path / "site", tree
    )
    (library,) = (tmp_path / "site/stylegan_tf/ops/lib").iterdir()
    output = python(LOAD + "print(library.__file__, loaded.reason)", tmp_path / "site")
    assert output == (
        f"{tmp_path}/site/stylegan_tf/ops/library.py compiled: {library.name} for the CPU"
    )


def test_without_a_compiler_it_is_installed_and_says_so(setuptools, tree, tmp_path):
    printed = Installer(setuptools).pip("install", "--target", tmp_path / "site", tree)
    assert printed.count("the ops were not compiled") == 1
    output = python(LOAD + "print(loaded.module, loaded.reason)", tmp_path / "site")
    assert output.startswith("None reference: no compiled library; no C++ compiler was found: ")
    assert output.endswith("run `stylegan-tf ops build`")


def test_a_compiler_that_fails_is_shown_once_and_plain_tensorflow_goes_on(
    setuptools, tree, tmp_path
):
    compiler = probe_kernels.compiler(tmp_path / "bin", probe_kernels.FAILING)
    printed = Installer(setuptools, compiler).pip("install", "--target", tmp_path / "site", tree)
    ask = """
import tensorflow as tf
from stylegan_tf import ops
x = tf.ones([1, 4, 4, 1])
print(ops.blur2d(x).numpy()[0, 1, 1, 0])
try:
    ops.blur2d(x, implementation="compiled")
except library.OpsUnavailable as error:
    print(error)
"""
    output = python(LOAD + ask, tmp_path / "site")
    blurred, output = output.split("\n", 1)
    assert blurred == "1.0"
    for text in (printed, output):
        assert text.count("c++ failed with exit code 3") == 1
        assert text.count(f"command: {compiler} -std=") == 1
        assert re.findall(r"^ *line (\d+)$", text, re.M) == [str(i) for i in range(26, 41)]


@needs_compiler
def test_an_editable_installation_has_its_library_in_the_tree(setuptools, tree, tmp_path):
    environment = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    installer = Installer(setuptools, COMPILER, os.environ["PATH"])
    arguments = ["--python", environment / "bin/python", "install", "-e", tree]
    installer.pip(*arguments)
    (library,) = (tree / "ops" / "lib").iterdir()
    assert re.fullmatch(r"stylegan_tf_cpu-[0-9a-f]{8}\.so", library.name)
    # A second one, for an extra, takes it as it is; a changed kernel is compiled.
    before = library.stat().st_mtime_ns
    installer.pip(*arguments)
    assert library.stat().st_mtime_ns == before
    kernel = next((tree / "ops" / "kernels").glob("*.cc"))
    kernel.write_text(kernel.read_text() + "// changed\n")
    installer.pip(*arguments)
    (other,) = (tree / "ops" / "lib").iterdir()
    assert other.name != library.name


@needs_compiler
def test_a_wheel_with_a_library_is_for_this_platform_and_any_python(setuptools, tree):
    wheel = wheel_of(Installer(setuptools, COMPILER, os.environ["PATH"]), tree)
    assert re.fullmatch(r"stylegan_tf-[0-9.]+-py3-none-linux_\w+\.whl", wheel.name)
    (library,) = libraries_in(wheel)
    assert LIBRARY.fullmatch(library)
    names = zipfile.ZipFile(wheel).namelist()
    assert {"stylegan_tf/ops/kernels/probe.cc", "stylegan_tf/py.typed"} <= set(names)
    assert not [name for name in names if "build-failed" in name or ".data/" in name]


@pytest.mark.any_stack
def test_a_wheel_without_a_library_is_for_any_platform(setuptools, tree):
    """Not even one of other sources is taken along, though a build that fails lets it lie."""
    (tree / "ops/lib").mkdir()
    (tree / "ops/lib/stylegan_tf_cpu-01234567.so").touch()
    add_preset(tree)
    wheel = wheel_of(Installer(setuptools), tree)
    assert wheel.name.endswith("-py3-none-any.whl")
    assert libraries_in(wheel) == []
    names = zipfile.ZipFile(wheel).namelist()
    assert "stylegan_tf/ops/kernels/probe.cc" in names
    assert "stylegan_tf/ops/lib/build-failed.txt" in names
    assert set(names) >= PRESET


@pytest.mark.any_stack
@needs_compiler
def test_what_earlier_builds_left_is_not_in_a_wheel(setuptools, tree):
    """A source or library too many, and the installed kernels would not be those compiled."""
    installer = Installer(setuptools, COMPILER, os.environ["PATH"])
    (tree / "ops/kernels/gone.h").touch()
    (before,) = libraries_in(wheel_of(installer, tree))
    (tree / "ops/kernels/gone.h").unlink()
    (tree / "ops/lib/stylegan_tf_cuda-01234567.so").touch()
    wheel = wheel_of(installer, tree)
    (after,) = libraries_in(wheel)
    assert after != before
    assert "stylegan_tf/ops/kernels/gone.h" not in zipfile.ZipFile(wheel).namelist()


@pytest.mark.any_stack
def test_a_source_distribution_has_the_kernels_and_no_library(setuptools, tree):
    (tree / "ops/lib").mkdir()
    (tree / "ops/lib/stylegan_tf_cpu-01234567.so").touch()
    cuda = tree / "ops/kernels/cuda"
    cuda.mkdir(exist_ok=True)
    (cuda / "probe.cu").touch()
    add_preset(tree)
    name = Installer(setuptools).build(tree, "build_sdist")
    with tarfile.open(tree / "dist" / name) as packed:
        names = {path.partition("/")[2] for path in packed.getnames()}
    assert {"setup.py", "ops/kernels/probe.cc", "ops/kernels/cuda/probe.cu", *PRESET} <= names
    assert not [path for path in names if path.startswith("ops/lib/")]


@needs_compiler
class TestTheRealKernels:
    """The library of a wheel that pip builds as users do, isolated from what is installed."""

    @pytest.fixture(scope="class")
    def site(self, tmp_path_factory) -> Path:
        """Where that wheel was unzipped."""
        folder = tmp_path_factory.mktemp("wheel")
        tree = copy_of_the_tree(folder / "tree")
        nothing = Installer(folder / "none", COMPILER, os.environ["PATH"])
        nothing.pip("wheel", "--wheel-dir", folder, tree, isolated=True)
        (wheel,) = folder.glob("*.whl")
        zipfile.ZipFile(wheel).extractall(folder / "site")
        return folder / "site"

    def test_it_loads(self, site):
        assert python(LOAD + "print(loaded.reason)", site).startswith("compiled: ")

    def test_it_loads_on_the_other_stack(self, site):
        if OTHER not in os.environ:
            pytest.skip(f"{OTHER} does not name a Python with the other stack")
        output = python(
            LOAD + "print(library.tf.__version__, loaded.reason)", site, os.environ[OTHER]
        )
        version, _, reason = output.partition(" ")
        assert version != tf.__version__
        assert reason.startswith("compiled: ")

    def test_it_needs_no_newer_system_than_tensorflow(self, site):
        (library,) = (site / "stylegan_tf/ops/lib").iterdir()
        listed = subprocess.check_output(["objdump", "-p", library], text=True)
        needed = {name.partition(".so")[0] for name in re.findall(r"NEEDED +(\S+)", listed)}
        system = {"libc", "libm", "libstdc++", "libgcc_s", "libpthread"}
        assert "libtensorflow_framework" in needed
        assert needed <= {"libtensorflow_framework", *system, "ld-linux-x86-64"}
        versions = re.findall(r" ([A-Z]+)_([0-9.]+)$", listed, re.M)
        assert versions
        for name, version in versions:
            assert Version(version) <= Version(NEWEST[name]), f"{name}_{version}"
