"""The web server of ``iqies web``: waitress, which waits for slow readers only so long.

While an answer is being made and its reader does not take it, a thread of the server stands still. Without an
end to that, as many idle connections as there are threads would stop the site.
"""

import time
from contextlib import suppress
from socket import SHUT_RDWR
from typing import Any

from flask import Flask
from waitress.channel import HTTPChannel
from waitress.server import BaseWSGIServer, MultiSocketServer, create_server

from iqies_flask.confidential import waitress_buffers
from iqies_flask.config import Settings


class ImpatientChannel(HTTPChannel):
    """A connection that is cut when its reader stands still, or holds a thread for too long.

    Attributes:
        still_seconds: For so long nothing may be taken of what there is to send.
        whole_seconds: For so long a thread may have more to send than has been taken.
    """

    still_seconds = 30.0
    whole_seconds = 600.0
    _pending_since: float | None = None

    def writable(self) -> bool:
        """Whether there is something to send. The server asks at least once a second."""
        if not self.total_outbufs_len:
            self._pending_since = None
        elif self._pending_since is None:
            self._pending_since = time.time()
        elif self._is_too_slow(self._pending_since):
            self._cut_off()
        return super().writable()

    def _cut_off(self) -> None:
        self.will_close = True
        if self.socket is not None:
            # Sending fails from now on, and with that waitress lets the thread go.
            with suppress(OSError):
                self.socket.shutdown(SHUT_RDWR)

    def _is_too_slow(self, pending_since: float) -> bool:
        now = time.time()
        if now - max(pending_since, self.last_activity) > self.still_seconds:
            return True
        return bool(self.requests) and now - pending_since > self.whole_seconds


def make_server(
    application: Flask, settings: Settings, host: str, port: int, threads: int
) -> BaseWSGIServer | MultiSocketServer:
    """Make a server that listens; its ``run`` answers requests.

    Args:
        application: What is served.
        settings: For the size of an upload, and the proxies in front.
        host: Name or address to listen on.
        port: Port likewise; 0 for any.
        threads: Requests that are answered at a time.

    Raises:
        OSError: It cannot listen there.
    """
    sockets: dict[int, Any] = {}
    server = create_server(
        application,
        map=sockets,
        host=host,
        port=port,
        threads=threads,
        # The application itself believes the last proxies' headers and no others; see `trusted_proxies`.
        clear_untrusted_proxy_headers=not settings.trusted_proxies,
        **waitress_buffers(settings),
    )
    for listening in sockets.values():
        if isinstance(listening, BaseWSGIServer):
            listening.channel_class = ImpatientChannel
    return server
