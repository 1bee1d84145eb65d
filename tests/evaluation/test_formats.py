"""Every format goes through evaluate: the events that count, under the tasks they belong to."""

import json

import pytest

from freshet.cli import main
from freshet.datasets import FORMATS

T = 1_500_000_000  # s
EVENTS = [
    {"topic": topic, "value": {"event_id": f"e{n}", "user_id": "u", "item_id": item, "ts": T * 1000 + n}}
    for n, (topic, item) in enumerate([("clicks", "a"), ("clicks", "b"), ("carts", "a"), ("purchases", "a")])
]
CASES = {
    "taobao": (
        f"u,a,c,pv,{T}\nu,b,c,pv,{T + 1}\nu,a,c,fav,{T + 2}\nu,a,c,buy,{T + 3}\n",
        {"click": (2, 0), "cart": (1, 1), "purchase": (1, 1)},
    ),
    "retailrocket": (
        "timestamp,visitorid,event,itemid,transactionid\n"
        f"{T}000,7,view,1,\n{T + 1}000,7,view,2,\n{T + 2}000,7,addtocart,1,\n{T + 3}000,7,transaction,1,4\n",
        {"click": (2, 0), "cart": (1, 1), "purchase": (1, 1)},
    ),
    "otto": (  # sessions: the first event is context only
        '{"session": 5, "events": ['
        + ", ".join(
            f'{{"aid": {aid}, "ts": {T + n}000, "type": "{kind}"}}'
            for n, (aid, kind) in enumerate([(1, "clicks"), (2, "clicks"), (1, "carts"), (1, "orders")])
        )
        + "]}\n",
        {"click": (1, 0), "cart": (1, 1), "purchase": (1, 1)},
    ),
    "rees46": (
        "event_time,event_type,product_id,category_id,category_code,brand,price,user_id,user_session\n"
        + "".join(
            f"2017-07-14 02:40:0{n} UTC,{kind},{item},9,a.b,x,1.5,u,s\n"
            for n, (kind, item) in enumerate(
                [("view", "i"), ("view", "j"), ("cart", "i"), ("remove_from_cart", "i"), ("purchase", "i")]
            )
        ),
        {"click": (2, 0), "cart": (1, 1), "purchase": (1, 1)},
    ),
    "yoochoose": (
        f"SessionId\tItemId\tTime\n1\t11\t{T}\n1\t12\t{T + 1}\n1\t11\t{T + 2}\n",
        {"click": (2, 1), "cart": (0, 0), "purchase": (0, 0)},
    ),
    "tianchi": (
        "user_id,item_id,behavior_type,user_geohash,item_category,time\n"
        "u,i,1,,c,2017-07-14 10\nu,j,1,,c,2017-07-14 11\nu,i,2,,c,2017-07-14 12\nu,i,3,,c,2017-07-14 13\n"
        "u,i,4,,c,2017-07-14 14\n",
        {"click": (2, 0), "cart": (2, 2), "purchase": (1, 1)},
    ),
    "movielens": (
        f"1::20::5::{T}\n1::21::3.5::{T + 1}\n2::20::4::{T + 2}\n",
        {"click": (0, 0), "cart": (0, 0), "purchase": (0, 0), "rating": (3, 1)},
    ),
    "events": (
        "".join(json.dumps(event) + "\n" for event in EVENTS),
        {"click": (2, 0), "cart": (1, 1), "purchase": (1, 1)},
    ),
}


def test_every_format_has_a_case():
    assert set(CASES) == set(FORMATS)


@pytest.mark.parametrize("name", CASES)
def test_a_format_is_evaluated(tmp_path, name):
    """(counted, found in the first 20) of each task; the item is known from its first event on."""
    text, expected = CASES[name]
    path, out = tmp_path / "file", tmp_path / "figures.json"
    path.write_text(text)

    assert main(["evaluate", "--format", name, str(path), "--warmup", "0", "--json", str(out)]) == 0

    report = json.loads(out.read_text())
    found = {task: (f["n"], round(f["n"] * f["recall@20"])) for task, f in report["tasks"].items()}
    assert (report["format"], found) == (name, expected)
    assert ("rmse" in report["tasks"].get("rating", {})) == (name == "movielens")
