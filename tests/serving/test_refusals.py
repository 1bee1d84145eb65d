"""Every refusal says what came, what is allowed, and what to do."""

import http.client
from http import HTTPStatus
from typing import Any

import pytest

LIST = "/v1/users/u1/recommendations"
K = "k: how many items, a whole number from 1 to 200; got "
WEIGHTS = "weights: a blend of your own, such as click:1,purchase:6; tasks that are not named count 0; got "
EXPLAIN = "explain: true or false; true adds to each item what each task contributes; got "
ITEMS = "items: items to score, such as i1,i2; 1 to 300; got "
ID = "an id has 1 to 128 printable characters in UTF-8; got "
KNOWN = "this call takes k, objective, weights, category, exclude, explain"
TOPICS = "clicks, carts, purchases, impressions, ratings, searches, feedback, items"


def check(answer: Any, status: int, detail: str) -> None:
    """The whole answer is this problem."""
    assert answer.json == {"title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    assert answer.status == status
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("target", "detail"),
    [
        (f"{LIST}?k=0", f"{K}0"),
        (f"{LIST}?k=201", f"{K}201"),
        (f"{LIST}?k=-1", f"{K}-1"),
        (f"{LIST}?k=ten", f"{K}ten"),
        (f"{LIST}?k=1.5", f"{K}1.5"),
        (f"{LIST}?k=1&k=2", "k is given twice"),
        (f"{LIST}?objective=fame", "objective is blend or one of click, cart, purchase; got 'fame'"),
        (
            f"{LIST}?objective=click&weights=click:1",
            "weights belong to objective=blend; got objective='click' with them",
        ),
        (f"{LIST}?weights=click", f"{WEIGHTS}click"),
        (f"{LIST}?weights=click:much", f"{WEIGHTS}click:much"),
        (f"{LIST}?weights=click:nan", "weights takes finite numbers; got click:nan"),
        (f"{LIST}?weights=fame:1", "weights takes tasks, such as click:1, of click, cart, purchase; got 'fame'"),
        (f"{LIST}?explain=maybe", f"{EXPLAIN}maybe"),
        (f"{LIST}?limit=5", f"unknown parameter 'limit'; {KNOWN}"),
        (f"{LIST}?K=5", f"unknown parameter 'K'; {KNOWN}"),
        ("/v1/users/u1?k=5", "unknown parameter 'k'; this call takes none"),
        ("/v1/users/u1/scores", f"{ITEMS}nothing"),
        ("/v1/users/u1/scores?items=", f"{ITEMS}nothing"),
        (f"/v1/users/u1/scores?items={'x' * 129}", f"{ITEMS}{'x' * 100}"),
        ("/v1/users/u1/scores?items=%FF", f"{ITEMS}%FF"),
        (f"/v1/users/{'u' * 129}/recommendations", f"{ID}{'u' * 129!r}"),
        ("/v1/users/a%00b/recommendations", f"{ID}'a\\x00b'"),
        ("/v1/users/%FF/recommendations", f"{ID}'\ufffd'"),
        ("/v1/items/%0A/similar", f"{ID}'\\n'"),
    ],
)  # fmt: skip
def test_400_names_the_parameter(api: Any, target: str, detail: str) -> None:
    check(api.ask(target), 400, detail)


@pytest.mark.parametrize(
    ("target", "detail"),
    [
        ("/v2/users/u1", "no call at '/v2/users/u1'; /docs lists what there is"),
        ("/v1/users/", "no call at '/v1/users/'; /docs lists what there is"),
        ("/v1/trending/", "no call at '/v1/trending/'; /docs lists what there is"),
        ("/v1/users/nobody", "nothing is held about 'nobody'"),
    ],
)
def test_404_says_what_is_not_there(api: Any, target: str, detail: str) -> None:
    check(api.ask(target), 404, detail)


@pytest.mark.parametrize(
    ("method", "target", "allowed"),
    [
        ("POST", LIST, "GET, HEAD"),
        ("DELETE", "/v1/trending", "GET, HEAD"),
        ("GET", "/v1/rank", "POST"),
        ("PUT", "/v1/events", "POST"),
        ("OPTIONS", "/", "GET, HEAD"),
    ],
)
def test_405_allows_what_there_is(api: Any, method: str, target: str, allowed: str) -> None:
    answer = api.ask(target, method)

    check(answer, 405, f"{target} takes {allowed}; got {method}")
    assert answer.headers["allow"] == allowed


@pytest.mark.parametrize(
    ("target", "body", "detail"),
    [
        ("/v1/rank", b"", "the body is not JSON: Input data was truncated"),
        ("/v1/rank", b"{", "the body is not JSON: Input data was truncated"),
        ("/v1/rank", b'"\xff"', "the body does not fit: Expected `object`, got `str`"),
        ("/v1/rank", {}, "the body does not fit: Object missing required field `items`"),
        ("/v1/rank", {"items": []}, "the body does not fit: Expected `array` of length >= 1 - at `$.items`"),
        (
            "/v1/rank",
            {"items": ["i"] * 1001},
            "the body does not fit: Expected `array` of length <= 1000 - at `$.items`",
        ),
        ("/v1/rank", {"items": ["i", 5]}, "the body does not fit: Expected `str`, got `int` - at `$.items[1]`"),
        ("/v1/rank", {"items": ["i"], "user": "u"}, "the body does not fit: Object contains unknown field `user`"),
        ("/v1/rank?k=0", {"items": ["i"]}, "k: how many items, a whole number from 1 to 1,000; by default all; got 0"),
        ("/v1/rank?objective=fame", {"items": ["i"]}, "objective is blend or one of click, cart, purchase; got 'fame'"),
        ("/v1/events", [], "a request takes 1 to 1,000 events; got 0"),
        ("/v1/events", {"topic": "clicks"}, "the body does not fit: Object missing required field `value`"),
        ("/v1/events", {"topic": "views", "value": {}}, f"topic is one of {TOPICS}; got 'views'"),
    ],
)  # fmt: skip
def test_400_names_the_field_of_a_body(api: Any, target: str, body: Any, detail: str) -> None:
    check(api.ask(target, "POST", body), 400, detail)


@pytest.mark.parametrize(
    "body", [b" " * 1_000_001, iter([b" " * 600_000] * 2)], ids=["announced", "in-chunks"]
)
def test_413_says_how_long_a_body_may_be(api: Any, body: Any) -> None:
    check(api.ask("/v1/rank", "POST", body), 413, "a body has at most 1,000,000 bytes; send several requests")


def test_414_names_the_call_that_takes_more(api: Any) -> None:
    answer = api.ask(f"{LIST}?exclude={','.join(['item'] * 3300)}")

    check(answer, 414, "a path and query have at most 16,384 characters; POST /v1/rank takes more")


def test_what_is_not_http_harms_nobody(api: Any) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", api.port, timeout=10)
    connection.connect()
    connection.sock.sendall(b"\x16\x03\x01 no HTTP\r\n\r\n")
    connection.sock.recv(1024)
    connection.close()

    assert api.ask("/healthz").json == {"status": "up"}
