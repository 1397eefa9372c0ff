"""What a command imports, and when."""

import importlib
import subprocess
import sys

import pytest

from stylegan_tf.cli import process


def test_packages_are_missing_inside_alone(tmp_path, monkeypatch):
    (tmp_path / "not_imported_yet.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    with process.as_if_missing(["not_imported_yet", "json"]):
        with pytest.raises(ImportError, match="not_imported_yet"):
            importlib.import_module("not_imported_yet")
        assert importlib.import_module("json").loads("1") == 1  # imported before
    assert importlib.import_module("not_imported_yet")


@pytest.mark.slow
def test_tensorflow_comes_without_what_takes_long_to_import():
    code = (
        "import sys; from stylegan_tf.cli import process; process.load_tensorflow(); "
        "assert {'tensorflow', 'keras'} < {*sys.modules}; "
        "assert not {*process.NEEDLESS} & {*sys.modules}; import scipy.sparse"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
