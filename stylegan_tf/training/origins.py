"""Where each value of a plan comes from."""

import json
import textwrap
from collections.abc import Iterable, Mapping

from stylegan_tf.training.config import Config

DEFAULT = "default"
WIDTH = 100  # characters of a line
INDENT = " " * 10


def origins(stages: Iterable[tuple[str, Config]]) -> dict[str, str]:
    """Returns by dotted key the name of the last stage that changed a value.

    Args:
        stages: a plan on its way: what changed it ("preset cpu", "dataset", …), and the
            configuration after that. What the first one has is the default.
    """
    (_, first), *later = stages
    before = dict(first.leaves())
    result = dict.fromkeys(before, DEFAULT)
    for name, config in later:
        after = dict(config.leaves())
        result |= {key: name for key, value in after.items() if value != before[key]}
        before = after
    return result


def with_flags(by_key: Mapping[str, str], flags: Mapping[str, str]) -> dict[str, str]:
    """Returns origins where what a user gave has its flag, even if it changed nothing.

    Args:
        by_key: what `origins` gives.
        flags: by dotted key, which may be an entry of a table.
    """
    result = dict(by_key)
    for given, flag in flags.items():
        result |= {key: flag for key in result if key == given or given.startswith(f"{key}.")}
    return result


def describe(config: Config, by_key: Mapping[str, str], with_defaults: bool = True) -> list[str]:
    """Returns the settings in lines, those of one origin together.

    Args:
        config: of the plan.
        by_key: where its values come from; nothing is described without.
        with_defaults: whether those that have their defaults are named, too.
    """
    values = dict(config.leaves())
    names = sorted({*by_key.values()} - {DEFAULT}) + [DEFAULT] * (with_defaults and bool(by_key))
    lines = []
    for name in names:
        keys = (key for key, origin in by_key.items() if origin == name)
        settings = ", ".join(f"{key} = {json.dumps(values[key])}" for key in keys)
        lines += textwrap.wrap(
            f"{name}: {settings}",
            WIDTH,
            initial_indent=INDENT,
            subsequent_indent=INDENT + "  ",
            break_long_words=False,
            break_on_hyphens=False,
        )
    return ["settings  by where they come from", *lines, ""] if lines else []
