"""A real browser without a window: Debian's Chromium through chromedriver, spoken to over plain HTTP (WebDriver).

The browser has no network: every request that leaves the machine would fail, and a test can see it.
"""

import base64
import json
import shutil
import subprocess
import tempfile
import urllib.request
from pathlib import Path
from typing import Any, Self

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
_ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    # No way out: names do not resolve, and what needs none meets a port where nobody listens. This machine is near.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
    "--proxy-server=http://127.0.0.1:9",
]
_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


def missing() -> str:
    """What is not installed, or an empty string."""
    absent = [] if any(map(shutil.which, CHROMIUM)) else ["chromium"]
    absent += [] if shutil.which("chromedriver") else ["chromedriver"]
    return (
        f"{' and '.join(absent)} not installed: `make test-report` installs them on Debian" if absent else ""
    )


class Browser:
    """One browser with one page. Use it as a context."""

    def __enter__(self) -> Self:
        self._profile = tempfile.TemporaryDirectory(prefix="qte-browser-")
        self._driver = subprocess.Popen(
            ["chromedriver", "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert self._driver.stdout is not None
        said = next(line for line in self._driver.stdout if "started successfully on port" in line)
        self._base = f"http://127.0.0.1:{said.rstrip().rstrip('.').rsplit(' ', 1)[1]}"
        options = {
            "args": [*_ARGUMENTS, f"--user-data-dir={self._profile.name}"],
            "binary": next(path for name in CHROMIUM if (path := shutil.which(name))),
        }
        wanted = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
        session = self._ask("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})
        self._base += f"/session/{session['sessionId']}"
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._ask("DELETE", "")
        finally:
            self._driver.terminate()
            self._driver.wait(timeout=20)
            self._profile.cleanup()

    def open(self, page: Path, fragment: str = "") -> None:
        self._ask("POST", "/url", {"url": page.as_uri() + fragment})

    def visit(self, address: str) -> None:
        """Open an address of this machine."""
        self._ask("POST", "/url", {"url": address})

    def run(self, script: str, *arguments: object) -> Any:
        """Run a function's body in the page; what it returns."""
        return self._ask("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def messages(self, level: str = "") -> list[str]:
        """What the console said since this was asked last; of one level ("SEVERE"), or of all."""
        said = self._ask("POST", "/se/log", {"type": "browser"})
        return [entry["message"] for entry in said if level in ("", entry["level"])]

    def type(self, selector: str, text: str) -> None:
        """Send keys to an element."""
        self._ask("POST", f"/element/{self._find(selector)}/value", {"text": text})

    def click(self, selector: str) -> None:
        self._ask("POST", f"/element/{self._find(selector)}/click", {})

    def press(self, *keys: str) -> None:
        """Press keys one after the other on whatever has the focus."""
        strokes = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self._ask("POST", "/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": strokes}]})

    def size(self, width: int, height: int, touch: bool = False) -> None:
        """The size of the page's window; a telephone's window has touch."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": touch}
        self._devtools("Emulation.setDeviceMetricsOverride", metrics)

    def prefer(self, scheme: str) -> None:
        """Whether the reader's machine is set to light or dark colours; it is always set to no motion."""
        features = {"prefers-color-scheme": scheme, "prefers-reduced-motion": "reduce"}
        listed = [{"name": name, "value": value} for name, value in features.items()]
        self._devtools("Emulation.setEmulatedMedia", {"features": listed})

    def screenshot(self, file: Path) -> None:
        """The whole page, below the fold too."""
        shown = self._devtools("Page.captureScreenshot", {"format": "png", "captureBeyondViewport": True})
        file.write_bytes(base64.b64decode(shown["data"]))

    def _devtools(self, command: str, parameters: dict[str, Any]) -> Any:
        return self._ask("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def _find(self, selector: str) -> str:
        found = self._ask("POST", "/element", {"using": "css selector", "value": selector})
        return str(found[_ELEMENT])

    def _ask(self, method: str, path: str, content: dict[str, Any] | None = None) -> Any:
        body = None if content is None else json.dumps(content).encode()
        request = urllib.request.Request(self._base + path, data=body, method=method)
        request.add_header("Content-Type", "application/json")
        try:
            # Not through a proxy that the machine may have: the driver is here.
            opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            with opener.open(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError(json.load(error)["value"]["message"]) from None
