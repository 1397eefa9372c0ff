"""The command line as a whole: fast help, one-line errors, exit codes."""

import subprocess
import sys

import click
import pytest

import stylegan_tf
from stylegan_tf import cli


def ended(*arguments) -> int:
    """The exit code of a command."""
    with pytest.raises(SystemExit) as caught:
        cli.main(list(arguments))
    return caught.value.code


def failing(error):
    """A command that fails in a way."""

    @click.command("train")
    def command():
        raise error

    return command


@pytest.fixture
def fail_with(monkeypatch):
    """Makes `stylegan-tf train` raise an error."""

    def use(error):
        monkeypatch.setattr(cli.group, "get_command", lambda ctx, name: failing(error))

    return use


def test_an_unknown_command_is_one_line(capsys):
    assert ended("trian") == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert "trian" in err


@pytest.mark.parametrize("arguments", [[], ["dataset"], ["ops"]])
def test_without_a_command_there_is_help(arguments, capsys):
    assert ended(*arguments) == 2
    text = "".join(capsys.readouterr())
    assert text.startswith("Usage:")
    assert "Commands:" in text


@pytest.mark.parametrize("command", ["create", "info", "verify"])
def test_a_missing_argument_is_named(command, capsys):
    assert ended("dataset", command) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"stylegan-tf dataset {command}: Missing argument")


def test_help_lists_every_command(capsys):
    cli.main(["--help"])
    out = capsys.readouterr().out
    for name, (_, text) in cli.COMMANDS.items():
        assert name in out
        assert text.split()[0] in out


@pytest.mark.parametrize("flag", ["-h", "--help"])
@pytest.mark.parametrize("command", cli.COMMANDS)
def test_every_command_has_help(command, flag, capsys):
    cli.main([command, flag])
    assert "Usage:" in capsys.readouterr().out


def test_the_version_is_the_packages(capsys):
    cli.main(["--version"])
    assert stylegan_tf.__version__ in capsys.readouterr().out


def test_python_m_runs_the_same_command():
    command = [sys.executable, "-m", "stylegan_tf"]
    done = subprocess.run([*command, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"stylegan-tf, version {stylegan_tf.__version__}\n"
    done = subprocess.run([*command, "trian"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == "stylegan-tf: No such command 'trian'.\n"


def test_other_runtime_errors_keep_their_traceback(fail_with):
    """A RuntimeError is shown in one line only if the compiled ops raise it."""
    fail_with(RuntimeError("a bug"))
    with pytest.raises(RuntimeError, match="a bug"):
        cli.main(["train"])


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["--version"],
        ["dataset", "create", "--help"],
        ["ops", "build", "--help"],
        ["ops", "info", "--help"],
        ["ops", "benchmark", "--help"],
        ["export", "--help"],
        ["serve", "--help"],
        ["explore", "--help"],
        ["import", "--help"],
        ["doctor", "--help"],
    ],
)
def test_help_does_not_wait_for_tensorflow(arguments):
    code = (
        "import sys; from stylegan_tf.cli import main; main(sys.argv[1:]); "
        "sys.exit('tensorflow' in sys.modules or 'keras' in sys.modules)"
    )
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (ValueError("no\n such  thing"), "no such thing"),
        (OSError(28, "No space left on device"), "No space left on device"),
        (OSError(28, "No space left on device", "a.txt"), "a.txt: No space left on device"),
        (OSError("not at all"), "not at all"),
        (FileNotFoundError(2, "No such file", "b.txt"), "b.txt: No such file"),
        (click.UsageError("so not"), "so not"),
    ],
)
def test_errors_that_a_user_can_cause_are_one_line(error, line, fail_with, capsys):
    fail_with(error)
    assert ended("train") == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("stylegan-tf")
    assert err.endswith(f": {line}\n")
    assert err.count("\n") == 1


def test_ctrl_c_ends_with_130(fail_with, capsys):
    fail_with(KeyboardInterrupt())
    assert ended("train") == 130
    assert capsys.readouterr().err.strip().endswith("stopped")


def test_other_errors_keep_their_traceback(fail_with):
    fail_with(ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        cli.main(["train"])


def test_debugging_keeps_every_traceback(fail_with, monkeypatch):
    monkeypatch.setenv("STYLEGAN_TF_DEBUG", "1")
    fail_with(ValueError("x"))
    with pytest.raises(ValueError, match="x"):
        cli.main(["train"])
