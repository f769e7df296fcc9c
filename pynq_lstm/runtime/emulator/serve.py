"""The emulated board behind pynq.remote: ``python -m pynq_lstm.runtime.emulator.serve``.

A client sets PYNQ_REMOTE_DEVICES=127.0.0.1 before it imports pynq, 4.0.0 or later, and works as
with a board that runs the daemon. pynq.remote knows neither passwords nor encryption, so only
this machine's own addresses are served.
"""

import argparse
import ipaddress
import math
import signal
import sys
import threading
from concurrent import futures

from pynq_lstm.accelerator.design import Design
from pynq_lstm.errors import InputError, MissingExtraError, PynqLstmError
from pynq_lstm.runtime.fpga import files

PORT = 7967  # the client's own; its environment variable takes addresses only
SECONDS = 3600
OPTIONS = {"design": "paths", "host": "host", "port": "port", "seconds": "seconds"}  # of `run`


def serve(device, designs, host="127.0.0.1", port=PORT):
    """Start a server.

    Parameters
    ----------
    device : EmulatedDevice
        With ``realtime=True``: the client waits in its own time.
    designs : dict of str to Design
        What can be loaded, by name.
    host : str
        A loopback address.
    port : int
        0: any that is free.

    Returns
    -------
    server : grpc.Server
        ``stop(grace)`` ends it.
    port : int

    Raises
    ------
    MissingExtraError
        This pynq has no pynq.remote.
    OSError
        The port is in use.
    """
    try:
        import grpc

        from pynq_lstm.runtime.emulator.remote_services import add_services
    except ImportError as error:
        raise MissingExtraError(
            "pynq.remote", str(error), "came with pynq 4.0.0", "pip install 'pynq>=4,<5'"
        ) from error
    # one worker: calls one after another; without the option two servers may share a port
    server = grpc.server(futures.ThreadPoolExecutor(1), options=[("grpc.so_reuseport", 0)])
    add_services(server, device, designs)
    try:
        port = server.add_insecure_port(f"{host}:{port}")
    except RuntimeError as error:
        raise OSError(f"{host}:{port} cannot be served: {error}") from error
    server.start()
    return server, port


def run(paths=(), host="127.0.0.1", port=PORT, seconds=SECONDS, say=print):
    """Serve until the time is up or a signal comes.

    Parameters
    ----------
    paths : sequence of path
        design.json of overlays to offer, besides those that ship.
    host, port
        As `serve` takes them.
    seconds : float
    say : callable
        Is told a line when the server serves.

    Returns
    -------
    EmulatedDevice
        The board, as it was left.

    Raises
    ------
    MissingExtraError, OSError
        As `serve`.
    DesignError
    InputError
        No time that passes.
    ImportError
        pynq is not there.
    """
    if not 0 < seconds < math.inf:
        raise InputError("seconds", seconds, "not a positive number", "pass some, as 3600")
    offered = [Design.load(path) for path in paths]
    from pynq_lstm.runtime.emulator.device import EmulatedDevice

    designs = {**files.designs(), **{design.name: design for design in offered}}
    ended = threading.Event()
    signals = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, lambda *_: ended.set()) for number in signals]
    try:
        device = EmulatedDevice("served", realtime=True)
        server, port = serve(device, designs, host, port)
        try:
            say(f"serving on {host}:{port}")
            ended.wait(min(seconds, threading.TIMEOUT_MAX))
        finally:
            server.stop(grace=1).wait(5)
    finally:
        for number, handler in zip(signals, before):
            signal.signal(number, handler)
    return device


def main(arguments=None):
    """Serve; returns the exit status."""
    options = _parser().parse_args(arguments)
    try:
        device = run(**given(options), say=lambda line: print(line, flush=True))
    except (PynqLstmError, ImportError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{device.live_buffers} buffers in use, {device.counters}", flush=True)
    return 0


def _parser():
    parser = argparse.ArgumentParser(
        prog="python -m pynq_lstm.runtime.emulator.serve",
        description="Serve an emulated board to clients with PYNQ_REMOTE_DEVICES (pynq 4.0.0).",
    )
    add_arguments(parser)
    return parser


def add_arguments(parser):
    """Declare where to serve, how long, and what; `given` has what was said of it."""
    parser.add_argument(
        "--host", type=loopback, help="an address of this machine alone (127.0.0.1)"
    )
    parser.add_argument("--port", type=int, help=f"default {PORT}, as clients expect")
    parser.add_argument("--seconds", type=float, help=f"end after so long ({SECONDS})")
    parser.add_argument("--design", action="append", help="design.json of an overlay to offer, too")


def given(options):
    """Keywords of `run`: those of `add_arguments` that were given."""
    found = {keyword: getattr(options, name) for name, keyword in OPTIONS.items()}
    return {keyword: value for keyword, value in found.items() if value is not None}


def loopback(text):
    """A loopback address, for argparse."""
    try:
        if ipaddress.IPv4Address(text).is_loopback:
            return text
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(f"{text} is not an address of this machine alone (127.0.0.1)")


if __name__ == "__main__":
    sys.exit(main())
