"""`stylegan-tf ops`: build, explain and measure the compiled ops."""

import click

from stylegan_tf.cli import quiet


@click.group()
def command():
    """Build the compiled ops, tell what is in use and why, measure them."""


@command.command()
@click.option("--cuda/--no-cuda", default=None, help="For GPUs, too.  [default: if nvcc is found]")
def build(cuda):
    """Compile the ops for this machine.

    Installing does it for the CPU where there is a C++ compiler; it is needed again after
    installing without one, after kernels changed, and for GPUs after TensorFlow was upgraded. The
    libraries go into the package, or into ~/.cache/stylegan-tf/lib if that cannot be written to.
    """
    quiet.load_tensorflow()
    from stylegan_tf.ops import build as builder
    from stylegan_tf.ops import library

    place = builder.place_to_build()
    _build("the CPU ops", builder.build_cpu, place)
    with_cuda = cuda is not False and _build_cuda(place, asked_for=bool(cuda))
    loaded = library.load()
    click.echo(loaded.reason)
    if with_cuda:
        click.echo(loaded.cuda_reason)
    if loaded.module is None or (with_cuda and not loaded.cuda):
        raise click.ClickException("what was built does not load")


def _build(what: str, build, place) -> None:
    from stylegan_tf.ops.build import BuildError

    click.echo(f"compiling {what} into {place}")
    try:
        build(place)
    except BuildError as error:
        raise click.ClickException(f"{what} were not built: {error}") from error


def _build_cuda(place, asked_for: bool) -> bool:
    """Whether they were built; who did not ask for them can do without."""
    from stylegan_tf.ops import build_cuda
    from stylegan_tf.ops.build import BuildError

    try:
        build_cuda.find_nvcc()
    except BuildError as error:
        if asked_for:
            raise click.ClickException(str(error)) from error
        return False
    try:
        _build("the CUDA ops", build_cuda.build_cuda, place)
    except click.ClickException as error:
        if asked_for:
            raise
        click.echo(f"warning: {error.format_message()}", err=True)
        return False
    return True


@command.command()
def info():
    """Tell what each op runs as on this machine, and why."""
    quiet.load_tensorflow()
    from stylegan_tf import ops
    from stylegan_tf.ops import library

    for name, text in ops.implementation().items():
        click.echo(f"{name:20}{text}")
    if log := library.load().log:
        click.echo(f"\n{log}")


@command.command()
def benchmark():
    """Measure each op, compiled and as plain TensorFlow."""
    quiet.load_tensorflow()
    from stylegan_tf.ops import benchmark

    benchmark.run(click.echo)
