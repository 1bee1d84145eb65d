"""The demo's picture in the terminal: numbers that move, a line of recall by window, a list before and after."""

from typing import Any, NamedTuple

from rich.bar import Bar
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from freshet.demo.gauges import Gauges

OUTCOMES = ("applied", "duplicate", "forwarded", "dead_lettered")
VISIBLE = "freshet_event_visible_seconds"
RANKERS = {"model": "Freshet", "own_history": "own history", "popularity": "popularity"}
COLOURS = {"model": "bold green", "own_history": "yellow", "popularity": "blue"}


class Window(NamedTuple):
    """Recall@20 of the click task for each ranker, over one stretch of the stream of `events` clicks."""

    events: int
    recall: dict[str, float]


class Moment(NamedTuple):
    """What is shown at once. Rates per second, times in seconds."""

    total: int
    applied: int
    rate: float
    lag: int
    visible_p50: float | None
    visible_p99: float | None
    learned: int
    encoder: str
    windows: list[Window]
    news: list[str]


def millis(seconds: float | None) -> str:
    return "–" if seconds is None else f"{seconds * 1000:,.0f} ms"


def picture(moment: Moment) -> RenderableType:
    """The live panel."""
    numbers = Table.grid(padding=(0, 3))
    numbers.add_row("events applied", f"{moment.applied:,} of {moment.total:,}", "", "")
    numbers.add_row("events/s", f"{moment.rate:,.0f}", "lag", f"{moment.lag:,} events")
    numbers.add_row(
        "event → visible p50", millis(moment.visible_p50), "p99", f"[bold]{millis(moment.visible_p99)}[/]"
    )
    numbers.add_row("examples learned", f"{moment.learned:,}", "encoder", moment.encoder or "none yet")
    return Panel(
        Group(
            numbers,
            Text(),
            recall_table(moment.windows),
            Text(),
            *(Text(f"• {news}") for news in moment.news[-4:]),
        ),
        title="Freshet: what a shopper did a moment ago already shows in the next page",
        border_style="cyan",
    )


def recall_table(windows: list[Window]) -> Table:
    """Recall@20 of the next click by window; each event was ranked before it was learned from."""
    table = Table(
        title="recall@20 of the next click, by window of the stream", title_justify="left", expand=False
    )
    table.add_column("ranker")
    shown = windows[-4:]
    for window in shown:
        table.add_column(f"{window.events:,}", justify="right")
    table.add_column("newest")
    scale = max((max(w.recall.values(), default=0) for w in shown), default=0) or 1
    for ranker, name in RANKERS.items():
        row = [f"{w.recall.get(ranker, 0):.3f}" for w in shown]
        newest = shown[-1].recall.get(ranker, 0) if shown else 0.0
        table.add_row(
            name,
            *row,
            Bar(scale, 0, newest, width=16, color=COLOURS[ranker].split()[-1]),
            style=COLOURS[ranker],
        )
    return table


def before_and_after(
    user: str, clicked: str, before: dict[str, Any], after: dict[str, Any], seconds: float
) -> Table:
    """One shopper's list as the API gave it before and after a click."""
    table = Table(
        title=f"shopper {user}, before and {seconds * 1000:,.0f} ms after a click on {clicked}",
        title_justify="left",
    )
    for column in ("#", "before", "p(click)", "after", "p(click)", "source", "because"):
        table.add_column(column, justify="right" if column in ("#", "p(click)") else "left")
    old = {item["item_id"]: place for place, item in enumerate(before["items"])}
    for place, item in enumerate(after["items"][:10]):
        was = before["items"][place] if place < len(before["items"]) else None
        moved = old.get(item["item_id"])
        style = "green" if moved is None else ("" if moved == place else "yellow")
        table.add_row(
            str(place + 1),
            was["item_id"] if was else "",
            f"{was['scores'].get('click', 0):.3f}" if was else "",
            Text(item["item_id"], style=style),
            f"{item['scores'].get('click', 0):.3f}",
            item["source"],
            item.get("because") or "",
        )
    return table


def summary(said: str, gauges: Gauges, seconds: float) -> Table:
    """What was seen, once it is over."""
    table = Table(title=f"{said}, in {seconds:.0f} s", title_justify="left", show_header=False)
    outcomes = {o: int(gauges.total("freshet_events_total", outcome=o)) for o in OUTCOMES}
    consumed = int(gauges.total("freshet_events_consumed_total"))
    table.add_row("consumed", f"{consumed:,} = " + " + ".join(f"{n:,} {o}" for o, n in outcomes.items()))
    table.add_row(
        "event → visible",
        f"p50 {millis(gauges.quantile(VISIBLE, 0.5))}, p99 {millis(gauges.quantile(VISIBLE, 0.99))}",
    )
    clicks = gauges.total("freshet_prequential_events_total", task="click")
    for ranker, name in RANKERS.items():
        hits = gauges.total("freshet_prequential_hits_total", task="click", ranker=ranker)
        table.add_row(
            f"recall@20 of the next click, {name}", f"{hits / clicks:.4f}" if clicks else "no clicks"
        )
    table.add_row("examples learned", f"{int(gauges.total('freshet_examples_learned_total')):,}")
    table.add_row("encoder", gauges.label("freshet_encoder_info", "version"))
    return table
