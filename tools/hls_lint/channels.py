"""The processes of a dataflow region and the channels between them."""

from dataclasses import dataclass, field

from .access import ANY, WRITE


@dataclass
class Region:
    """A block with DATAFLOW.

    Attributes
    ----------
    function : Function
    body : clang.cindex.Cursor
    loop : clang.cindex.Cursor or None
        The loop whose body it is.
    processes : list of Process
    """

    function: object
    body: object
    loop: object
    processes: list = field(default_factory=list)


@dataclass
class Process:
    """A call in a region.

    Attributes
    ----------
    call : clang.cindex.Cursor
    function : Function
    accesses : set of Access
        In terms of the region's variables.
    """

    call: object
    function: object
    accesses: set

    @property
    def name(self):
        """The callee's name."""
        return self.function.name


@dataclass
class Channel:
    """A variable, or a piece of one, that processes use.

    Attributes
    ----------
    root : Root
    path : tuple of str
    is_stream : bool
    readers, writers : set of int
        Numbers of processes.
    """

    root: object
    path: tuple
    is_stream: bool
    readers: set = field(default_factory=set)
    writers: set = field(default_factory=set)

    @property
    def users(self):
        """Numbers of the processes that use it."""
        return self.readers | self.writers

    def label(self, declaration):
        """Its name, with the path to the piece."""
        return declaration.spelling + "".join(self.path)


def channels_of(region):
    """All channels of a region.

    Streams are told apart by path; of anything else, all paths are one channel.

    Parameters
    ----------
    region : Region

    Returns
    -------
    list of Channel
    """
    streams, data = {}, {}
    for number, process in enumerate(region.processes):
        for access in process.accesses:
            kind, path = (streams, access.path) if access.is_stream else (data, ())
            channel = kind.setdefault(
                (access.root, path), Channel(access.root, path, access.is_stream)
            )
            (channel.writers if access.mode == WRITE else channel.readers).add(number)
    _spread(streams)
    stream_roots = {root for root, _ in streams}
    return list(streams.values()) + [
        channel for (root, _), channel in data.items() if root not in stream_roots
    ]


def _spread(streams):
    """Users of any element of an array are users of each element that is named."""
    for (root, path), channel in list(streams.items()):
        if ANY not in path:
            continue
        named = [
            other
            for (other_root, other_path), other in streams.items()
            if other_root == root and other_path != path and _covers(path, other_path)
        ]
        for other in named:
            other.readers |= channel.readers
            other.writers |= channel.writers
        if named:
            del streams[(root, path)]


def _covers(path, other):
    return len(path) == len(other) and all(
        mine == theirs or (mine == ANY and theirs.startswith("["))
        for mine, theirs in zip(path, other)
    )
