"""What several commands take, as decorators."""

import click

from stylegan_tf.defaults import CUTOFF, PSI

source = click.argument("source", metavar="SRC")
trunc = click.option(
    "--trunc", default=PSI, show_default=True, help="Truncation ψ, where nothing else is; 1 is off."
)
trunc_cutoff = click.option(
    "--trunc-cutoff",
    default=CUTOFF,
    show_default=True,
    help="Truncate so many of the first layers.",
)
label = click.option(
    "--class", "label", type=int, help="Class number, where the network has labels."
)
