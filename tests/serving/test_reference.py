"""/openapi.json and /docs say what the API does: no call more or less, and answers fit their schemas."""

import re
from typing import Any

import jsonschema
import pytest

from serving.routes import ROUTES

CALLS = {
    "/v1/users/{user_id}/recommendations": {"get"},
    "/v1/users/{user_id}/scores": {"get"},
    "/v1/users/{user_id}": {"get", "delete"},
    "/v1/rank": {"post"},
    "/v1/items/{item_id}/similar": {"get"},
    "/v1/items/{item_id}/demand": {"get"},
    "/v1/items/map": {"get"},
    "/v1/users/{user_id}/explain/{item_id}": {"get"},
    "/v1/trending": {"get"},
    "/v1/events": {"post"},
    "/healthz": {"get"},
    "/readyz": {"get"},
    "/metrics": {"get"},
    "/openapi.json": {"get"},
    "/docs": {"get"},
    "/": {"get"},
}


@pytest.fixture(scope="module")
def reference(api: Any) -> Any:
    answer = api.ask("/openapi.json")
    assert answer.headers["content-type"] == "application/json"
    return answer.json


def check(value: Any, schema: Any, reference: Any) -> None:
    """ValidationError where the value does not fit the schema of the document."""
    jsonschema.Draft202012Validator({**schema, "components": reference["components"]}).validate(value)


def test_it_lists_exactly_the_calls(reference: Any) -> None:
    assert reference["openapi"] == "3.1.0"
    assert {path: set(methods) for path, methods in reference["paths"].items()} == CALLS


@pytest.mark.parametrize("path", CALLS)
def test_every_example_fits_its_schema(reference: Any, path: str) -> None:
    for operation in reference["paths"][path].values():
        assert operation["summary"]
        for parameter in operation["parameters"]:
            assert parameter["description"], f"{parameter=}"
            jsonschema.Draft202012Validator.check_schema(parameter["schema"])
        success = next(answer for status, answer in operation["responses"].items() if status != "default")
        for media, content in success["content"].items():
            if media == "application/json" and path != "/openapi.json":
                check(content["example"], content["schema"], reference)
        problem = operation["responses"]["default"]["content"]["application/problem+json"]["schema"]
        check({"title": "Bad Request", "status": 400, "detail": "why"}, problem, reference)


@pytest.mark.parametrize(
    ("path", "target", "body"),
    [
        ("/v1/users/{user_id}/recommendations", "/v1/users/r1/recommendations?explain=true", None),
        ("/v1/users/{user_id}/recommendations", "/v1/users/nobody/recommendations", None),
        ("/v1/users/{user_id}/scores", "/v1/users/r1/scores?items=hot", None),
        ("/v1/rank", "/v1/rank", {"items": ["hot", "new"]}),
        ("/v1/items/{item_id}/similar", "/v1/items/hat/similar", None),
        ("/v1/trending", "/v1/trending", None),
        ("/healthz", "/healthz", None),
        ("/readyz", "/readyz", None),
    ],
)
def test_every_answer_fits_its_schema(api: Any, reference: Any, path: str, target: str, body: Any) -> None:
    api.publish(
        "r1", {"hot": [0.5, 0.25, 0.125], "hat": [0.5, 0.0, 0.0]}, causes=["near"], cause=bytes([1, 0])
    )
    method = "post" if body else "get"

    answer = api.ask(target, method.upper(), body)

    schema = reference["paths"][path][method]["responses"]["200"]["content"]["application/json"]["schema"]
    assert answer.status == 200
    check(answer.json, schema, reference)


def test_every_parameter_of_a_call_is_described(reference: Any) -> None:
    named = {
        (route.path, name)
        for route in ROUTES
        for name in (*route.query.__struct_fields__, *re.findall(r"\{(\w+)\}", route.path))
    }

    assert named == {
        (path, parameter["name"])
        for path, methods in reference["paths"].items()
        for operation in methods.values()
        for parameter in operation["parameters"]
    }


def test_bodies_are_described(reference: Any) -> None:
    def takes(path: str) -> Any:
        return reference["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]

    check({"items": ["a"], "user_id": "u"}, takes("/v1/rank"), reference)
    one = {"topic": "clicks", "value": {"event_id": "e", "user_id": "u", "item_id": "i", "ts": 1}}
    check(one, takes("/v1/events"), reference)
    check([one], takes("/v1/events"), reference)
    with pytest.raises(jsonschema.ValidationError):
        check({"topic": "clicks", "value": {"event_id": "e"}}, takes("/v1/events"), reference)


def test_the_page_names_every_call(api: Any) -> None:
    page = api.ask("/docs")

    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert set(re.findall(r"<h2><b>(\w+)</b> ([^<]+)</h2>", page.body.decode())) == {
        (method.upper(), path) for path, methods in CALLS.items() for method in methods
    }
