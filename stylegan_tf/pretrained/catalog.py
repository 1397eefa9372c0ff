"""The presets that there are: every file of networks in this folder."""

from dataclasses import dataclass
from pathlib import Path

from stylegan_tf.pretrained import facts

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Preset:
    """A network that comes along.

    Attributes:
        name: by which it is called.
        path: of its file.
        facts: what is known of it.
    """

    name: str
    path: Path
    facts: facts.Facts

    @property
    def images(self) -> str:
        """The size of its images: "64×64×3"."""
        side = self.facts.generator["resolution"]
        return f"{side}×{side}×{self.facts.generator['channels']}"

    @property
    def licence(self) -> str:
        """The terms of its weights."""
        return self.facts.generator.get("licence") or "none named"

    @property
    def card(self) -> Path:
        """Where its model card is."""
        return self.path.with_suffix(".md")


def presets() -> dict[str, str]:
    """Returns one line about each preset, by its name.

    Example:
        sg.presets()  # {"emoji-64": "…"}
        pipe = sg.Pipeline.from_pretrained("emoji-64")
    """
    return {preset.name: preset.facts.about for preset in all_presets()}


def all_presets() -> list[Preset]:
    """Returns all presets, by the alphabet."""
    return [Preset(name, path, facts.read(path)) for name, path in paths().items()]


def paths() -> dict[str, Path]:
    """Returns the file of each preset, by its name."""
    return {path.stem: path for path in sorted(FOLDER.glob(f"*{facts.SUFFIX}"))}
