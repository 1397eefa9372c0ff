"""`stylegan-tf presets`."""

import click

from stylegan_tf import tables
from stylegan_tf.pretrained import catalog


@click.command("presets")
def command():
    """List the trained networks that come along.

    The name of one stands wherever a command takes SRC: stylegan-tf generate NAME --grid.
    """
    presets = catalog.all_presets()
    if not presets:
        click.echo(f"no presets in {catalog.FOLDER}")
        return
    rows = [("name", "images", "size", "licence", "what it is")]
    for one in presets:
        size = f"{one.path.stat().st_size / 1e6:.1f} MB"
        rows.append((one.name, one.images, size, one.licence, one.facts.about))
    for line in tables.aligned(rows):
        click.echo(line)
