"""The `stylegan-tf` command. One file a command; each imports TensorFlow only when it runs."""

import importlib
import os
import sys

import click

import stylegan_tf

# Command: (module, one-line help). The module holds a click command named `command`.
COMMANDS = {
    "train": ("train", "Train a generator and a discriminator on images."),
    "dataset": ("dataset", "Make, describe, check and unpack datasets of TFRecord shards."),
    "generate": ("generate", "Generate images from seeds with a trained network."),
    "figures": ("figures", "Draw the figures of the paper with a trained network."),
    "video": ("video", "Make a video that loops through the images of seeds."),
    "project": ("project", "Find the latent with which a network generates an image."),
    "directions": ("directions", "Find directions in w that change images."),
    "classifiers": ("classifiers", "Train classifiers of attributes, for linear separability."),
    "evaluate": ("evaluate", "Measure how good the images of trained networks are."),
    "import": ("import_", "Turn an NVIDIA network pickle into a .keras file."),
    "export": ("export", "Export a trained network for TensorFlow Serving."),
    "serve": ("serve", "Serve an exported network over HTTP, without TensorFlow Serving."),
    "explore": ("explore", "Explore a trained network in a browser."),
    "ops": ("ops", "Build the compiled ops, tell what is in use and why, measure them."),
    "doctor": ("doctor", "Tell what this machine can do, and what to do about the rest."),
}


class LazyGroup(click.Group):
    """Imports a command's module when that command is used, so that `--help` stays fast."""

    def list_commands(self, ctx):
        return list(COMMANDS)

    def get_command(self, ctx, name):
        if name not in COMMANDS:
            return None
        return importlib.import_module(f"stylegan_tf.cli.{COMMANDS[name][0]}").command

    def format_commands(self, ctx, formatter):
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(stylegan_tf.__version__, prog_name="stylegan-tf")
def group():
    """StyleGAN and Progressive GAN for Keras and TensorFlow 2."""


def main(args: list[str] | None = None) -> None:
    """Runs the command line. Bad input ends with one line on stderr and exit code 2."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        group.main(args=args, prog_name="stylegan-tf", standalone_mode=False)
    except click.exceptions.Abort:
        fail("stopped", code=130)
    except click.exceptions.Exit as exit_:
        sys.exit(exit_.exit_code)
    except click.ClickException as error:
        fail(error.format_message(), getattr(error, "ctx", None))
    except (ValueError, OSError, *ops_unavailable()) as error:
        if os.environ.get("STYLEGAN_TF_DEBUG"):
            raise
        fail(describe(error))


def ops_unavailable() -> list[type[Exception]]:
    """The error of compiled ops that are wanted and not there, once ops were imported at all."""
    library = sys.modules.get("stylegan_tf.ops.library")
    return [library.OpsUnavailable] if library else []


def describe(error: Exception) -> str:
    """One line for an error, with the file that an OSError is about; more lines for a build's."""
    if isinstance(error, RuntimeError):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return " ".join(str(error).split())


def fail(message: str, ctx: click.Context | None = None, code: int = 2) -> None:
    """Ends the program with one line on stderr."""
    name = ctx.command_path if ctx else "stylegan-tf"
    click.echo(f"{name}: {message}", err=True)
    sys.exit(code)
