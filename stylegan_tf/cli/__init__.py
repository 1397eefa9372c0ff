"""The `stylegan-tf` command, one file per command. TensorFlow is imported when a command runs."""

import importlib
import io
import os
import sys
import warnings
from typing import NoReturn, TextIO

import click

import stylegan_tf
from stylegan_tf.messages import Notice

# Command: (module, one-line help). The module holds a click command named `command`.
COMMANDS = {
    "train": ("train", "Train a generator and a discriminator on images."),
    "estimate": ("estimate", "Estimate the time, memory and disk of a training."),
    "dataset": ("dataset", "Make, describe, check and unpack datasets of TFRecord shards."),
    "presets": ("presets", "List the trained networks that come along."),
    "generate": ("generate", "Generate images from seeds with a trained network."),
    "figures": ("figures", "Make the figures of the paper with a trained network."),
    "video": ("video", "Make a video that loops through the images of seeds."),
    "project": ("project", "Find the latent that makes a network generate an image."),
    "directions": ("directions", "Find directions in w that change images."),
    "classifiers": ("classifiers", "Train classifiers of attributes, for linear separability."),
    "evaluate": ("evaluate", "Measure how good the images of trained networks are."),
    "score": ("score", "Print what a trained discriminator says of images."),
    "import": ("import_", "Turn an NVIDIA network pickle into a .keras file."),
    "export": ("export", "Export a trained network for TensorFlow Serving."),
    "serve": ("serve", "Serve an exported network over HTTP, without TensorFlow Serving."),
    "explore": ("explore", "Explore a trained network in a browser."),
    "ops": ("ops", "Build the compiled ops, show which are in use and why, measure them."),
    "doctor": ("doctor", "Show what this machine can do, and what to do about the rest."),
}


class LazyGroup(click.Group):
    """Imports a command's module when that command is used, so that `--help` stays fast.

    Click has no such group; this is the one that its documentation describes.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Returns the names of all commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Returns a command by its name, or None."""
        if name not in COMMANDS:
            return None
        module = importlib.import_module(f"stylegan_tf.cli.{COMMANDS[name][0]}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes the list of commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(stylegan_tf.__version__, prog_name="stylegan-tf")
def group() -> None:
    """StyleGAN and Progressive GAN for Keras and TensorFlow 2."""


def main(args: list[str] | None = None) -> None:
    """Runs the command line. Bad input ends with one line on stderr and exit code 2."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    print_everything()
    with warnings.catch_warnings():
        warnings.simplefilter("always", Notice)
        warnings.showwarning = _show_warning
        _run(args)


def _run(args: list[str] | None) -> None:
    try:
        group.main(args=args, prog_name="stylegan-tf", standalone_mode=False)
    except click.exceptions.Abort:
        fail("stopped", code=130)
    except click.exceptions.Exit as exit_:
        sys.exit(exit_.exit_code)
    except click.ClickException as error:
        text = error.format_message()
        if text.startswith("Usage:"):  # the help, of a group without a command, since click 8.2
            click.echo(text, err=True)
            sys.exit(error.exit_code)
        fail(text, getattr(error, "ctx", None))
    except (ValueError, OSError, RuntimeError) as error:
        if not is_for_users(error) or os.environ.get("STYLEGAN_TF_DEBUG"):
            raise
        fail(describe(error))


def print_everything() -> None:
    """Lets stdout escape what its encoding lacks: ψ in a pipe on Windows, names not in UTF-8."""
    if sys.stdout.errors == "strict" and isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def _show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """Prints what is for users as a line; anything else as Python does."""
    text = warnings.formatwarning(message, category, filename, lineno, line)
    is_notice = issubclass(category, Notice)
    click.echo(f"stylegan-tf: {message}\n" if is_notice else text, err=True, nl=False)


def is_for_users(error: Exception) -> bool:
    """Returns whether an error is of a kind that users can cause, so that its message is enough.

    Of RuntimeErrors it is `OpsUnavailable` alone. Where its module was never imported, none is.
    """
    if not isinstance(error, RuntimeError):
        return True
    library = sys.modules.get("stylegan_tf.ops.library")
    return library is not None and isinstance(error, library.OpsUnavailable)


def describe(error: Exception) -> str:
    """Returns an error's message in one line, with an OSError's file; a build's has more lines."""
    if isinstance(error, RuntimeError):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return " ".join(str(error).split())


def fail(message: str, ctx: click.Context | None = None, code: int = 2) -> NoReturn:
    """Ends the program with one line on stderr."""
    name = ctx.command_path if ctx else "stylegan-tf"
    click.echo(f"{name}: {message}", err=True)
    sys.exit(code)
