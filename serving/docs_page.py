"""The reference as one page of HTML, from the same document as /openapi.json."""

import json
from html import escape
from typing import Any

STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b2733;background:#fff}
h2{font:600 1.05rem ui-monospace,monospace;margin:2.5rem 0 .5rem;border-top:1px solid #d8e0e7;padding-top:1rem}
h2 b{color:#0a6e8a}pre{background:#f3f6f8;padding:.8rem;overflow:auto;border-radius:6px;font-size:.85rem}
table{border-collapse:collapse}td{padding:.15rem 1rem .15rem 0;vertical-align:top}code{font-size:.9em}
@media(prefers-color-scheme:dark){body{color:#dde5ec;background:#12181e}pre{background:#1c252d}h2{border-color:#33404b}
h2 b{color:#5cc3df}a{color:#5cc3df}}
"""


def docs_page(reference: dict[str, Any]) -> str:
    """HTML that needs nothing from anywhere else."""
    calls = "".join(
        _call(method, path, operation)
        for path, methods in reference["paths"].items()
        for method, operation in methods.items()
    )
    title = escape(reference["info"]["title"])
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><style>{STYLE}</style>'
        f"<h1>{title}</h1><p>Errors are <code>application/problem+json</code> with a sentence in <code>detail</code>. "
        'Programs read <a href="/openapi.json">/openapi.json</a>; people can watch a shopper at <a href="/">/</a>.</p>'
        f"{calls}</html>"
    )


def _call(method: str, path: str, operation: dict[str, Any]) -> str:
    rows = "".join(
        f"<tr><td><code>{escape(parameter['name'])}</code><td>{escape(parameter['description'])}"
        f"<td>{escape(_default(parameter))}"
        for parameter in operation["parameters"]
    )
    parts = [
        f"<h2><b>{method.upper()}</b> {escape(path)}</h2><p>{escape(operation['summary'])}</p>",
        "".join(f"<p>{escape(text)}</p>" for text in operation.get("description", "").split("\n\n") if text),
        "".join(f"<p>Scope: {escape(need['key'][0])}</p>" for need in operation["security"]),
        f"<table>{rows}</table>" if rows else "",
    ]
    for status, response in operation["responses"].items():
        for content in response["content"].values():
            if "example" in content:
                text = json.dumps(content["example"], indent=1)
                parts.append(f"<p>{status}: {escape(response['description'])}</p><pre>{escape(text)}</pre>")
    return "".join(parts)


def _default(parameter: dict[str, Any]) -> str:
    if parameter["required"]:
        return "required"
    default = parameter["schema"].get("default")
    return "" if default in (None, "", [], {}) else f"default {json.dumps(default)}"
