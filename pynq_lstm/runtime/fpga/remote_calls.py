"""Calls of pynq.remote that end: each has a deadline, and fails with an error of the system.

pynq 4.0.0 calls its daemon without one, so a board that stops answering would be waited for
without end, and raises gRPC's own errors, which are neither OSError nor RuntimeError.
"""

import contextlib
import weakref

SECONDS = 30.0  # of a call; the longest moves a buffer, or loads an overlay
SECONDS_AFTER_SILENCE = 0.5  # of a call after one that was not answered
_bound = weakref.WeakSet()


def bound_calls(device, seconds=SECONDS):
    """Give every call of a remote device a deadline; other devices stay as they are.

    To be done before registers are mapped and buffers are allocated, since these keep the calls
    that they were made with. A device that has deadlines keeps them.

    Parameters
    ----------
    device : pynq.Device
    seconds : float
        Of a call; a board that did not answer in time has less for the next ones, until it does.
    """
    if not device.has_capability("REMOTE") or device in _bound:
        return
    import grpc

    channel = grpc.intercept_channel(device.client.channel, _interceptor(grpc, seconds))
    device._stub = {name: type(stub)(channel) for name, stub in device._stub.items()}
    _bound.add(device)


def _interceptor(grpc, seconds):
    """gRPC is imported late: pynq before 4.0.0, and a PC without pynq, have none."""

    class Bound(
        grpc.UnaryUnaryClientInterceptor,
        grpc.StreamUnaryClientInterceptor,
        grpc.UnaryStreamClientInterceptor,
    ):
        seconds_now = seconds

        def intercept_unary_unary(self, continuation, details, request):
            call = continuation(_Limited(details, self.seconds_now), request)
            self._check(call, details.method)
            return call

        intercept_stream_unary = intercept_unary_unary

        def intercept_unary_stream(self, continuation, details, request):
            call = continuation(_Limited(details, self.seconds_now), request)
            with contextlib.suppress(grpc.RpcError):  # `call` has it
                yield from call
            self._check(call, details.method)

        def _check(self, call, method):
            """Remember whether the board answers; raise what went wrong."""
            code, limit = call.code(), self.seconds_now
            silent = code == grpc.StatusCode.DEADLINE_EXCEEDED
            self.seconds_now = min(seconds, SECONDS_AFTER_SILENCE) if silent else seconds
            if silent:
                raise TimeoutError(f"{method} of pynq.remote: no answer in {limit} s")
            if code != grpc.StatusCode.OK:
                raise ConnectionError(f"{method} of pynq.remote: {code.name}: {call.details()}")

    return Bound()


class _Limited:
    """Details of a call (`grpc.ClientCallDetails`) with a deadline."""

    def __init__(self, details, seconds):
        self.method, self.metadata = details.method, details.metadata
        self.credentials, self.timeout = details.credentials, seconds
        self.wait_for_ready, self.compression = details.wait_for_ready, details.compression
