"""The command or the script that makes an image again, outside of the explorer."""

import hashlib
import shlex

from stylegan_tf.explorer.controls import Controls
from stylegan_tf.explorer.session import Session
from stylegan_tf.labels import LabelSpace

SCRIPT = """\
import stylegan_tf as sg
from stylegan_tf import explorer

session = {opening}
image = session.generate(explorer.{controls})
sg.figures.save_png(image, "{file}")
"""


def recipe(session: Session, controls: Controls) -> str:
    """Returns a `stylegan-tf generate` command if it has an option for everything, else Python."""
    if session.source is not None and controls.neutral():
        return command(session.source, controls, session.facts.label_space)
    return SCRIPT.format(opening=session.opening, controls=controls, file=file_name(controls))


def command(source: str, controls: Controls, space: LabelSpace | None) -> str:
    """Returns the command; its image is called `file_name(controls)`."""
    words = ["stylegan-tf", "generate", source, "--seeds", controls.seed, "--trunc", controls.psi]
    if controls.cutoff != Controls.cutoff:
        words += ["--trunc-cutoff", controls.cutoff]
    if isinstance(controls.label, tuple):
        words += ["--label", ",".join(map(str, controls.label))]
    elif controls.label is not None:
        names = space.names if space else ()
        is_number = isinstance(controls.label, int) and bool(names)
        words += ["--class", names[int(controls.label)] if is_number else controls.label]
    if controls.noise != Controls.noise:
        words += ["--noise", controls.noise]
    return shlex.join(map(str, words))


def file_name(controls: Controls) -> str:
    """Returns seed0042.png as from `stylegan-tf generate`; with a hash for anything else."""
    name = f"seed{controls.seed:04d}"
    if not controls.neutral():
        name += f"-{hashlib.sha256(repr(controls).encode()).hexdigest()[:8]}"
    return f"{name}.png"
