"""`stylegan-tf ops`: build, explain and measure the compiled ops."""

from collections.abc import Callable
from pathlib import Path

import click

from stylegan_tf.cli import process


@click.group("ops")
def command() -> None:
    """Build the compiled ops, show which are in use and why, measure them."""


@command.command()
@click.option("--cuda/--no-cuda", default=None, help="For GPUs, too.  [default: if nvcc is found]")
def build(cuda: bool | None) -> None:
    """Compile the ops for this machine.

    The installation does it for the CPU where there is a C++ compiler. It is needed again after an
    installation without one, after changes of kernels, and for GPUs after an upgrade of TensorFlow.
    The libraries go into the package, or into ~/.cache/stylegan-tf/lib if that is not writable.
    """
    process.load_tensorflow()
    from stylegan_tf.ops import build as builder
    from stylegan_tf.ops import library

    place = builder.place_to_build()
    _build("the CPU ops", builder.build_cpu, place)
    with_cuda = cuda is not False and _build_cuda(place, required=bool(cuda))
    loaded = library.load()
    click.echo(loaded.reason)
    if with_cuda:
        click.echo(loaded.cuda_reason)
    if loaded.module is None or (with_cuda and not loaded.cuda):
        raise click.ClickException("what was built does not load")


def _build(what: str, build: Callable[[Path], Path], place: Path) -> None:
    from stylegan_tf.ops.build import BuildError

    click.echo(f"compiling {what} into {place}")
    try:
        build(place)
    except BuildError as error:
        raise click.ClickException(f"{what} were not built: {error}") from error


def _build_cuda(place: Path, required: bool) -> bool:
    """Returns whether the CUDA ops were built; a failure is an error only if they are required."""
    from stylegan_tf.ops import build_cuda
    from stylegan_tf.ops.build import BuildError

    try:
        build_cuda.find_nvcc()
    except BuildError as error:
        if required:
            raise click.ClickException(str(error)) from error
        return False
    try:
        _build("the CUDA ops", build_cuda.build_cuda, place)
    except click.ClickException as error:
        if required:
            raise
        click.echo(f"warning: {error.format_message()}", err=True)
        return False
    return True


@command.command()
def info() -> None:
    """Show what each op runs as on this machine, and why."""
    process.load_tensorflow()
    from stylegan_tf import ops
    from stylegan_tf.ops import library

    implementations = ops.implementation()
    width = max(map(len, implementations)) + 2
    for name, text in implementations.items():
        click.echo(f"{name:{width}}{text}")
    if log := library.load().log:
        click.echo(f"\n{log}")


@command.command()
def benchmark() -> None:
    """Measure each op, compiled and as plain TensorFlow."""
    process.load_tensorflow()
    from stylegan_tf.ops import benchmark

    benchmark.run(click.echo)
