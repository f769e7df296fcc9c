"""LLVM IR whitelist: what is left of a kernel after ``clang++ -O1`` is what hardware can be.

Against the opaque ``hls::stream`` every stream access stays a call. A synthesisable kernel then has
no calls through pointers, no allocas of variable size, no floating-point instructions, and calls
nothing but its own functions, stream accesses and memory intrinsics.
"""

import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from .errors import HlsCheckError

VIEWS = {"native": ("HLS_NATIVE",), "mixed": (), "force_ap": ("HLS_FORCE_AP",)}

_ALLOWED = re.compile(
    r"_ZN3hls6streamI.*E(?:4read|5write|rs|ls)E.*"
    r"|llvm\.(?:lifetime\.(?:start|end)|mem(?:cpy|set|move)|experimental\.noalias|assume|[su]?(?:max|min)"
    r"|abs|[su](?:add|sub|mul)\.(?:with\.overflow|sat)|fsh[lr]|bswap|ctlz|cttz|ctpop|bitreverse"
    r"|dbg\.|expect)[.\w]*"
)
_STARTUP = re.compile(r"_ZNSt8ios_base4InitC1Ev")  # of <iostream>, which ap_types include
# ap_types model products beyond 64 bits in software, on the heap; hardware multiplies
_MODELLED = re.compile(r"malloc|free")
_MODEL = re.compile(r"_ZN\w*?\d+ap_private(?:_ops)?[IE\d].*")
_STARTUP_FUNCTION = re.compile(r"__cxx_global_var_init.*|_GLOBAL__sub_I_.*")
_DEFINE = re.compile(r'^define .*?@(?:"([^"]+)"|([\w.$]+))\(', re.M)
_CALL = re.compile(
    r"^\s*(?:%\S+ = )?(?:tail |musttail |notail )?(?:call|invoke)\b(?P<rest>.*)$", re.M
)
_CALLEE = re.compile(r'@(?:"([^"]+)"|([\w.$]+))\(')
_FLOATING = re.compile(
    r"^\s*%\S+ = (?:f(?:add|sub|mul|div|rem|neg|cmp|ptosi|ptoui|pext|ptrunc)|[su]itofp)\b", re.M
)
_VARIABLE_ALLOCA = re.compile(r"= alloca [^\n]*, i(?:32|64) %")
_TIMEOUT = 300  # seconds
# Not inlined, so that what a library function calls is not taken for a call of the kernel's;
# guards and destructors of static variables are the simulation's.
_FLAGS = (
    *("-O1", "-fno-inline", "-DNDEBUG", "-w", "-S", "-emit-llvm"),
    *("-fno-threadsafe-statics", "-fno-c++-static-destructors"),
)


@dataclass(frozen=True)
class IrReport:
    """What the IR of a kernel holds.

    Parameters
    ----------
    indirect_calls, variable_allocas, floating : int
        How many instructions of each kind.
    foreign : tuple of str
        Callees outside of the whitelist, with the function that calls them.
    functions : int
        Functions defined.
    """

    indirect_calls: int
    variable_allocas: int
    floating: int
    foreign: tuple
    functions: int

    @property
    def ok(self):
        """Whether nothing but the allowed is there, and something is there at all."""
        return self.functions > 0 and not (
            self.indirect_calls or self.variable_allocas or self.floating or self.foreign
        )

    def __str__(self):
        foreign = ", ".join(self.foreign) or "none"
        return (
            f"{self.functions} functions, {self.indirect_calls} indirect calls, "
            f"{self.variable_allocas} variable allocas, {self.floating} floating-point "
            f"instructions, callees outside the list: {foreign}"
        )


def compile_ir(kernel):
    """The LLVM IR of a kernel, as text.

    Parameters
    ----------
    kernel : Kernel

    Returns
    -------
    str

    Raises
    ------
    HlsCheckError
        If there is no clang++, or it rejects the source.
    """
    compiler = shutil.which("clang++")
    if compiler is None:
        raise HlsCheckError("PATH", "", "no clang++", "install clang 14 or later")
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "kernel.ll")
        command = [compiler, *_FLAGS, *kernel.flags()]
        command += [str(kernel.source), "-o", str(out)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT)
        if done.returncode:
            told = [line for line in done.stderr.splitlines() if "error:" in line]
            reason = told[0] if told else "clang++ failed"
            raise HlsCheckError("source", str(kernel.source), reason, "make it compile first")
        return out.read_text(encoding="utf-8")


def inspect_ir(text):
    """Hold IR against the whitelist.

    Parameters
    ----------
    text : str

    Returns
    -------
    IrReport
    """
    bodies = _functions(text)
    indirect, foreign = 0, set()
    for name, body in bodies.items():
        for call in _CALL.finditer(body):
            callee = _CALLEE.search(call["rest"])
            if " asm " in call["rest"]:
                foreign.add(f"inline assembly in {demangled(name)}")
            elif callee is None or _is_through_pointer(call["rest"]):
                indirect += 1
            elif not _is_allowed(callee[1] or callee[2], name, bodies):
                foreign.add(f"{demangled(callee[1] or callee[2])} in {demangled(name)}")
    return IrReport(
        indirect,
        sum(len(_VARIABLE_ALLOCA.findall(body)) for body in bodies.values()),
        sum(len(_FLOATING.findall(body)) for body in bodies.values()),
        tuple(sorted(foreign)),
        len(bodies),
    )


def check_ir(kernel):
    """Compile a kernel and hold its IR against the whitelist.

    Parameters
    ----------
    kernel : Kernel

    Returns
    -------
    IrReport
    """
    return inspect_ir(compile_ir(kernel))


def _functions(text):
    found = {}
    for match in _DEFINE.finditer(text):
        end = text.find("\n}", match.end())
        found[match[1] or match[2]] = text[match.end() : end]
    return found


def _is_through_pointer(rest):
    """Whether the callee operand, which stands right before its arguments, is a register."""
    return re.match(r"[^@(]*(?:\([^()]*\)\*?\s*)?%[\w.]+\(", rest) is not None


def _is_allowed(callee, caller, bodies):
    if callee in bodies or _ALLOWED.fullmatch(callee):
        return True
    if _MODELLED.fullmatch(callee):
        return _MODEL.match(caller) is not None
    return bool(_STARTUP.fullmatch(callee) and _STARTUP_FUNCTION.fullmatch(caller))


def demangled(name):
    """A symbol as C++ writes it, where c++filt is there."""
    tool = shutil.which("c++filt")
    if tool is None or not name.startswith("_Z"):
        return name
    done = subprocess.run([tool, name], capture_output=True, text=True, timeout=60)
    return done.stdout.strip() or name
