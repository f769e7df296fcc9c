"""The services of pynq.remote's daemon (pynq 4.0.0), on an emulated board instead of a real one.

An error goes back in the field that the client raises it from; where there is none the call fails.
"""

import functools
import itertools

import grpc
import numpy as np
from pynq.pl_server.embedded_device import ZU_AXIFM_REG, ZU_FPD_SLCR_REG
from pynq.remote import (
    buffer_pb2,
    buffer_pb2_grpc,
    gpio_pb2,
    gpio_pb2_grpc,
    mmio_pb2,
    mmio_pb2_grpc,
    remote_device_pb2,
    remote_device_pb2_grpc,
)

from pynq_lstm.runtime.emulator.bus import PlainRegisters
from pynq_lstm.runtime.emulator.overlay_files import overlay_files

CHUNK = 1 << 20  # bytes a message; gRPC takes four times that
GPIO_CHIP, GPIO_PINS = 338, 174  # as Linux numbers those of the processor
FIRST_EMIO = 78  # of these pins; those before are on the chip's own pads
_PAGE = 4096
_FIRMWARE, _MANAGER = "/lib/firmware/", "/sys/class/fpga_manager/fpga0/"


def add_services(server, device, designs):
    """Let a gRPC server be the daemon of a board.

    Parameters
    ----------
    server : grpc.Server
        With one worker: the emulated board takes one call at a time.
    device : EmulatedDevice
    designs : dict of str to Design
        What can be loaded, by the stem of the .bit that the client names.
    """
    for page in _width_pages():
        device.attach(page, _PAGE, PlainRegisters())
    files = FileService(device, designs)
    remote_device_pb2_grpc.add_RemoteDeviceServicer_to_server(files, server)
    mmio_pb2_grpc.add_MmioServicer_to_server(MmioService(device), server)
    buffer_pb2_grpc.add_RemoteBufferServicer_to_server(BufferService(device), server)
    gpio_pb2_grpc.add_GpioServicer_to_server(GpioService(device), server)


def _width_pages():
    """Pages with registers of the ports' widths, which the client sets with each overlay."""
    registers = [
        entry["addr"]
        for table in (ZU_FPD_SLCR_REG, ZU_AXIFM_REG)
        for of_parameter in table.values()
        for entry in of_parameter.values()
    ]
    return sorted({address - address % _PAGE for address in registers})


def _telling(response, field="msg"):
    """A handler whose errors become a response with a message."""

    def wrap(handler):
        @functools.wraps(handler)
        def handle(self, request, context):
            try:
                return handler(self, request, context)
            except Exception as error:  # the client raises it
                return response(**{field: f"{type(error).__name__}: {error}"})

        return handle

    return wrap


def _failing(handler):
    """A handler whose errors end the call: its response has no place for them."""

    @functools.wraps(handler)
    def handle(self, request, context):
        try:
            return handler(self, request, context)
        except Exception as error:
            return context.abort(grpc.StatusCode.ABORTED, f"{type(error).__name__}: {error}")

    return handle


class FileService(remote_device_pb2_grpc.RemoteDeviceServicer):
    """Files of the board; writing the name of a firmware to Linux's manager loads it."""

    def __init__(self, device, designs):
        self._device, self._designs = device, designs
        self._files = {
            "/proc/version": b"Linux version 6.6.0 (emulated) aarch64\n",
            "/proc/device-tree/chosen/pynq_board": device.name.encode() + b"\0",
            _MANAGER + "state": b"operating\n",
            _MANAGER + "flags": b"0\n",
        }

    def existsfile(self, request, context):
        """Whether a file is there."""
        return remote_device_pb2.ExistsFileResponse(exists=request.file_path in self._files)

    def readfile(self, request, context):
        """Content of a file, in pieces."""
        if request.file_path not in self._files:
            context.abort(grpc.StatusCode.NOT_FOUND, f"{request.file_path} is not there")
        for data in _pieces(self._files[request.file_path]):
            yield remote_device_pb2.ReadFileResponse(data=data)

    @_failing
    def writefile(self, requests, context):
        """Write a file that comes in pieces."""
        path, data = None, b""
        for request in requests:
            path, data = request.file_path, data + request.data
        if path == _MANAGER + "firmware":
            self._load(data.decode())
        elif path is not None:
            self._files[path] = data
        return remote_device_pb2.WriteFileResponse()

    def set_bitstream_attrs(self, request, context):
        """A partial bitstream is refused."""
        return remote_device_pb2.SetBitstreamAttrsResponse(status=not request.partial)

    def _load(self, firmware):
        """Program the design that a firmware is named after."""
        name = firmware[: -len(".bin")]
        if _FIRMWARE + firmware not in self._files or name not in self._designs:
            known = ", ".join(sorted(self._designs))
            raise LookupError(f"{firmware} is no firmware of {known}; start with --design")
        self._device.program(overlay_files(self._designs[name]))


