"""The server of a live figure: one figure, this machine alone, an address that nobody guesses."""

import errno
import secrets
import socket
from urllib.parse import urlencode

from bokeh.application import Application
from bokeh.application.handlers import FunctionHandler
from bokeh.core.validation import silence
from bokeh.core.validation.warnings import EMPTY_LAYOUT
from bokeh.document import Document
from bokeh.models import Div
from bokeh.server.server import Server

from workflow.explore.desks import Answer
from workflow.explore.figures import Refused
from workflow.explore.page import Page
from workflow.explore.state import State

# A table's place is empty until it is computed.
silence(EMPTY_LAYOUT)
HOST = "127.0.0.1"
# Each window has its own processes, one a table.
MOST_WINDOWS = 8
# Seconds until a window that opens has its connection.
_SETTLED = 3.0


class Explorer:
    """All windows of a figure, and the server that they talk to.

    Parameters
    ----------
    standard : State
    port : int
        0 for any that is free.

    Raises
    ------
    Refused
        The port is in use, or not one that may be had.
    """

    def __init__(self, standard: State, port: int = 0) -> None:
        self._standard = standard
        self._kept: dict[str, Answer] = {}
        self._pages: list[Page] = []
        self.token = secrets.token_urlsafe(18)
        chosen = port or _free_port()
        try:
            self.server = Server(
                {"/": Application(FunctionHandler(self._open))},
                address=HOST,
                port=chosen,
                prefix=self.token,
                allow_websocket_origin=[f"{HOST}:{chosen}"],
                use_index=False,
            )
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise Refused(
                    f"port {chosen} is in use; name another, or none for one that is free"
                ) from None
            raise Refused(f"port {chosen} cannot be had: {error.strerror}") from None
        self.port = chosen

    def address(self, query: str = "") -> str:
        """Where the figure is, with the values of a link."""
        return f"http://{HOST}:{self.port}/{self.token}/" + (f"?{query}" if query else "")

    def run(self) -> None:
        """Serve until `KeyboardInterrupt`."""
        self.server.start()
        self.server.io_loop.start()

    def _open(self, document: Document) -> None:
        if len(self._pages) >= MOST_WINDOWS:
            document.add_root(
                Div(text=f"{MOST_WINDOWS} windows show this figure already; close one and reload this.")
            )
            return
        given = document.session_context.request.arguments
        query = urlencode(
            [(name, value.decode("utf-8", "replace")) for name in given for value in given[name]]
        )
        page = Page(document, self._standard, query, self._kept)
        self._pages.append(page)
        document.on_session_destroyed(lambda context: self._close(page))
        self.server.io_loop.call_later(_SETTLED, self._count)

    def _close(self, page: Page) -> None:
        self._pages.remove(page)
        page.close()
        self._count()

    def _count(self) -> None:
        windows = sum(page.is_open for page in self._pages)
        for page in self._pages:
            page.count_windows(windows)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
