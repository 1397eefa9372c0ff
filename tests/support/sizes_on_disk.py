"""How many bytes readers of packed files unpack."""

import os

from stylegan_tf.datasets.sources.reading import on_disk


def sizes_on_disk(monkeypatch, module) -> list[int]:
    """The sizes of what a module of readers unpacks to disk from now on."""
    sizes = []

    def recorded(*arguments):
        file = on_disk(*arguments)
        sizes.append(os.fstat(file.fileno()).st_size)
        return file

    monkeypatch.setattr(module, "on_disk", recorded)
    return sizes
