"""OpenAPI 3.1, made from the table of calls, their docstrings and their structs: it cannot say anything else."""

import inspect
import re
from collections.abc import Sequence
from typing import Any

import msgspec

from freshet.contract.events import SCHEMAS
from serving.problem import ProblemBody
from serving.routing import MAX_ID, Route

REFERENCE = "#/components/schemas/{name}"
KEY = {
    "type": "http",
    "scheme": "bearer",
    "description": "an API key, fr_…, with the scope that a call names; where the deployment has keys",
}
PROBLEM = {
    "description": "what came, what is allowed, and what to do",
    "content": {"application/problem+json": {"schema": {"$ref": REFERENCE.format(name="ProblemBody")}}},
}


def openapi(routes: Sequence[Route], version: str) -> dict[str, Any]:
    """The document as plain values."""
    structs = [
        kind for route in routes for kind in (route.gives, route.takes) if kind and not isinstance(kind, str)
    ]
    schemas, components = msgspec.json.schema_components(
        [*structs, ProblemBody, *SCHEMAS.values()], ref_template=REFERENCE
    )
    events = [REFERENCE.format(name=event.__name__) for event in SCHEMAS.values()]
    components["PostedEvent"]["properties"]["value"] = {"anyOf": [{"$ref": event} for event in events]}
    by_struct = dict(zip(map(str, structs), schemas, strict=False))
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, by_struct)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Freshet lookups",
            "version": version,
            "description": "What a shopper gets, and why.",
        },
        "paths": paths,
        "components": {"schemas": components, "securitySchemes": {"key": KEY}},
    }


def _operation(route: Route, schemas: dict[str, Any]) -> dict[str, Any]:
    summary, _, description = inspect.cleandoc(route.answer.__doc__ or "").partition("\n\n")
    operation: dict[str, Any] = {
        "operationId": route.answer.__name__,
        "summary": " ".join(summary.split()),
        "parameters": _parameters(route),
        "security": [{"key": [route.scope]}] if route.scope else [],
        "responses": {str(route.status): _response(route, schemas), "default": PROBLEM},
    }
    if description:
        operation["description"] = description
    if route.takes:
        content = {"application/json": {"schema": schemas[str(route.takes)]}}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _response(route: Route, schemas: dict[str, Any]) -> dict[str, Any]:
    if isinstance(route.gives, str):
        return {"description": "as the summary says", "content": {route.gives: {}}}
    content = {"schema": schemas[str(route.gives)], "example": msgspec.to_builtins(route.example)}
    return {
        "description": inspect.cleandoc(route.gives.__doc__ or ""),
        "content": {"application/json": content},
    }


def _parameters(route: Route) -> list[dict[str, Any]]:
    found = []
    for name in re.findall(r"{(\w+)}", route.path):
        schema = {"type": "string", "minLength": 1, "maxLength": MAX_ID}
        words = "printable characters, percent-encoded: / is %2F"
        found.append({"name": name, "in": "path", "required": True, "schema": schema, "description": words})
    asked = msgspec.json.schema_components([route.query])[1][route.query.__name__]
    for name, schema in asked["properties"].items():
        parameter = {
            "name": name,
            "in": "query",
            "required": name in asked.get("required", ()),
            "description": schema.pop("description", ""),
            "schema": schema,
        }
        if schema.get("type") == "array":
            parameter |= {"style": "form", "explode": False}
        if schema.get("type") == "object":  # OpenAPI has no style for click:1,purchase:6
            parameter["schema"] = {"type": "string", "default": ""}
        found.append(parameter)
    return found
