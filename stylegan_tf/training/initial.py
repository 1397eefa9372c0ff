"""Networks that a new run starts from: a preset, those of a run, of a pickle or a `.keras` file."""

import dataclasses
from dataclasses import dataclass

from stylegan_tf import checkpoints, loading
from stylegan_tf.importing import load_nvidia_pickle
from stylegan_tf.models import BaseDiscriminator, BaseGenerator, get_architecture
from stylegan_tf.pretrained.sources import locate
from stylegan_tf.training import transfer
from stylegan_tf.training.config import Config, DiscriminatorConfig, GeneratorConfig
from stylegan_tf.training.networks import Networks
from stylegan_tf.training.objective import statistics
from stylegan_tf.training.run_dir import RunDir
from stylegan_tf.training.settings import SettingError, about

SECTIONS = {"generator": GeneratorConfig, "discriminator": DiscriminatorConfig}


@dataclass(frozen=True)
class Initial:
    """Trained networks, and the settings that they determine.

    Attributes:
        source: where they come from.
        generator, discriminator: as they were trained; the second is None if it is not known.
        generator_ema: the averaged generator.
    """

    source: str
    generator: BaseGenerator
    discriminator: BaseDiscriminator | None
    generator_ema: BaseGenerator

    @property
    def settings(self) -> dict[str, object]:
        """The settings that these networks have, by dotted key; the resolution can be another."""
        fixed: dict[str, object] = {
            "data.resolution": self.generator.resolution,
            "licence": self.generator_ema.licence,
        }
        for name, section in SECTIONS.items():
            network = getattr(self, name)
            arguments = network.arguments if network else {}
            known = {field.name for field in dataclasses.fields(section)}
            fixed |= {f"{name}.{key}": arguments[key] for key in arguments if key in known}
        if fixed.get("discriminator.architecture") == fixed["generator.architecture"]:
            del fixed["discriminator.architecture"]  # it is that of the generator
        return fixed

    def growing(self, resolution: int | None) -> dict[str, object]:
        """Returns the settings that let these networks grow on from where they are.

        Args:
            resolution: to grow to; None: that of these networks. Those of StyleGAN2 do not grow:
                they are of that resolution from the first step.
        """
        resolution = resolution or self.generator.resolution
        grows = get_architecture(self.generator.architecture).grows
        start = min(self.generator_ema.grown_to[0], resolution) if grows else resolution
        return {"data.resolution": resolution, "schedule.start_resolution": start}

    def check(self, config: Config, dataset) -> None:
        """Raises ValueError where these networks do not fit a configuration or a dataset."""
        fixed = self.settings
        del fixed["data.resolution"]
        for key, value in fixed.items():
            section, _, name = key.rpartition(".")
            requested = getattr(getattr(config, section) if section else config, name)
            if requested != value:
                raise SettingError(
                    key, f" is {requested}, but the networks of {self.source} have {value}"
                )
        if self.generator.channels != dataset.channels:
            raise SettingError(
                "init_from",
                f": the networks of {self.source} have channels = {self.generator.channels}, the "
                f"data {dataset.channels}; choose other data",
            )

    def describe(self, config: Config, dataset) -> str:
        """Returns where a run starts from, and which layers of it are new, in one line."""
        notes = []
        theirs, labels = self.generator.label_size, dataset.label_size if config.data.cond else 0
        if theirs != labels:
            notes.append(f"the layers of its {theirs} label(s) are not taken, for {labels} here")
        size = self.generator.resolution
        resolution = config.data.resolution or size
        if size < resolution:
            notes.append(f"blocks above {size}×{size} are new")
        elif size > resolution:
            notes.append(f"blocks above {resolution}×{resolution} are left out")
        if self.discriminator is None:
            notes.append("D is new, since a .keras file holds a generator alone")
        elif config.optimizer.freeze_d:
            notes.append(f"the first {config.optimizer.freeze_d} block(s) of D are frozen")
        return "; ".join([self.source, *notes])

    def assign(self, networks: Networks) -> None:
        """Gives these weights to the networks of a run, as far as it has such layers."""
        for name in ("generator", "generator_ema"):
            transfer.to_generator(getattr(self, name), getattr(networks, name))
        if self.discriminator is not None:
            transfer.to_discriminator(self.discriminator, networks.discriminator)


def load(source: str) -> Initial:
    """Loads the networks of a preset, a run directory (its newest checkpoint) or a file.

    Args:
        source: as for `loading.load`. Of a preset and a `.keras` file, which hold the averaged
            generator alone, it is both generators.

    Raises:
        ValueError: if there are none.
    """
    initial = _load(source)
    if not initial.generator.has_w:
        raise SettingError(
            "init_from",
            f": {source} is a {initial.generator.architecture.upper()}, whose training can be "
            "resumed (--resume RUN), but not started from",
        )
    return initial


def _load(source: str) -> Initial:
    with about("init_from"):
        path = locate(source)
    if path.suffix == ".pkl" and path.is_file():
        return Initial(source, *load_nvidia_pickle(path))
    if path.is_file():
        with about("init_from"):
            generator, discriminator = loading.load(path), loading.load_discriminator(path)
        return Initial(source, generator, discriminator, generator)
    if not (path / "config.json").is_file():
        raise SettingError(
            "init_from", f" {source} is neither a run directory nor a .keras or .pkl file"
        )
    return _of_run(source, RunDir(path))


def _of_run(source: str, run: RunDir) -> Initial:
    checkpoint = checkpoints.newest(run.path)
    if checkpoint is None:
        raise SettingError("init_from", f" {source} holds no checkpoint")
    snapshot, config = loading.load(run.path), run.config()
    networks = Networks(config, snapshot.channels, snapshot.label_size, statistics(config.loss))
    try:
        checkpoints.restore(networks.parts(), checkpoint)
    except ValueError as error:
        problem = f": {checkpoint} does not fit its configuration: {error}"
        raise SettingError("init_from", problem) from error
    networks.generator_ema.licence = config.licence
    networks.generator_ema.grown = loading.grown(
        vars(config.schedule), snapshot.resolution, checkpoint
    )
    return Initial(source, networks.generator, networks.discriminator, networks.generator_ema)
