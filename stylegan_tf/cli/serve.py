"""`stylegan-tf serve`."""

import logging
import re
from pathlib import Path

import click

from stylegan_tf.cli import process
from stylegan_tf.cli.process import LOOPBACK, address, listening


@click.command("serve")
@click.argument("dest", type=click.Path(file_okay=False, path_type=Path))
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option("--port", type=click.IntRange(0, 65535), default=8501, show_default=True)
@click.option("--name", help="The model's, in addresses.  [default: the name of DEST]")
@click.option(
    "--max-batch",
    type=click.IntRange(1),
    default=8,
    show_default=True,
    help="Examples in a request, and in a run of the model.",
)
@click.option(
    "--max-requests",
    type=click.IntRange(1),
    default=64,
    show_default=True,
    help="Calls of the model at a time; others are answered 503.",
)
@click.option(
    "--max-body",
    type=click.FloatRange(0, min_open=True),
    default=32.0,
    show_default=True,
    help="MB of a request's body.",
)
@click.option(
    "--max-psi",
    type=click.FloatRange(0),
    default=2.0,
    show_default=True,
    help="Truncation ψ goes from minus this to this.",
)
def command(dest, host, port, name, max_batch, max_requests, max_body, max_psi):
    """Serve an exported network over HTTP, as TensorFlow Serving does.

    DEST is what `stylegan-tf export` wrote to. Its newest version is served, and newer ones when
    they appear. This is a stand-in for trying things out, in one Python process; for users, run
    TensorFlow Serving on the same folder.
    """
    need_libraries()
    name = name or dest.resolve().name
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", name):
        raise click.UsageError(f"{name!r} cannot be in an address; give another --name")
    with listening(host, port) as listener:
        process.load_tensorflow()
        logging.getLogger("absl").setLevel(logging.ERROR)  # it warns of gradients
        import uvicorn

        from stylegan_tf.serving.limits import Limits
        from stylegan_tf.serving.server import Server
        from stylegan_tf.serving.versions import Versions

        limits = Limits(max_batch, max_requests, max_body, max_psi)
        versions = Versions(dest, max_batch, tell=click.echo)
        announce(host, listener.getsockname()[1], name)
        config = uvicorn.Config(
            Server(name, versions, limits).app,
            log_level="warning",
            server_header=False,
            timeout_graceful_shutdown=10,
        )
        uvicorn.Server(config).run(sockets=[listener])


def need_libraries() -> None:
    """Refuses to start without what the server needs."""
    from stylegan_tf.serving.extra import need

    try:
        need("starlette", "uvicorn", "prometheus_client")
    except ImportError as error:
        raise click.UsageError(str(error)) from None


def announce(host: str, port: int, name: str) -> None:
    """Prints where the server is, and what it is."""
    click.echo(f"{address(host, port)}/v1/models/{name}:predict  (Ctrl-C stops)")
    click.echo("A stand-in for TensorFlow Serving, to try things out with: docs/serve.md")
    if host not in LOOPBACK:
        click.echo(
            f"--host {host}: whoever reaches this machine can use it; it knows no passwords and "
            "no encryption",
            err=True,
        )
