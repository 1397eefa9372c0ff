"""Packaging. The folders `ops/` and `datasets/` install as `stylegan_tf.ops` and `.datasets`.

Installing compiles the CPU ops where there is a C++ compiler, and goes on without them elsewhere.
"""

import importlib.util
import os
import re
import shutil
from pathlib import Path

from setuptools import find_packages, setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_py import build_py

HERE = Path(__file__).parent
VERSION = "0.1.0"
# OWNER/NAME: GitHub sets it where releases are built, so that a fork's links lead to the fork.
REPOSITORY = os.environ.get("GITHUB_REPOSITORY")
# Folders at the top of the tree, by the name under which they install.
TOP_LEVEL = {"stylegan_tf.ops": "ops", "stylegan_tf.datasets": "datasets"}

# Keras before 3.5 does not reduce gradients over replicas, so Mirrored training would be wrong.
KERAS = "keras>=2.15," + ",".join(f"!=3.{minor}.*" for minor in range(5))

REQUIRES = [
    "tensorflow>=2.15",  # pip takes the newest; 2.15 only with the `addons` extra
    KERAS,
    "numpy",
    "pillow>=10.1",  # the first with a scalable font
    "click>=8.1",
    "lazy_loader>=0.4",
    "rich>=13",
    "google-crc32c>=1.5,<2",  # the checksums of TFRecord files
    "pooch>=1.7",  # downloads
    "pyyaml>=6",  # configs/
    "tensorboard",  # TensorFlow 2.21 no longer brings it, and tf.summary needs it
]

SERVING = [
    "tensorflow-serving-api>=2.15,<3",  # pip takes the one that fits the TensorFlow
    "requests>=2.30",
    "urllib3>=2",  # older ones accept incomplete responses
    "tenacity>=8.2",
    "starlette>=0.37",
    "uvicorn>=0.29",
    "prometheus_client>=0.17",
]
# onnx 1.19.0 does not declare the ml-dtypes that it needs.
ONNX = ["tf2onnx>=1.17,<2", "onnx>=1.16,!=1.19.0", "onnxruntime>=1.17"]
METRICS = ["scikit-learn>=1.2,<2", "matplotlib>=3.8,<4"]
# What metrics are checked against (tests/support/reference_packages.py), in a process of its own.
# They are not in `test`: PyTorch takes 5.4 GB, and its libraries for CUDA 13 would overwrite those
# for CUDA 12 that `cuda` brings (both are nvidia/cudnn). Tests skip what is not installed.
ORACLES = [
    "pytorch-fid==0.3.0",
    "clean-fid==0.1.35",
    "torch-fidelity==0.4.0",
    "lpips==0.1.4",
    "safetensors>=0.4",
    "scipy<1.18",  # the first two take an argument of sqrtm that is gone since
]
EXPLORER = ["gradio>=6.31,<7"]
# What builds the site of docs/. It imports the commands, so it needs what they import at once.
DOCS = [
    "mkdocs>=1.6,<2",
    "mkdocs-material>=9.6,<10",
    "mkdocstrings[python]>=1,<2",
    "mkdocs-click>=0.9,<1",
    "ruff",  # breaks long signatures
]
NOTEBOOKS = ["nbclient>=0.8", "nbformat>=5.7", "ipykernel>=6.20"]
VIDEO = ["imageio>=2.28,<3", "imageio-ffmpeg>=0.4.9,<1", "scipy>=1.10"]
# The explorer's page is tested in a browser where there is one: `pip install playwright`, and
# Chromium from the system's packages (apt-get install chromium). Skipped otherwise.

EXTRAS = {
    "cuda": ["tensorflow[and-cuda]>=2.15"],
    "addons": [
        "tensorflow==2.15.*; python_version < '3.12'",
        "keras==2.15.*; python_version < '3.12'",
        "tensorflow-addons==0.23.*; python_version < '3.12'",
    ],
    "metrics": METRICS,
    "serving": SERVING,
    "explorer": EXPLORER,
    "onnx": ONNX,
    "video": VIDEO,
    "notebooks": NOTEBOOKS,
    "oracles": ORACLES,
    "docs": DOCS,
    "test": [
        "pytest>=8",
        "pytest-xdist>=3.5",
        "hypothesis>=6.80",
        "scipy>=1.10",
        "psutil>=5.9",
        "lmdb>=1.4",  # writes what our reader of it is tested on
        "prdc==0.2",  # what precision, recall, density and coverage are checked against
        *METRICS,
        *SERVING,
        *ONNX,
        *EXPLORER,
        *VIDEO,
        *NOTEBOOKS,
    ],
}

