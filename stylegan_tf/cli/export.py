"""`stylegan-tf export`."""

import click

from stylegan_tf.cli import options, process
from stylegan_tf.cli.options import open_source


@click.command("export")
@options.source
@click.argument("dest", required=False, type=click.Path(file_okay=False))
@click.option("--version", type=int, metavar="N", help="[default: the one after the newest]")
@click.option(
    "--encoding",
    type=click.Choice(["png", "jpeg"]),
    default="png",
    show_default=True,
    help="Of the images that a server answers.",
)
@click.option(
    "--precision",
    type=click.Choice(["float32", "bfloat16", "float16"]),
    default="float32",
    show_default=True,
    help="Of the stored weights; computing is float32.",
)
@click.option("--tflite", is_flag=True, help="Also write a LiteRT model, weights in float16.")
@click.option("--onnx", is_flag=True, help="Also write an ONNX model.")
@click.option(
    "--kit", is_flag=True, help="Also write DEST/kit/: what a server and its platforms want."
)
@click.option(
    "--pytorch",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="Write the weights under their published names, as .safetensors or .pkl.",
)
def command(source, dest, version, encoding, precision, tflite, onnx, kit, pytorch):
    """Export a trained network as a SavedModel for TensorFlow Serving.

    SRC is a preset (see `stylegan-tf presets`), a run directory (its newest snapshot is taken), a
    .keras file or an NVIDIA pickle, by its path or URL. Writes DEST/N/, which holds TensorFlow's
    own operations only; a server that watches DEST finds it when it is whole. With --pytorch, DEST
    can be left out.
    """
    if not dest and not pytorch:
        raise click.UsageError("give DEST for a SavedModel, --pytorch FILE for weights, or both")
    if not dest and (version or tflite or onnx or kit):
        raise click.UsageError("--version, --tflite, --onnx and --kit need DEST")
    process.load_tensorflow()
    from stylegan_tf.exporting import weights_file

    formats = [name for name, flag in {"tflite": tflite, "onnx": onnx}.items() if flag]
    if pytorch:
        weights_file.writer(pytorch)  # before a large network is read
    if dest:
        check_saved_model(dest, version, formats)
    pipeline = open_source(source)
    if pytorch:
        write_weights(pipeline, pytorch)
    if dest:
        write_saved_model(pipeline.generator, dest, version, encoding, precision, formats)
        if kit:
            from stylegan_tf.serving import kit as server_kit

            click.echo(f"{server_kit.write(dest)}: configuration and manifests")


def check_saved_model(dest, version, formats):
    """Refuses what cannot be written, before a large network is read."""
    from stylegan_tf.serving import targets
    from stylegan_tf.serving.saved_model import free_folder

    free_folder(dest, version)
    targets.check(formats)


def write_saved_model(generator, dest, version, encoding, precision, formats):
    """Writes a version and says how large it is."""
    from stylegan_tf.serving import targets, warmup
    from stylegan_tf.serving.saved_model import EXTRA, export

    with process.stderr_aside():  # converters talk
        folder = export(generator, dest, version, encoding, precision, targets=formats)
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    click.echo(f"{folder}: {size / 1e6:.1f} MB")
    for name in formats:
        path = folder / EXTRA / targets.TARGETS[name].file
        click.echo(f"{path}: {path.stat().st_size / 1e6:.1f} MB")
    if not warmup.available():
        click.echo(f"no warm-up requests: {warmup.REMEDY}", err=True)


def write_weights(pipeline, path):
    """Writes the weights of a generator, and of its discriminator where there is one."""
    from stylegan_tf.exporting import published_arrays, weights_file

    generator, discriminator = pipeline.generator, pipeline.discriminator
    arrays = published_arrays(generator, discriminator)
    weights_file.write_weights(path, arrays, generator.licence or "")
    parts = "generator and discriminator" if discriminator else "generator only"
    click.echo(f"{path}: {len(arrays)} arrays, {parts}")
