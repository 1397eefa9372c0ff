"""Networks that a new run starts from: those of another run, or of an NVIDIA pickle."""

from dataclasses import dataclass
from pathlib import Path

import tensorflow as tf

from stylegan_tf import loading
from stylegan_tf.importing import load_nvidia_pickle
from stylegan_tf.models import Discriminator, Generator
from stylegan_tf.training.config import Config
from stylegan_tf.training.networks import Networks, restore
from stylegan_tf.training.objective import statistics
from stylegan_tf.training.run_dir import RunDir
from stylegan_tf.training.settings import SettingError

DATA_ARGUMENTS = ("resolution", "channels", "label_size")  # fixed by the data


@dataclass(frozen=True)
class Initial:
    """Trained networks, and the settings that they determine.

    Attributes:
        source: where they come from.
        generator, discriminator: as they were trained.
        generator_ema: the averaged generator.
    """

    source: str
    generator: Generator
    discriminator: Discriminator
    generator_ema: Generator

    @property
    def settings(self) -> dict[str, object]:
        """The settings that these networks determine, by dotted key."""
        fixed: dict[str, object] = {
            "data.resolution": self.generator.resolution,
            "licence": self.generator_ema.licence,
        }
        for name in ("generator", "discriminator"):
            arguments = getattr(self, name).arguments
            fixed |= {
                f"{name}.{key}": value
                for key, value in arguments.items()
                if key not in DATA_ARGUMENTS
            }
        del fixed["discriminator.architecture"]  # that of the generator
        return fixed

    @property
    def start_resolution(self) -> int:
        """The resolution that they have grown to."""
        return self.generator_ema.grown_to[0]

    def check(self, config: Config, dataset) -> None:
        """Raises ValueError where these networks do not fit a configuration or a dataset."""
        for key, value in self.settings.items():
            section, _, name = key.rpartition(".")
            requested = getattr(getattr(config, section) if section else config, name)
            if requested != value:
                raise SettingError(
                    key, f" is {requested}, but the networks of {self.source} have {value}"
                )
        labels = dataset.label_size if config.data.cond else 0
        for name, given in (("channels", dataset.channels), ("label_size", labels)):
            theirs = getattr(self.generator, name)
            if theirs != given:
                raise SettingError(
                    "init_from",
                    f": the networks of {self.source} have {name} = {theirs}, the data {given}; "
                    "choose other data, or with or without data.cond",
                )

    def assign(self, networks: Networks) -> None:
        """Gives these weights to the networks of a run."""
        for name in ("generator", "discriminator", "generator_ema"):
            getattr(networks, name).set_weights(getattr(self, name).get_weights())


def load(source: str) -> Initial:
    """Loads the networks of a run directory (its newest checkpoint) or of an NVIDIA pickle.

    Raises:
        ValueError: if there are none, or it holds a generator only.
    """
    path = Path(source)
    if path.suffix == ".pkl" and path.is_file():
        generator, discriminator, generator_ema = load_nvidia_pickle(path)
        return Initial(source, generator, discriminator, generator_ema)
    if not (path / "config.json").is_file():
        raise SettingError(
            "init_from",
            f" {source} is neither a run directory nor a .pkl file; "
            "training needs a discriminator, too, which a .keras file does not hold",
        )
    return _of_run(source, RunDir(path))


def _of_run(source: str, run: RunDir) -> Initial:
    checkpoint = tf.train.latest_checkpoint(str(run.checkpoints))
    if checkpoint is None:
        raise SettingError("init_from", f" {source} holds no checkpoint")
    snapshot, config = loading.load(run.path), run.config()
    networks = Networks(config, snapshot.channels, snapshot.label_size, statistics(config.loss))
    try:
        restore(networks.checkpoint(), checkpoint)
    except ValueError as error:
        raise SettingError("init_from", f": {checkpoint} is damaged: {error}") from error
    return Initial(source, networks.generator, networks.discriminator, networks.generator_ema)