CLASSIFIERS = [
    "Development Status :: 4 - Beta",
    "Environment :: Console",
    "Environment :: GPU :: NVIDIA CUDA",
    "Intended Audience :: Developers",
    "Intended Audience :: Education",
    "Intended Audience :: Science/Research",
    "Operating System :: MacOS",
    "Operating System :: Microsoft :: Windows",
    "Operating System :: POSIX :: Linux",
    "Programming Language :: C++",
    "Programming Language :: Python :: 3",
    "Programming Language :: Python :: 3.10",
    "Programming Language :: Python :: 3.11",
    "Programming Language :: Python :: 3.12",
    "Programming Language :: Python :: 3.13",
    "Topic :: Multimedia :: Graphics",
    "Topic :: Scientific/Engineering :: Artificial Intelligence",
    "Topic :: Scientific/Engineering :: Image Processing",
    "Typing :: Typed",
]
KEYWORDS = [
    "stylegan",
    "progressive-gan",
    "gan",
    "generative-adversarial-network",
    "image-generation",
    "deep-learning",
    "tensorflow",
    "keras",
]


def long_description() -> str:
    """Returns the README for a package index, which has none of the files that it links to."""
    text = (HERE / "README.md").read_text(encoding="utf-8")
    if not REPOSITORY:
        return text

    def absolute(match: re.Match[str]) -> str:
        before, target = match.groups()
        if not (HERE / target.partition("#")[0]).is_file():
            return match[0]
        is_image = target.endswith((".gif", ".jpg", ".png", ".svg", ".webp"))
        kind = "raw" if is_image else "blob"
        return f"{before}https://github.com/{REPOSITORY}/{kind}/v{VERSION}/{target}"

    return re.sub(r'(\]\(|src="|href=")([^)"#\s][^)"\s]*)', absolute, text)


def project_urls() -> dict[str, str]:
    """Returns the addresses of the project on GitHub, where they are known."""
    address = f"https://github.com/{REPOSITORY}"
    urls = {
        "Source": address,
        "Documentation": f"{address}/tree/v{VERSION}/docs",
        "Changelog": f"{address}/blob/v{VERSION}/CHANGELOG.md",
        "Issues": f"{address}/issues",
    }
    return urls if REPOSITORY else {}


def packages() -> list[str]:
    """Returns every package by its installed name, those of the top-level folders included."""
    names = find_packages(str(HERE), include=["stylegan_tf", "stylegan_tf.*"])
    for name, folder in TOP_LEVEL.items():
        names += [name, *(f"{name}.{sub}" for sub in find_packages(str(HERE / folder)))]
    return names


def load_builder():
    """Returns the module ops/build.py without its package, which needs TensorFlow."""
    spec = importlib.util.spec_from_file_location("build_ops", HERE / "ops" / "build.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


BUILDER = load_builder()


class BuildWithOps(build_py):
    """Compiles the CPU ops into ops/lib, from where they are installed as package data."""

    def run(self):
        """Compiles the ops, or warns if that fails, and copies the package."""
        library = BUILDER.LIB / BUILDER.cpu_library_name()
        # An editable installation is repeated for each extra; its library stays in the tree.
        if not (self.editable_mode and library.exists()):
            self._compile()
        # Files of an earlier build would be installed, too.
        shutil.rmtree(Path(self.build_lib, "stylegan_tf", "ops"), ignore_errors=True)
        super().run()

    def _compile(self):
        try:
            BUILDER.build_cpu(BUILDER.LIB)
        except BUILDER.BuildError as error:
            self.warn(
                "the ops were not compiled, so plain TensorFlow takes their place. Once it can "
                f"be done, `stylegan-tf ops build` compiles them. What went wrong: {error}"
            )


class WheelWithOps(bdist_wheel):
    """Tags a wheel for the platform if it has a library, and for any Python 3."""

    def get_tag(self):
        """Returns the tags of the Python, the ABI and the platform."""
        # Set only now: all files were put in the folder of a pure package, and belong there.
        self.root_is_pure = not (BUILDER.LIB / BUILDER.cpu_library_name()).exists()
        return "py3", "none", super().get_tag()[2]


setup(
    name="stylegan-tf",
    version=VERSION,
    description="StyleGAN and Progressive GAN for Keras and TensorFlow 2",
    long_description=long_description(),
    long_description_content_type="text/markdown",
    author="The contributors of StyleGAN for Keras and TensorFlow 2",
    project_urls=project_urls(),
    keywords=KEYWORDS,
    classifiers=CLASSIFIERS,
    license="Apache-2.0",
    license_files=["LICENSE", "datasets/emoji/NOTICE.md"],
    python_requires=">=3.10",
    packages=packages(),
    package_dir={"stylegan_tf": "stylegan_tf", **TOP_LEVEL},
    package_data={
        "stylegan_tf": ["py.typed"],
        "stylegan_tf.datasets": ["emoji/*"],
        "stylegan_tf.pretrained": ["*.npz", "*.md"],
        "stylegan_tf.ops": [
            "kernels/**/*",
            f"lib/{BUILDER.cpu_library_name()}",
            "lib/build-failed.txt",
        ],
    },
    cmdclass={"build_py": BuildWithOps, "bdist_wheel": WheelWithOps},
    install_requires=REQUIRES,
    extras_require=EXTRAS,
    entry_points={"console_scripts": ["stylegan-tf = stylegan_tf.cli:main"]},
)
