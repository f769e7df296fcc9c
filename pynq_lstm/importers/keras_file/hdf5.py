"""Groups and datasets of an HDF5 file, read only as far as the file itself is large."""

from pynq_lstm.errors import NetworkError
from pynq_lstm.keras_extra import h5py

LARGEST = 2**28  # elements of all weights that are read
_AGAIN = "save the model again with Keras"


class File:
    """An open HDF5 file.

    Links that lead elsewhere, datasets whose data are in other files, and sizes for which the
    file has no data are refused before anything is allocated.

    Parameters
    ----------
    file : h5py.File
    """

    def __init__(self, file):
        self._root, self._left = file, LARGEST

    def text(self, name):
        """An attribute of the root that holds one text; None if there is none of that name."""
        attributes = self._root.attrs
        if name not in attributes:
            return None
        shape = attributes.get_id(name).shape
        value = attributes[name] if shape == () else shape
        if isinstance(value, bytes):
            value = value.decode("utf-8")
        if not isinstance(value, str):
            raise NetworkError(name, value, "not a text", _AGAIN)
        return value

    def names(self, path):
        """What is in a group, in the order of names; empty if there is no such group."""
        group = self._find(path)
        return sorted(group) if isinstance(group, h5py().Group) else []

    def datasets(self, path, deepest=8, most=32):
        """Paths of all datasets in a group and the groups in it."""
        found, waiting = [], [path]
        for _ in range(deepest):
            inside = [f"{group}/{name}" for group in waiting for name in self.names(group)]
            found += [at for at in inside if isinstance(self._find(at), h5py().Dataset)]
            waiting = [at for at in inside if at not in found]
            if len(found) + len(waiting) > most:
                raise NetworkError(path, f"more than {most} entries", "not one layer", _AGAIN)
        if waiting:
            raise NetworkError(path, waiting[0], "nested too deeply", _AGAIN)
        return found

    def shape(self, path):
        """The shape of a dataset; None if there is none."""
        dataset = self._find(path)
        return dataset.shape if isinstance(dataset, h5py().Dataset) else None

    def array(self, path, shape):
        """A dataset of floats.

        Parameters
        ----------
        path : str
        shape : tuple of int or None
            That it must have; None for any size.

        Raises
        ------
        NetworkError
        """
        dataset = self._find(path)
        if not isinstance(dataset, h5py().Dataset):
            raise NetworkError(path, None, "missing", "save the whole model, not a part of it")
        found = dataset.shape
        fits = found is not None and len(found) == len(shape)
        if not fits or 0 in found or any(n not in (None, m) for n, m in zip(shape, found)):
            expected = "(" + ", ".join("any" if n is None else str(n) for n in shape) + ")"
            raise NetworkError(f"{path}.shape", found, f"not {expected}", _AGAIN)
        if dataset.dtype.kind != "f":
            raise NetworkError(
                f"{path}.dtype",
                str(dataset.dtype),
                "not floating point",
                "save weights of float32, float64 or float16, without quantising them",
            )
        self._left -= dataset.size
        if self._left < 0:
            raise NetworkError(
                f"{path}.shape", found, f"more than {LARGEST} weights in all", "use smaller layers"
            )
        elsewhere = dataset.is_virtual or dataset.external is not None
        if elsewhere or dataset.id.get_storage_size() < dataset.size * dataset.dtype.itemsize:
            problem = "its data are in other files" if elsewhere else "its data are not all here"
            raise NetworkError(
                path, found, problem, f"{_AGAIN}, which writes them whole and uncompressed"
            )
        return dataset[()]

    def _find(self, path):
        """What stands at a path, by links that stay in the file; None if nothing does."""
        here, package = self._root, h5py()
        for name in path.split("/"):
            link = here.get(name, getlink=True) if isinstance(here, package.Group) else None
            if link is None:
                return None
            if not isinstance(link, package.HardLink):
                raise NetworkError(path, type(link).__name__, "a link that leads elsewhere", _AGAIN)
            here = here[name]
        return here
