"""Small images of where a direction leads, as HTML that needs no other file."""

import base64
import io

from PIL import Image

from stylegan_tf.explorer.controls import FARTHEST
from stylegan_tf.explorer.session import Session
from stylegan_tf.figures.sheet import fitted

SIDE = 64  # pixels


def both_ends(session: Session, name: str) -> str:
    """Returns an HTML row: the mean image at the lower end of a direction, and at the upper."""
    lower, upper = (_element(session, name, amount) for amount in (-FARTHEST, FARTHEST))
    return f'<div class="ends">{lower}{upper}</div>'


def _element(session: Session, name: str, amount: float) -> str:
    file = io.BytesIO()
    Image.fromarray(fitted(session.moved_mean(name, amount), SIDE)).save(file, "PNG")
    data = base64.b64encode(file.getvalue()).decode()
    title = f"the mean image, {amount:+g} along {name}"
    return f'<img src="data:image/png;base64,{data}" alt="{title}" title="{title}">'
