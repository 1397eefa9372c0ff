"""`stylegan-tf explore`."""

import importlib.util

import click

from stylegan_tf.cli import process
from stylegan_tf.cli.process import LOOPBACK, address, listening


@click.command("explore")
@click.argument("source", metavar="[SRC]", required=False)
@click.option("--url", help="Explore what a model server has, such as http://127.0.0.1:8501.")
@click.option("--model", default="stylegan", show_default=True, help="Its name at that server.")
@click.option("--directions", metavar="FILE", help="Directions in w, .npz or .npy, as sliders.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option("--port", type=click.IntRange(1, 65535), default=7860, show_default=True)
def command(source, url, model, directions, host, port):
    """Explore a trained network in a browser: seeds, truncation, mixing, noise, directions.

    SRC is a preset (see `stylegan-tf presets`), a run directory (its newest snapshot is taken), a
    .keras file or an NVIDIA pickle, by its path or URL. With --url instead of SRC a model server
    does the computing. Ctrl-C ends it.
    """
    if (source is None) == (url is None):
        raise click.UsageError("give SRC, such as a run directory, or --url of a model server")
    if importlib.util.find_spec("gradio") is None:
        raise click.UsageError("gradio is missing; install it: pip install 'stylegan-tf[explorer]'")
    with listening(host, port) as listener:
        process.load_tensorflow()
        session = opened(source, url, model, directions)
        from stylegan_tf.explorer.page import serve

        click.echo(f"{session.name} is at {address(host, port)} (Ctrl-C ends it)")
        if host not in LOOPBACK:
            click.echo(f"--host {host}: whoever reaches this machine can use the page", err=True)
        serve(session, listener)


def opened(source, url, model, directions):
    """Returns the session of a network or of a model server."""
    from stylegan_tf import explorer

    if source is not None:
        return explorer.LocalSession(source, directions)
    try:
        return explorer.RemoteSession(url, model, directions)
    except ImportError as error:
        raise click.UsageError(str(error)) from None
