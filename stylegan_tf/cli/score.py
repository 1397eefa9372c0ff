"""`stylegan-tf score`."""

import json

import click

from stylegan_tf.cli import process


@click.command("score")
@click.argument("source", metavar="SRC")
@click.argument("folder", metavar="FOLDER", type=click.Path(exists=True))
def command(source, folder):
    """Print what a discriminator says of images: its logits, higher where they look real.

    SRC is a preset (see `stylegan-tf presets`), a run directory (the discriminator of its newest
    checkpoint is taken) or an NVIDIA pickle, by its path or URL. FOLDER holds images, or is a zip
    of them; a discriminator that learned labels reads theirs from FOLDER/dataset.json. Prints a
    JSON object a line: {"image": NAME, "logit": NUMBER}.
    """
    process.load_tensorflow()
    from stylegan_tf.pipeline import Pipeline
    from stylegan_tf.scoring import score

    discriminator = Pipeline.from_pretrained(source).discriminator
    if discriminator is None:
        raise ValueError(
            f"{source} holds no discriminator; give a run directory with its checkpoints, a "
            "preset or an NVIDIA pickle"
        )
    for name, logit in score(discriminator, folder):
        click.echo(json.dumps({"image": name, "logit": logit}, ensure_ascii=False))
