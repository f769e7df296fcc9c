"""An end to what a server may take, whatever it is doing: connections are shut when it comes."""

import socket
import threading
import urllib.request
from contextlib import suppress
from functools import partial


class Deadline:
    """A context; within it the connections that `Https` opens live no longer than `seconds`.

    Attributes
    ----------
    passed : bool
    """

    def __init__(self, seconds):
        self.passed, self._lock, self._held = False, threading.Lock(), []
        self._timer = threading.Timer(min(seconds, threading.TIMEOUT_MAX), self._pass)
        self._timer.daemon = True

    def __enter__(self):
        self._timer.start()
        return self

    def __exit__(self, *_):
        self._timer.cancel()
        with self._lock:
            for one in self._held:
                one.close()
            self._held.clear()

    def _pass(self):
        with self._lock:
            self.passed = True
            for one in self._held:
                _shut(one)

    def connection(self, kind, host, **settings):
        """A connection of http.client; its socket is known before TLS begins on it."""
        made = kind(host, **settings)
        create = made._create_connection

        def created(*arguments, **keywords):
            found = create(*arguments, **keywords)
            held = found.dup()  # TLS takes the first over; to shut either is to shut both
            with self._lock:
                self._held.append(held)
                if self.passed:
                    _shut(held)
            return found

        made._create_connection = created
        return made


class Https(urllib.request.HTTPSHandler):
    """Opens https: addresses on connections of a `Deadline`."""

    def __init__(self, deadline):
        super().__init__()
        self._deadline = deadline

    def do_open(self, http_class, req, **settings):
        """As urllib does it, with another class of connection."""
        return super().do_open(partial(self._deadline.connection, http_class), req, **settings)


def _shut(held):
    with suppress(OSError):  # it is down already
        held.shutdown(socket.SHUT_RDWR)
