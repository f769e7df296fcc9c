"""One exception root; every error names the field, the value, and what would do."""


class PynqLstmError(Exception):
    """Root of everything that this package raises on purpose.

    Parameters
    ----------
    field : str
        What was wrong: an argument, an attribute, a field of a file.
    value : object
        The value found there; shown shortened in the message.
    problem : str
        Why it cannot be taken.
    remedy : str
        What the caller can do instead.
    """

    def __init__(self, field, value, problem, remedy):
        super().__init__(field, value, problem, remedy)
        self.field, self.value, self.problem, self.remedy = field, value, problem, remedy

    def __str__(self):
        shown = repr(self.value)
        if len(shown) > 80:
            shown = shown[:77] + "..."
        return f"{self.field} = {shown}: {self.problem}; {self.remedy}"


class NetworkError(PynqLstmError, ValueError):
    """A float network that this package cannot represent."""


class CompressionError(PynqLstmError, ValueError):
    """Options of a compression that do not fit the network."""


class CalibrationError(CompressionError):
    """The scales cannot be chosen: no calibration data, or useless ones."""


class InputError(PynqLstmError, ValueError):
    """An input, state, length or prefix that the model cannot take."""


class ModelFormatError(PynqLstmError, ValueError):
    """A compressed model, in a file or in memory, that is damaged or inconsistent."""


class DesignError(PynqLstmError, ValueError):
    """A design of the accelerator, or a device, that is damaged, inconsistent or out of range."""


class PlanError(PynqLstmError, ValueError):
    """Models side by side, or routes between them, that the accelerator cannot run so."""


class CapacityError(PlanError):
    """A plan that is larger than the maxima of a design."""


class BackendError(PynqLstmError, RuntimeError):
    """A back end that is not available here, or a session that is closed."""


class DeviceError(PynqLstmError, RuntimeError):
    """Board, overlay or emulator: something that is missing, or that went wrong in a run."""


class DeviceTimeout(DeviceError):
    """The kernel did not end in time.

    Attributes
    ----------
    registers : dict of str to int
        The kernel's registers as they were found.
    """

    def __init__(self, field, value, problem, remedy, registers=None):
        super().__init__(field, value, problem, remedy)
        self.registers = dict(registers or {})


class DeviceFailed(DeviceError):
    """The device could not be brought back to work; open another session."""


class DeviceBusy(DeviceError):
    """Another process uses the device."""


class OverlayError(DeviceError):
    """Files of an overlay, or what is loaded, that are not what was expected."""


class FetchError(PynqLstmError, RuntimeError):
    """Something that cannot be fetched, or that is not what was asked for."""


class BuildError(PynqLstmError, RuntimeError):
    """An overlay that cannot be built: a tool is missing, or a step of it failed."""


class MissingExtraError(PynqLstmError, ImportError):
    """An optional part of the package is asked for and not installed."""


class BackendFallbackWarning(UserWarning):
    """Another back end than the best one runs, and why."""


class SaturationWarning(UserWarning):
    """More than 0.1 % of the values of one kind left their range and were clipped."""
