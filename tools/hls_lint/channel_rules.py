"""Rules of channels and memories: who writes, who reads, in which order, from how far away."""

from clang.cindex import CursorKind, TypeKind

from .access import outlives_calls
from .channels import Process, Region, channels_of
from .cursors import (
    ARRAYS,
    REFERENCES,
    children,
    is_constant_data,
    is_scalar,
    is_stream,
    key,
    operands,
    value_type,
)


class ChannelRules:
    """Checks what the processes of a region share.

    Parameters
    ----------
    accesses : Accesses
    findings : Findings
    """

    def __init__(self, accesses, findings):
        self._accesses, self._findings = accesses, findings

    def check(self, region):
        """Check all channels of a region, and its streams that nothing uses."""
        used = set()
        for channel in channels_of(region):
            used.add(channel.root)
            declaration = self._declaration(region, channel.root)
            if declaration is not None:
                self._check_channel(region, channel, declaration)
        for statement in children(region.body):
            for variable in children(statement) if statement.kind == CursorKind.DECL_STMT else ():
                if not (variable.kind == CursorKind.VAR_DECL and is_stream(variable.type)):
                    continue
                if not any(root.identity == key(variable) for root in used):
                    message = f"{variable.spelling} has no writer and no reader"
                    self._findings.add(variable, "dataflow-channel", message)

    def check_sequential(self, function):
        """A stream that a sequential function declares is written and read by what it calls."""
        accesses = self._accesses.of_statements(function, children(function.body))
        whole = Region(function, function.body, None, [Process(None, function, accesses)])
        for channel in channels_of(whole):
            declaration = self._declaration(whole, channel.root)
            if channel.root.kind != "variable" or outlives_calls(declaration):
                continue
            if channel.is_stream and not (channel.readers and channel.writers):
                ends = "written, not read" if channel.writers else "read, not written"
                message = f"{channel.label(declaration)} is {ends}"
                self._findings.add(declaration, "dataflow-channel", message)

    def _declaration(self, region, root):
        if root.kind == "parameter":
            return region.function.parameters[root.identity]
        return self._accesses.variables.get(root.identity)

    def _check_channel(self, region, channel, declaration):
        if channel.root.kind == "parameter":
            self._check_argument(region, channel, declaration)
        elif channel.is_stream:
            if _belongs_to_a_process(region, channel, declaration):
                return
            self._check_ends(region, channel, declaration, 1)
            if _is_local(region, declaration):
                self._check_forward(channel, declaration)
        elif is_constant_data(declaration.type):
            return
        elif outlives_calls(declaration):
            if len(channel.users) > 1:
                message = f"{declaration.spelling} is shared by {_names(region, channel.users)}"
                self._findings.add(declaration, "dataflow-static", message)
        elif _is_local(region, declaration):
            if channel.writers or not operands(declaration):  # else it is computed: said already
                self._check_ends(region, channel, declaration, 1)
                self._check_forward(channel, declaration)
        elif channel.writers:
            message = f"{declaration.spelling} carries data out of the region: only a stream may"
            self._findings.add(declaration, "dataflow-feedback", message)

    def _check_ends(self, region, channel, declaration, least):
        """One writer and one reader; an argument may lack one, which is outside."""
        readers, writers = channel.readers, channel.writers
        if not channel.is_stream:
            readers = readers - writers
        shareable = is_scalar(declaration.type) and not channel.is_stream
        too_many = len(writers) > 1 or (len(readers) > 1 and not shareable)
        label = channel.label(declaration)
        if too_many or min(len(writers), len(readers)) < least:
            message = (
                f"{label} is written by {_names(region, writers)} and read by "
                f"{_names(region, readers)}"
            )
            self._findings.add(declaration, "dataflow-channel", message)
        elif channel.is_stream and readers & writers:
            message = f"{label} is written and read by {_names(region, writers)}"
            self._findings.add(declaration, "dataflow-channel", message)

    def _check_forward(self, channel, declaration):
        readers = channel.readers - (set() if channel.is_stream else channel.writers)
        if readers and channel.writers and min(readers) < min(channel.writers):
            message = f"{channel.label(declaration)} is read before it is written"
            self._findings.add(declaration, "dataflow-feedback", message)

    def _check_argument(self, region, channel, declaration):
        kind, name = declaration.type.get_canonical(), declaration.spelling
        if channel.is_stream:
            self._check_ends(region, channel, declaration, 0)
        elif len(channel.users) < 2:
            return
        elif kind.kind == TypeKind.POINTER or value_type(kind).kind in ARRAYS:
            message = f"{name} is used by {_names(region, channel.users)}"
            self._findings.add(region.body, "dataflow-maxi", message)
        elif kind.kind in REFERENCES and channel.writers:
            message = f"{name} is shared by {_names(region, channel.users)}"
            self._findings.add(region.body, "dataflow-channel", message)


def _is_local(region, declaration):
    extent, at = region.body.extent, declaration.extent.start.offset
    inside = extent.start.offset <= at < extent.end.offset
    return inside and not outlives_calls(declaration)


def _belongs_to_a_process(region, channel, declaration):
    """A static stream of a region within a process: a channel there, not here."""
    extent, at = region.body.extent, declaration.extent.start
    here = at.file.name == extent.start.file.name and (
        extent.start.offset <= at.offset < extent.end.offset
    )
    return outlives_calls(declaration) and not here and len(channel.users) == 1


def _names(region, numbers):
    names = [region.processes[number].name for number in sorted(numbers)]
    return " and ".join(names) if names else "no process"
