"""Files of Keras to a `Network`, read without Keras.

A file says which layers there are (`config`), a chain of them is read one by one (`layers`), and
their weights come from where its format has them (`weights`). Nothing of a file is executed:
its JSON is parsed, its HDF5 is read by h5py, and no pickle is in either.
"""

from pynq_lstm.errors import NetworkError
from pynq_lstm.importers.keras_file import assemble, chain, container, layers, weights_only


def network(path):
    """Build a `Network` from a file that Keras 2 or 3 wrote.

    Parameters
    ----------
    path : path
        A ``.keras`` archive, a whole model as legacy ``.h5``, or ``.weights.h5``; what it is, is
        seen from its content. ``docs/keras.md`` lists what is taken.

    Returns
    -------
    Network
        With one external input; models are m0, m1, ... from the input to the head.

    Raises
    ------
    NetworkError
        The file is missing or damaged, or something in it is not supported: the message names
        the layer, the setting and its value, and what would do.
    MissingExtraError
        h5py is not installed.
    """
    with container.opened(path) as found:
        try:
            if found.config is None:
                return assemble.network(*weights_only.read(found.file))
            return assemble.network(*layers.read(chain.chain(found.config), found.weights))
        except NetworkError:
            raise
        except container.DAMAGED as error:  # types and structures that no Keras writes
            raise container.refused(path, error) from None