class MmioService(mmio_pb2_grpc.MmioServicer):
    """Registers."""

    def __init__(self, device):
        self._device, self._bases, self._keys = device, {}, itertools.count(1)

    @_telling(mmio_pb2.GetMmioResponse)
    def get_mmio(self, request, context):
        """A key for a register space."""
        key = f"mmio-{next(self._keys)}"
        self._bases[key] = request.base_addr
        return mmio_pb2.GetMmioResponse(status=True, mmio_id=key)

    @_telling(mmio_pb2.ReadResponse)
    def read(self, request, context):
        """1 to 8 bytes."""
        address = self._bases[request.mmio_id] + request.offset
        words = self._device.read_registers(address, max(4, request.length))
        if request.word_order == "big" and request.length == 8:
            words = words[4:] + words[:4]
        data = int.from_bytes(words[: request.length], "little")
        return mmio_pb2.ReadResponse(status=True, data=data)

    @_telling(mmio_pb2.WriteResponse)
    def write(self, request, context):
        """Whole words."""
        self._device.write_registers(self._bases[request.mmio_id] + request.offset, request.data)
        return mmio_pb2.WriteResponse(status=True)


class BufferService(buffer_pb2_grpc.RemoteBufferServicer):
    """Contiguous memory."""

    def __init__(self, device):
        self._device, self._buffers, self._keys = device, {}, itertools.count(1)

    @_failing  # the client does not look at the message
    def allocate(self, request, context):
        """A key for a buffer of bytes."""
        buffer = self._device.allocate((request.size,), np.uint8, cacheable=request.cacheable)
        key = f"buffer-{next(self._keys)}"
        self._buffers[key] = buffer
        return buffer_pb2.AllocateResponse(buffer_id=key)

    @_telling(buffer_pb2.BufferWriteResponse)
    def write(self, requests, context):
        """Content from the buffer's start on, in pieces."""
        place = 0
        for request in requests:
            end = place + len(request.data)
            self._buffers[request.buffer_id][place:end] = np.frombuffer(request.data, np.uint8)
            place = end
        return buffer_pb2.BufferWriteResponse()

    def read(self, request, context):
        """The whole content, in pieces."""
        if request.buffer_id not in self._buffers:
            context.abort(grpc.StatusCode.NOT_FOUND, f"no buffer {request.buffer_id}")
        for data in _pieces(self._buffers[request.buffer_id].tobytes()):
            yield buffer_pb2.BufferReadResponse(data=data)

    @_telling(buffer_pb2.FlushResponse)
    def flush(self, request, context):
        """What was written goes to memory."""
        self._buffers[request.buffer_id].flush()
        return buffer_pb2.FlushResponse()

    @_telling(buffer_pb2.InvalidateResponse)
    def invalidate(self, request, context):
        """The next `read` gives what is in memory."""
        self._buffers[request.buffer_id].invalidate()
        return buffer_pb2.InvalidateResponse()

    @_telling(buffer_pb2.FreeBufferResponse)
    def freebuffer(self, request, context):
        """Give a buffer back."""
        self._buffers[request.buffer_id].freebuffer()
        del self._buffers[request.buffer_id]
        return buffer_pb2.FreeBufferResponse()

    @_telling(buffer_pb2.AddressResponse)
    def physical_address(self, request, context):
        """Where the kernel finds a buffer."""
        return buffer_pb2.AddressResponse(address=self._buffers[request.buffer_id].device_address)

    @_telling(buffer_pb2.AddressResponse)
    def virtual_address(self, request, context):
        """Where this process has it."""
        return buffer_pb2.AddressResponse(address=self._buffers[request.buffer_id].virtual_address)


class GpioService(gpio_pb2_grpc.GpioServicer):
    """Outputs of the processor to the programmable logic."""

    def __init__(self, device):
        self._device, self._indices = device, {}

    @_failing
    def get_gpio_base_path(self, request, context):
        """Where Linux has its pins."""
        return gpio_pb2.GetGpioBasePathResponse(base_path=f"/sys/class/gpio/gpiochip{GPIO_CHIP}")

    @_failing
    def get_gpio_npins(self, request, context):
        """How many there are."""
        return gpio_pb2.GetGpioNPinsResponse(npins=GPIO_PINS)

    @_failing
    def get_gpio(self, request, context):
        """A key for an output."""
        index = request.index - GPIO_CHIP - FIRST_EMIO
        if not 0 <= index < GPIO_PINS - FIRST_EMIO or request.direction != "out":
            raise ValueError(f"pin {request.index} is no output to the programmable logic")
        key = f"gpio-{request.index}"
        self._indices[key] = index
        return gpio_pb2.GetGpioResponse(gpio_id=key)

    @_failing
    def write(self, request, context):
        """Set an output."""
        self._device.gpio_write(self._indices[request.gpio_id], request.value)
        return gpio_pb2.GpioWriteResponse()

    @_failing
    def unexport(self, request, context):
        """Give an output back."""
        self._indices.pop(request.gpio_id)
        return gpio_pb2.GpioUnexportResponse()

    @_failing
    def is_exported(self, request, context):
        """Whether an output is in use."""
        return gpio_pb2.GpioIsExportedResponse(is_exported=request.gpio_id in self._indices)


def _pieces(data):
    return (data[place : place + CHUNK] for place in range(0, len(data), CHUNK))
