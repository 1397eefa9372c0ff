"""What a dataset on disk holds."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Description:
    """A dataset made by `create`.

    Attributes:
        path: its folder.
        manifest: `dataset.json` as a dict; `notes` and `skipped` are there if there is anything.
    """

    path: Path
    manifest: dict = field(repr=False)

    @property
    def resolution(self) -> int:
        """Pixels along a side of every picture."""
        return self.manifest["resolution"]

    @property
    def channels(self) -> int:
        """1 (grey), 3 (RGB) or 4 (RGBA)."""
        return self.manifest["channels"]

    @property
    def num_images(self) -> int:
        return self.manifest["num_images"]

    @property
    def label_size(self) -> int:
        """Numbers in a label; 0 if there are no labels."""
        return self.manifest["label_size"]

    @property
    def label_names(self) -> list[str]:
        """The classes in the order of the label; empty if they have no names."""
        return self.manifest["label_names"]
