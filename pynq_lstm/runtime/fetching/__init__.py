"""An overlay from an address into the folder where overlays are looked for.

`download` brings a file and checks it, `archive` takes the files of an overlay out of it,
`place` checks that they belong together and puts them where they are found. Until then all of
it lies in a temporary folder beside that place, so that what fails leaves nothing behind.
"""

from pynq_lstm.runtime.fetching.fetch import Fetched, fetch

__all__ = ["Fetched", "fetch"]
