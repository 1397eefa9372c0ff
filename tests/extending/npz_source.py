"""Images in a NumPy archive, with their classes: a data source in a module of its own."""

import numpy as np

import stylegan_tf as sg


@sg.datasets.register("npz")
class NumPyArchive(sg.datasets.Source):
    """Reads the arrays `images`, uint8 [N, H, W, 3], and `classes`, int [N], of an .npz file."""

    def __init__(self, path):
        self.path = path
        with np.load(path) as arrays:
            self._images, self._classes = arrays["images"], arrays["classes"]
        self.names = [f"{index:06d}.png" for index in range(len(self._images))]
        self._index = {name: index for index, name in enumerate(self.names)}

    @classmethod
    def at(cls, path):
        return cls(path) if path.suffix == ".npz" else None

    def pixels(self, name):
        return self._images[self._index[name]]

    def labels(self):
        classes = {name: int(self._classes[index]) for name, index in self._index.items()}
        return sg.datasets.Labels(size=int(self._classes.max()) + 1, of=classes)
