"""--class and --label: what commands take, which label it is, and what is printed without it."""

import functools
from typing import NamedTuple

import click

MAX_SEEDS = 16  # whose classes are printed


class LabelOption(NamedTuple):
    """What the user asked for: `--class NAME` or `--label X,…`."""

    name: str
    text: str


def label_options(command):
    """Adds --class and --label; the command gets the one that was given, or None, as `label`."""

    @click.option(
        "--class",
        "class_",
        metavar="NAME|N",
        help="A class, by its name or number. [by the seed, as frequent as in the training]",
    )
    @click.option(
        "--label", "vector", metavar="X,…", help="Any label, number by number, such as 1.0,7.5."
    )
    @functools.wraps(command)
    def with_label(*arguments, class_, vector, **others):
        given = {"--class": class_, "--label": vector}
        options = [LabelOption(*one) for one in given.items() if one[1] is not None]
        if len(options) > 1:
            raise click.UsageError("give either --class or --label")
        return command(*arguments, label=next(iter(options), None), **others)

    return with_label


def chosen_label(pipeline, option: LabelOption | None) -> int | list[float] | None:
    """Returns the number of the class, or the label, that was asked for.

    Args:
        pipeline: of the network.
        option: --class or --label, or None.

    Raises:
        ValueError: if the network has no such label.
    """
    from stylegan_tf.labels import parse_label

    if option is None:
        return None
    if option.name == "--class":
        return pipeline.label_space.class_number(option.text, "--class")
    return parse_label(option.text, pipeline.label_space.size)


def say_labels(pipeline, label, seeds) -> None:
    """Prints which label each seed has, unless one was asked for or there are none."""
    from stylegan_tf.latents import labels_from_seeds

    space = pipeline.label_space
    if label is not None or not space.size:
        return
    shown = [*seeds][:MAX_SEEDS]
    texts = [space.text(vector) for vector in labels_from_seeds(shown, space).numpy()]
    pairs = [f"{seed}: {text}" for seed, text in zip(shown, texts, strict=True)]
    rest = ["…"] if len(seeds) > len(shown) else []
    what = "classes by the seed (--class" if space.has_classes else "labels by the seed (--label"
    click.echo(f"{what} chooses): {'; '.join([*pairs, *rest])}")


def say_all_labels(pipeline, label) -> None:
    """Prints that all labels are taken, unless one was asked for or there are none."""
    space = pipeline.label_space
    if label is None and space.size:
        what = "classes (--class" if space.has_classes else "labels of the training (--label"
        click.echo(f"w is of all {what} chooses)")
