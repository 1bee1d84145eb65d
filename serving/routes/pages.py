"""Pages for people, and the reference for programs."""

import base64
import hashlib
import re
from functools import lru_cache
from pathlib import Path

import msgspec

from serving.docs_page import docs_page
from serving.routing import Reply, Request, Route
from serving.services import Services

HTML = "text/html; charset=utf-8"


async def openapi(request: Request, services: Services) -> Reply:
    """This reference, as OpenAPI 3.1."""
    return Reply(200, "application/json", msgspec.json.encode(services.reference()))


async def docs(request: Request, services: Services) -> Reply:
    """This reference, to read."""
    return _page(docs_page(services.reference()))


async def dashboard(request: Request, services: Services) -> Reply:
    """A page that shows one shopper's list as it changes, and this API's own numbers."""
    return _page(_dashboard())


@lru_cache
def _dashboard() -> str:
    return (Path(__file__).parent.parent / "pages" / "dashboard.html").read_text()


def _page(html: str) -> Reply:
    """The page, allowed to run its own inline script and style and to ask this API, nothing else."""
    policy = ["default-src 'none'", "connect-src 'self'", "base-uri 'none'", "form-action 'none'"]
    policy.append("frame-ancestors 'none'")  # nobody lays this page under a page of theirs
    for kind, tag in (("script", "script"), ("style", "style")):
        hashes = [_hash(text) for text in re.findall(rf"<{tag}>(.*?)</{tag}>", html, re.DOTALL)]
        policy.append(f"{kind}-src {' '.join(hashes) or repr('none')}")
    return Reply(200, HTML, html.encode(), (("content-security-policy", "; ".join(policy)),))


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


OPENAPI = Route("GET", "/openapi.json", openapi, "application/json", scope=None)
DOCS = Route("GET", "/docs", docs, "text/html", scope=None)
DASHBOARD = Route("GET", "/", dashboard, "text/html", scope=None)
