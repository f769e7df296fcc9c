"""A headless Chromium, driven through the pipes of its DevTools protocol."""

import base64
import itertools
import json
import os
import select
import subprocess
import time
from fcntl import F_DUPFD_CLOEXEC, fcntl

DEADLINE = 30  # seconds that anything may take
FLAGS = (
    *("--headless=new", "--no-sandbox", "--remote-debugging-pipe", "--disable-gpu"),
    *("--no-first-run", "--disable-extensions", "--disable-background-networking"),
    *("--disable-dev-shm-usage", "--disable-component-update"),
)
CODES = {
    **{"Tab": 9, "Enter": 13, "Escape": 27, "End": 35, "Home": 36},
    **{"ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40},
}


class Chromium:
    """A process, and one page of it.

    Parameters
    ----------
    profile : path
        An empty folder for what it keeps.
    """

    def __init__(self, profile):
        ends = [*os.pipe(), *os.pipe()]
        # above those that the shell gives away
        commands, self._write, self._read, answers = (
            fcntl(end, F_DUPFD_CLOEXEC, 10) for end in ends
        )
        for end in ends:
            os.close(end)
        self._buffer, self._numbers, self.events = b"", itertools.count(1), []
        # the protocol's messages go in by file 3 and come out by file 4
        script = f'exec "$0" "$@" 3<&{commands} 4>&{answers}'
        self._process = subprocess.Popen(
            ["bash", "-c", script, "chromium", *FLAGS, f"--user-data-dir={profile}"],
            pass_fds=(commands, answers),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(commands)
        os.close(answers)
        self._session = None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        found = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = found["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        self.call("Emulation.setFocusEmulationEnabled", enabled=True)
        size = {"width": 1200, "height": 1000, "deviceScaleFactor": 1, "mobile": False}
        self.call("Emulation.setDeviceMetricsOverride", **size)

    def call(self, method, **parameters):
        """Send a command and return its result; events that come meanwhile are kept."""
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._message()
            if answer.get("id") == number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
            self.events.append(answer)

    def _message(self):
        limit = time.monotonic() + DEADLINE
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._read], [], [], limit - time.monotonic())
            data = os.read(self._read, 1 << 20) if ready else b""
            if not data:
                raise RuntimeError("Chromium is silent, or has ended")
            self._buffer += data
        message, _, self._buffer = self._buffer.partition(b"\0")
        return json.loads(message)

    def open(self, path, fragment=""):
        """Load a file, with the events of this page only."""
        for address in ("about:blank", f"file://{path}{fragment}"):
            self.events.clear()
            self.call("Page.navigate", url=address)
            self._wait_for_load()

    def _wait_for_load(self):
        while not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            self.events.append(self._message())

    def value(self, expression):
        """What an expression of JavaScript is, through JSON."""
        found = self.call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        if "exceptionDetails" in found:
            raise RuntimeError(f"{expression}: {found['exceptionDetails']}")
        return found["result"].get("value")

    def complaints(self):
        """Exceptions and whatever was written to the console."""
        names = ("Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded")
        return [event for event in self.events if event.get("method") in names]

    def requests(self):
        """Addresses that were asked for."""
        sent = (e for e in self.events if e.get("method") == "Network.requestWillBeSent")
        return [event["params"]["request"]["url"] for event in sent]

    def place(self, selector):
        """The middle of an element, in pixels of the window, scrolled to."""
        return self.value(
            f"(() => {{ const e = document.querySelector({json.dumps(selector)});"
            " e.scrollIntoView({ block: 'center' }); const r = e.getBoundingClientRect();"
            " return [r.x + r.width / 2, r.y + r.height / 2]; })()"
        )

    def hover(self, selector):
        """Move the mouse over an element."""
        x, y = self.place(selector)
        self.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)

    def click(self, selector):
        """Press and release the mouse over an element."""
        x, y = self.place(selector)
        for kind in ("mousePressed", "mouseReleased"):
            press = {"x": x, "y": y, "button": "left", "clickCount": 1}
            self.call("Input.dispatchMouseEvent", type=kind, **press)

    def press(self, key):
        """A key, by its name in JavaScript."""
        pressed = {"key": key, "code": key, "windowsVirtualKeyCode": CODES[key]}
        text = {"text": "\r"} if key == "Enter" else {}
        self.call("Input.dispatchKeyEvent", type="keyDown", **pressed, **text)
        self.call("Input.dispatchKeyEvent", type="keyUp", **pressed)

    def picture(self, path):
        """A PNG of the whole page."""
        size = "[document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
        width, height = self.value(size)
        clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
        raw = self.call("Page.captureScreenshot", captureBeyondViewport=True, clip=clip)["data"]
        with open(path, "wb") as stream:
            stream.write(base64.b64decode(raw))

    def close(self):
        """End the process."""
        try:
            self._session = None
            self.call("Browser.close")
        except (RuntimeError, OSError):
            self._process.kill()
        self._process.wait(DEADLINE)
        os.close(self._write)
        os.close(self._read)
