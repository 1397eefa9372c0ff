"""How many bytes readers of compressed files decompress."""

import os

from stylegan_tf.datasets.sources.reading import on_disk


def sizes_on_disk(monkeypatch, module) -> list[int]:
    """Returns a list that gets the size of each file that a module decompresses to disk."""
    sizes = []

    def recorded(*arguments):
        file = on_disk(*arguments)
        sizes.append(os.fstat(file.fileno()).st_size)
        return file

    monkeypatch.setattr(module, "on_disk", recorded)
    return sizes
