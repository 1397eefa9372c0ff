"""Modules of users."""

import sys

import pytest

from stylegan_tf import plugins


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The current directory, empty."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    return tmp_path


def test_a_module_of_the_current_directory_is_imported(folder):
    (folder / "plugin_of_a_test.py").write_text("ran = True")
    plugins.load(["plugin_of_a_test"])
    assert sys.modules["plugin_of_a_test"].ran


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("plugin_missing", None, "'plugin_missing': there is no such module, neither on"),
        ("plugin_missing.inner", None, "'plugin_missing.inner': there is no such module"),
        ("plugin_needy", "import plugin_missing", "'plugin_needy': ModuleNotFoundError: .*missing"),
        ("plugin_wrong", "raise RuntimeError('no')", "'plugin_wrong': RuntimeError: no"),
        ("plugin_lines", "raise RuntimeError('a\\nb')", "'plugin_lines': RuntimeError: a b"),
        ("plugin_ends", "raise SystemExit(3)", "'plugin_ends': SystemExit: 3"),
        ("plugin.py", None, "'plugin.py': give a module, such as 'plugin', not a file"),
        ("./plugin", None, "'./plugin': give a module, such as 'plugin', not a file"),
        ("plugin_refused", "raise ValueError('taken')", "'plugin_refused': taken"),
        ("plugin_typo", "def f(:", "'plugin_typo': SyntaxError"),
    ],
)
def test_what_cannot_be_imported_is_named(folder, name, text, reason):
    if text:
        (folder / f"{name}.py").write_text(text)
    with pytest.raises(ValueError, match=f"plugin {reason}"):
        plugins.load([name])
