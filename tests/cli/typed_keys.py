"""Keys that are typed in a shell on a terminal, and what a command then is called with."""

import os
import pty
import select
import shutil
import time

TYPED = "pynq-lstm fine\t netw\t --meth\t sv\t --che\t x"
CALLED = b"<fine-tune><network.safetensors><--method><svd><--checkpoint><x>"


def typed_and_called(command, folder, *sources):
    """Type `TYPED` in an interactive shell after it has read files; fails if not `CALLED`.

    Parameters
    ----------
    command : list of str
        The shell and its options.
    folder : Path
        Where it is typed; made, with a file network.safetensors.
    sources : str or Path
        Read by the shell in this order.
    """
    folder.mkdir()
    (folder / "network.safetensors").touch()
    lines = [
        f"cd {folder}",
        *(f"source {one}" for one in sources),
        "pynq-lstm() { printf '<%s>' \"$@\"; echo; }",
        TYPED,
        "exit",
    ]
    process, terminal = pty.fork()
    if not process:
        keys = {"PATH": os.environ["PATH"], "INPUTRC": "/dev/null", "TERM": "dumb", "PS1": "$ "}
        os.execve(shutil.which(command[0]), command, keys)
    try:
        os.write(terminal, ("\n".join(lines) + "\n").encode())
        shown = _until(terminal, CALLED)
        assert CALLED in shown, shown.decode(errors="replace")
    finally:
        os.close(terminal)
        os.waitpid(process, 0)


def _until(terminal, text, seconds=60):
    shown, ends = b"", time.monotonic() + seconds
    while time.monotonic() < ends and text not in shown:
        if select.select([terminal], [], [], 1)[0]:
            try:
                shown += os.read(terminal, 4096)
            except OSError:  # the shell is gone
                break
    return shown
