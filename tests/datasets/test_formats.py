"""Each format: a tiny file in, the whole list of messages out."""

import pytest

from freshet.contract.events import Cart, Click, Item, Purchase, Rating, Search
from freshet.datasets import FORMATS, Record, read

T = 1_500_000_000_000  # ms


def click(event_id, user, item, ts, **more):
    return Record("clicks", Click(event_id=event_id, user_id=user, item_id=item, ts=ts, **more))


def cart(event_id, user, item, ts, **more):
    return Record("carts", Cart(event_id=event_id, user_id=user, item_id=item, ts=ts, **more))


def buy(event_id, user, item, ts, **more):
    return Record("purchases", Purchase(event_id=event_id, user_id=user, item_id=item, ts=ts, **more))


def rating(event_id, user, item, ts, stars):
    return Record("ratings", Rating(event_id=event_id, user_id=user, item_id=item, ts=ts, rating=stars))


def item(item_id, **more):
    return Record("items", Item(item_id=item_id, **more))


CASES = {
    "taobao-grouped-by-user-comes-in-order-of-time": (
        "taobao",
        "u1,i1,c1,pv,1500000003\nu1,i2,c2,fav,1500000001\nu2,i1,c1,buy,1500000005\nu2,i2,c2,cart,1500000002\n",
        [
            item("i2", category="c2"),
            cart("taobao:2", "u1", "i2", T + 1000),
            cart("taobao:4", "u2", "i2", T + 2000),
            item("i1", category="c1"),
            click("taobao:1", "u1", "i1", T + 3000),
            buy("taobao:3", "u2", "i1", T + 5000),
        ],
    ),
    "taobao-events-of-one-second-keep-the-file's-order": (
        "taobao",
        "u1,b,c,pv,1500000000\nu2,a,c,pv,1500000000\n",
        [
            item("b", category="c"),
            click("taobao:1", "u1", "b", T),
            item("a", category="c"),
            click("taobao:2", "u2", "a", T),
        ],
    ),
    "taobao-the-first-event-gives-the-category": (
        "taobao",
        "u,i,late,pv,1500000001\nu,i,early,pv,1500000000\n",
        [item("i", category="early"), click("taobao:2", "u", "i", T), click("taobao:1", "u", "i", T + 1000)],
    ),
    "taobao-with-header-and-more-columns": (
        "taobao",
        "user_id,item_id,category_id,behavior,timestamp,extra\nu,i,c,pv,1500000000,x,y\n",
        [item("i", category="c"), click("taobao:2", "u", "i", T)],
    ),
    "taobao-with-a-header-of-other-names": (
        "taobao",
        "user,item,category,behaviour,time\nu,i,c,pv,1500000000\n",
        [item("i", category="c"), click("taobao:2", "u", "i", T)],
    ),
    "retailrocket": (
        "retailrocket",
        "timestamp,visitorid,event,itemid,transactionid\n"
        "1500000002000,7,transaction,11,4000\n1500000000000,7,view,11,\n1500000001000,7,addtocart,11\n",
        [
            click("retailrocket:3", "7", "11", T),
            cart("retailrocket:4", "7", "11", T + 1000),
            buy("retailrocket:2", "7", "11", T + 2000, order_id="4000"),
        ],
    ),
    "otto": (
        "otto",
        '{"session": 5, "events": [{"aid": 1, "ts": 1500000000000, "type": "clicks"},'
        ' {"aid": 1, "ts": 1500000002000, "type": "orders"}], "extra": 1}\n'
        '{"session": 6, "events": [{"aid": 2, "ts": 1500000001000, "type": "carts", "more": 0}]}\n',
        [
            click("otto:1.0", "5", "1", T),
            cart("otto:2.0", "6", "2", T + 1000),
            buy("otto:1.1", "5", "1", T + 2000),
        ],
    ),
    "rees46": (
        "rees46",
        "event_time,event_type,product_id,category_id,category_code,brand,price,user_id,user_session\n"
        "2017-07-14 02:40:00 UTC,view,i1,99,electronics.audio,sony,10.5,u1,s1\n"
        "2017-07-14 02:40:01 UTC,cart,i1,99,electronics.audio,sony,10.5,u1,s1\n"
        "2017-07-14 02:40:02 UTC,remove_from_cart,i1,99,electronics.audio,sony,9.5,u1,s1\n"
        "2017-07-14 02:40:03 UTC,purchase,i2,98,,,-3,u2,\n",
        [
            item("i1", category="electronics/audio", brand="sony", price=10.5),
            click("rees46:2", "u1", "i1", T, session_id="s1"),
            cart("rees46:3", "u1", "i1", T + 1000, session_id="s1", price=10.5),
            item("i1", category="electronics/audio", brand="sony", price=9.5),
            cart("rees46:4", "u1", "i1", T + 2000, session_id="s1", price=9.5, action="remove"),
            item("i2", category="98", price=0),
            buy("rees46:5", "u2", "i2", T + 3000, price=0),
        ],
    ),
    "rees46-columns-in-another-order": (
        "rees46",
        "user_id,price,event_type,event_time,product_id\nu,1,view,2017-07-14 02:40:00 UTC,i\n",
        [item("i", price=1), click("rees46:2", "u", "i", T)],
    ),
    "yoochoose-with-tabs": (
        "yoochoose",
        "SessionId\tItemId\tTime\n1\t11\t1500000001.5\n2\t12\t1500000000\n",
        [
            click("yoochoose:3", "2", "12", T, session_id="2"),
            click("yoochoose:2", "1", "11", T + 1500, session_id="1"),
        ],
    ),
    "yoochoose-clicks": (
        "yoochoose",
        "1,2017-07-14T02:40:00.250Z,11,0\n1,2017-07-14T02:40:01Z,12,S\n",
        [
            click("yoochoose:1", "1", "11", T + 250, session_id="1"),
            item("12", category="S"),
            click("yoochoose:2", "1", "12", T + 1000, session_id="1"),
        ],
    ),
    "yoochoose-buys": (
        "yoochoose",
        "1,2017-07-14T02:40:00Z,11,523,2\n1,2017-07-14T02:40:01Z,12,0,0\n",
        [
            buy("yoochoose:1.buy", "1", "11", T, session_id="1", price=523, quantity=2),
            buy("yoochoose:2.buy", "1", "12", T + 1000, session_id="1"),
        ],
    ),
    "tianchi": (
        "tianchi",
        "user_id,item_id,behavior_type,user_geohash,item_category,time\n"
        "u,i1,4,,c,2017-07-14 11\nu,i1,1,9abc,c,2017-07-14 10\nu,i2,2,,d,2017-07-14 10\nu,i1,3,,c,2017-07-14 10\n",
        [
            item("i1", category="c"),
            click("tianchi:3", "u", "i1", T - 2_400_000),
            item("i2", category="d"),
            cart("tianchi:4", "u", "i2", T - 2_400_000),
            cart("tianchi:5", "u", "i1", T - 2_400_000),
            buy("tianchi:2", "u", "i1", T + 1_200_000),
        ],
    ),
    "movielens-ratings.dat": (
        "movielens",
        "1::20::5::1500000001\n2::21::3.5::1500000000\n",
        [rating("movielens:2", "2", "21", T, 3.5), rating("movielens:1", "1", "20", T + 1000, 5)],
    ),
    "movielens-u.data": ("movielens", "1\t20\t5\t1500000000\n", [rating("movielens:1", "1", "20", T, 5)]),
    "movielens-inter": (
        "movielens",
        "user_id:token\titem_id:token\trating:float\ttimestamp:float\n1\t20\t5\t1500000000\n",
        [rating("movielens:2", "1", "20", T, 5)],
    ),
    "movielens-ratings.csv": (
        "movielens",
        "userId,movieId,rating,timestamp\n1,20,4.5,1500000000\n",
        [rating("movielens:2", "1", "20", T, 4.5)],
    ),
    "events": (
        "events",
        '{"topic": "items", "value": {"item_id": "i", "colour": "red"}}\n'
        '{"topic": "searches", "value": {"event_id": "e", "user_id": "u", "ts": 5, "query": "q", "unknown": [1]}}\n',
        [
            Record("items", Item(item_id="i"), b'{"item_id": "i", "colour": "red"}'),
            Record(
                "searches",
                Search(event_id="e", user_id="u", ts=5, query="q"),
                b'{"event_id": "e", "user_id": "u", "ts": 5, "query": "q", "unknown": [1]}',
            ),
        ],
    ),
}


def unreported(sentence):
    pytest.fail(f"a good file was complained about: {sentence}")


def test_every_format_has_a_case():
    assert {case[0] for case in CASES.values()} == set(FORMATS)


@pytest.mark.parametrize(
    ("name", "text", "expected"), [pytest.param(*case, id=key) for key, case in CASES.items()]
)
def test_a_file_becomes_these_messages(tmp_path, name, text, expected):
    path = tmp_path / "file"
    path.write_text(text)

    assert list(read(name, path, report=unreported)) == expected


def test_a_second_file_can_have_ids_of_its_own(tmp_path):
    path = tmp_path / "file"
    path.write_text('{"session": 5, "events": [{"aid": 1, "ts": 1, "type": "clicks"}]}\n')

    (record,) = read("otto", path, report=unreported, id_offset=1000)

    assert record.event.event_id == "otto:1001.0"
