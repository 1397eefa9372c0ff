"""`stylegan-tf import`."""

from pathlib import Path

import click

from stylegan_tf.cli import process


@click.command("import")
@click.argument("source", metavar="PKL", type=click.Path(exists=True, dir_okay=False))
@click.argument("dest", metavar="DEST.keras", type=click.Path(dir_okay=False))
def command(source, dest):
    """Turn an NVIDIA StyleGAN, StyleGAN2 or Progressive GAN pickle into a .keras file.

    No code in the pickle is run: a file that asks for more than numbers and names is refused. DEST
    gets the averaged generator (Gs), whose images are the best.
    """
    if Path(dest).suffix != ".keras":
        raise click.UsageError(f"{dest} must end in .keras")
    process.load_tensorflow()
    from stylegan_tf import files
    from stylegan_tf.importing.nvidia import load_with_tables

    networks, tables = load_with_tables(source)
    for name, network, table in zip(("G", "D", "Gs"), networks, tables, strict=True):
        size = f"{network.resolution}×{network.resolution}×{network.channels}"
        architecture = network.architecture.upper()
        click.echo(
            f"{name:<3} {size}, architecture {architecture}: {table}, none missing or left over"
        )
    Path(dest).parent.mkdir(parents=True, exist_ok=True)
    with files.atomic_write(Path(dest)) as partial:
        networks.generator_ema.save(partial)
    click.echo(f"{dest}: {networks.generator_ema.count_params():,} parameters")
    click.echo(networks.generator_ema.licence)
