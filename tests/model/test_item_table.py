"""What is known of items: rows that travel, parts that add up to the whole, lists that are exact."""

import numpy as np
import pytest
from model.acts import Shop, acts

from online_model import Description, ItemTable, ModelSettings
from online_model.item_table import HOT, WARM


@pytest.fixture(scope="module")
def shop() -> Shop:
    return Shop().take(acts(1_500))


def rows(table: ItemTable) -> dict[str, bytes]:
    return {name: table.dump_row(i) for i, name in enumerate(table.vocabulary.names)}


def test_two_owners_of_a_part_each_hold_what_one_owner_of_all_holds(shop: Shop) -> None:
    whole, parts = shop.core.items, [ItemTable(ModelSettings()) for _ in range(2)]
    owned = [np.arange(1024) % 2 == part for part in range(2)]
    for table in parts:
        for item in range(60):
            table.describe(f"item-{item}", f"category-{item % 5}", 10.0 + item)
    for seen in shop.seen:
        if seen.step:
            for table, mine in zip(parts, owned, strict=True):
                table.absorb(seen.step, mine)

    for part, table in enumerate(parts):
        mine = range(part, 60, 2)
        assert [table.dump_row(i) for i in mine] == [whole.dump_row(i) for i in mine]


def test_a_row_that_travels_is_the_row_that_was_sent(shop: Shop) -> None:
    other = ItemTable(ModelSettings())
    for name, data in reversed(rows(shop.core.items).items()):  # local indices differ
        other.load_row(name, data)

    assert rows(other) == rows(shop.core.items)


def test_the_top_lists_are_what_sorting_all_items_gives(shop: Shop) -> None:
    table = shop.core.items
    for item in (3, 8):
        table.describe(f"item-{item}", f"category-{item % 5}", available=False)

    def best(heat: int, members: list[int], most: int) -> list[str]:
        members = [i for i in members if i not in (3, 8) and table.heat[heat, i] > -1e300]
        members.sort(key=lambda i: (-table.heat[heat, i], table.keys[i]))
        return [table.vocabulary.names[i] for i in members[:most]]

    assert table.top_names() == best(HOT, list(range(60)), table.settings.trending)
    for category in range(5):
        members = list(range(category, 60, 5))
        assert table.top_names(f"category-{category}") == best(WARM, members, table.settings.per_category)


def test_eviction_forgets_the_coldest_quarter_and_nothing_of_the_others() -> None:
    shop = Shop().take(acts(1_500))
    table = shop.core.items
    before, heat = rows(table), dict(zip(table.vocabulary.names, table.heat[WARM].tolist(), strict=False))

    table.evict()

    kept = set(table.vocabulary.names)
    assert len(kept) == len(before) * 3 // 4
    assert max(heat[name] for name in set(before) - kept) <= min(heat[name] for name in kept)
    for i, name in enumerate(table.vocabulary.names):
        at = table.stats[i]
        assert (at["category"], at["price"]) == (
            table.categories.find(f"category-{int(name[5:]) % 5}"),
            10.0 + int(name[5:]),
        )
        neighbours = [table.vocabulary.names[n] for n in table.tables.rows[i, : at["neighbours"]]["item"]]
        assert set(neighbours) <= kept


def test_rows_are_bounded() -> None:
    core = Shop().core.__class__(ModelSettings(neighbours=5))
    shop = Shop(core).take(acts(600, users=2))

    assert shop.core.items.stats["neighbours"].max() == 5


def test_dirty_items_are_told_once(shop: Shop) -> None:
    shop.core.items.take_dirty()
    step = next(seen.step for seen in shop.seen if seen.step and seen.step.previous)
    shop.core.absorb(step)

    told = {shop.core.items.vocabulary.names[i] for i in shop.core.items.take_dirty()}

    assert told == {step.item, *(name for name, _ in step.previous)}
    assert shop.core.items.take_dirty() == set()


def test_a_description_that_comes_again_changes_nothing(shop: Shop) -> None:
    table = shop.core.items
    before, top = rows(table), table.top_names("category-1")

    table.describe_from(Description("item-1", "category-1", 11.0))

    assert (rows(table), table.top_names("category-1")) == (before, top)
