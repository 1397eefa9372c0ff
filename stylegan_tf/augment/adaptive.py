"""Adaptive discriminator augmentation: the probability follows how much the discriminator overfits.

Karras et al. 2020, "Training generative adversarial networks with limited data", section 3.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from stylegan_tf.augment.augmentation import AUGMENTATIONS
from stylegan_tf.augment.pipeline import Fixed, is_number
from stylegan_tf.lazy_tensorflow import tf


@AUGMENTATIONS.register("ada")
class Adaptive(Fixed):
    """Applies transforms with a probability p that rises while the discriminator overfits.

    r is the mean sign of its logits of real images, 1 if it knows all of them for real. Every few
    steps p moves by a constant rate: up where r is above the target, and down where it is below.

    Args:
        p: at the start.
        target: of r.
        kimg: thousands of real images in which p can move by 1.
        interval: steps from one move to the next. They come between calls of the training step,
            which takes `schedule.minibatch_repeats` steps.
        transforms: as for "fixed".
    """

    def __init__(
        self,
        p: float = 0.0,
        target: float = 0.6,
        kimg: float = 500.0,
        interval: int = 4,
        transforms: str | Iterable[str] = "bgc",
    ) -> None:
        super().__init__(p, transforms)
        if not is_number(target) or not -1 <= target <= 1:
            raise ValueError(f"target is {target!r}; it must be from -1 to 1")
        if not is_number(kimg) or kimg <= 0:
            raise ValueError(f"kimg is {kimg!r}; it must be above 0")
        if not isinstance(interval, int) or interval < 1:
            raise ValueError(f"interval is {interval!r}; it must be 1, 2, …")
        self.target, self.kimg, self.interval = target, kimg, interval
        self.state: dict[str, tf.Variable] = {}

    def build(self) -> None:
        """Makes the variables: p, r, and what was counted since p moved."""
        start = {"p": np.float32(self.start), "r": np.float32(np.nan), "sign_sum": np.float64(0)}
        start |= {"images": np.int64(0), "steps": np.int64(0)}
        self.state = {
            name: tf.Variable(value, trainable=False, name=name) for name, value in start.items()
        }

    @property
    def p(self) -> Any:
        """The probability now, float32 scalar."""
        return tf.convert_to_tensor(self.state["p"])

    @property
    def statistics(self) -> dict[str, float]:
        """P and r; this is not a number until p has been moved."""
        return {"aug_p": float(self.p), "aug_r": float(self.state["r"].numpy())}

    def update(self, sign: Any, images: int, steps: int) -> None:
        """Counts steps, and moves p where it is due.

        Args:
            sign: mean sign of the logits of real images in these steps, float32 scalar.
            images: real images in these steps.
            steps: how many.
        """
        state = self.state
        state["sign_sum"].assign_add(tf.cast(sign, tf.float64) * images)
        state["images"].assign_add(images)
        state["steps"].assign_add(steps)
        if state["steps"].numpy() >= self.interval:
            self._move()

    def _move(self) -> None:
        state = self.state
        images = state["images"].numpy()
        # In float32, as the signs are: r can be exactly the target.
        r = np.float32(state["sign_sum"].numpy() / images)
        move = np.sign(r - np.float32(self.target)) * np.float32(images / (1000 * self.kimg))
        state["p"].assign(max(state["p"].numpy() + move, np.float32(0)))
        state["r"].assign(r)
        for name in ("sign_sum", "images", "steps"):
            state[name].assign(0)
