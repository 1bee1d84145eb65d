"""Web pages of other origins: which may ask from a browser (setting api.cors_origins). By default none may."""

from serving.routing import Headers, Reply

KEPT_S = "600"  # so long a browser may remember the permission


class Cors:
    """origins: such as "https://shop.example", with commas. Cookies are never allowed: there are none."""

    def __init__(self, origins: str) -> None:
        self._origins = frozenset(origins.split(","))

    def headers(self, origin: str | None) -> Headers:
        """What lets a page of this origin read an answer."""
        if origin not in self._origins or origin is None:
            return (("vary", "Origin"),)
        shown = "ratelimit-limit, ratelimit-remaining, ratelimit-reset, retry-after"
        return (
            ("vary", "Origin"),
            ("access-control-allow-origin", origin),
            ("access-control-expose-headers", shown),
        )

    def preflight(self, origin: str | None) -> Reply:
        """The answer to OPTIONS: what a page of this origin may send, nothing for one of another."""
        if origin not in self._origins:
            return Reply(204, "text/plain", b"")
        return Reply(
            204,
            "text/plain",
            b"",
            (
                ("access-control-allow-methods", "GET, HEAD, POST, DELETE"),
                ("access-control-allow-headers", "authorization, content-type"),
                ("access-control-max-age", KEPT_S),
            ),
        )
