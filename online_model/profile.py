"""What is kept of one shopper: a fold of that shopper's events that does not depend on their order of arrival."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from online_model.absorb import cents
from online_model.actions import Action
from online_model.history import ENTRY, before, fold
from online_model.item_facts import WORDS, query_tokens
from online_model.kinds import Kind
from online_model.pages import Early, Page, pack_pages, unpack_pages
from online_model.settings import ModelSettings
from online_model.varint import pack, unpack
from online_model.vocabulary import Vocabulary

VERSION = 4
KEY_BITS = 35  # of an event's key that are remembered: five packed bytes, one false repeat in 2·10⁹ events
_KEY_MASK = (1 << KEY_BITS) - 1
_MOST = (1 << 62) - 1  # of any number in it: sums of two stay within 64 bits
_FIELDS = 10  # numbers an entry takes in the packed form
_COUNTS = ("kind", "clicks", "carts", "purchases", "ratings", "flags")


class Profile:
    """history: ENTRY[settings.history + slack], `size` used, newest first (see history.py).

    seen: (ts, key) of the newest events, newest first: a redelivered event is recognised.
    hidden: (ts, item) of what must not be shown, newest first. words: (ts, hashed word) of what was searched for,
    newest first, each word once. pages: shown, and open for labels, newest first;
    early: actions that came before their page. All bounded by the settings. shown, clicked: items on all pages so
    far, and clicks. rated, rating_cents: ratings so far, and a hundred times their sum.
    generation: of the vocabulary its indices belong to.
    """

    __slots__ = (
        "clicked",
        "early",
        "generation",
        "hidden",
        "history",
        "limits",
        "pages",
        "rated",
        "rating_cents",
        "seen",
        "shown",
        "size",
        "words",
    )

    def __init__(self, settings: ModelSettings, generation: int = 0) -> None:
        self.history: NDArray[np.void] = np.zeros(settings.history + settings.slack, ENTRY)
        self.size = 0
        self.seen: list[tuple[int, int]] = []
        self.hidden: list[tuple[int, int]] = []
        self.words: list[tuple[int, int]] = []
        self.pages: list[Page] = []
        self.early: list[Early] = []
        self.shown = self.clicked = self.rated = self.rating_cents = 0
        self.limits = (settings.duplicates, settings.hidden)
        self.generation = generation

    @property
    def newest_ts(self) -> int:
        """Milliseconds, of the newest event folded in; 0 for none."""
        return self.seen[0][0] if self.seen else 0

    def remembers(self, action: Action) -> bool:
        """Whether this very event was folded in lately."""
        return (action.ts, action.key & _KEY_MASK) in self.seen

    def fold(self, action: Action, item: int, key: np.uint64) -> None:
        """Take in one event on an item (its index and stable key; ignored for searches and impressions)."""
        _keep_newest(self.seen, (action.ts, action.key & _KEY_MASK), self.limits[0])
        kind = action.kind
        self.shown += len(action.items)
        self.clicked += kind == Kind.CLICK
        if kind == Kind.RATING:
            self.rated += 1
            self.rating_cents += cents(action.value)
        if kind <= Kind.RATING or kind == Kind.UNCART:
            self.size = fold(self.history, self.size, item, key, int(kind), action.ts, action.value)
        elif kind == Kind.SEARCH:
            for word in query_tokens(action.query):
                _keep_latest(self.words, (action.ts, word), WORDS)
        elif kind == Kind.HIDE:
            _keep_latest(self.hidden, (action.ts, item), self.limits[1])

    def asked(self) -> NDArray[np.int64]:
        """int64[w, 2]: `words` as an array."""
        return np.array(self.words, np.int64).reshape(-1, 2)

    def before(self, item: int, ts: int, window_ms: int, places: int = 10) -> NDArray[np.int64]:
        """int64[n, 2]: (item, last_ts) of what was looked at in the window before ts, newest first."""
        out = np.empty((places, 2), np.int64)
        return out[: before(self.history, self.size, item, ts, window_ms, out)]

    def dump(self, items: Vocabulary) -> bytes:
        """Canonical bytes, free of local indices: version, packed numbers, names, pages. Equal states, equal bytes."""
        entries = self.history[: self.size]
        hidden = sorted(self.hidden, key=lambda entry: (-entry[0], items.names[entry[1]]))
        numbers = np.zeros((self.size, _FIELDS), np.int64)
        last = entries["last_ts"]
        numbers[:, 0] = -np.diff(last, prepend=last[:1])
        for column, name in enumerate(_COUNTS, 1):
            numbers[:, column] = entries[name]
        numbers[:, 7] = last - entries["first_ts"]
        numbers[:, 8] = np.where(entries["basket"] > 0, _zigzag(2 * last - entries["basket"]) + 1, 0)
        encoded = [items.encoded[i] for i in entries["item"].tolist() + [item for _, item in hidden]]
        lengths = [len(name) for name in encoded]
        numbers[:, 9] = lengths[: self.size]
        newest = int(last[0]) if self.size else 0
        head = [self.size, newest, len(self.seen), len(hidden), self.shown, self.clicked, self.rated]
        head += [max(self.rating_cents, 0), max(-self.rating_cents, 0), len(self.words)]
        tail = [number for entry in self.seen + self.words for number in entry] + [ts for ts, _ in hidden]
        flat = np.concatenate([head, numbers.ravel(), tail, lengths[self.size :]]).astype(np.uint64)
        return bytes([VERSION]) + pack(flat) + b"".join(encoded) + pack_pages(self.pages, self.early)

    @classmethod
    def load(cls, data: bytes, items: Vocabulary, settings: ModelSettings | None = None) -> Profile:
        """The profile that was dumped; names new to the vocabulary are added to it."""
        if data[:1] != bytes([VERSION]):
            raise ValueError(
                f"profile has version {data[0] if data else 'none'}, wanted {VERSION}: rebuild the profiles"
            )
        self = cls(settings or ModelSettings(), items.generation)
        head, at = unpack(data, 10, 1)
        size, newest, n_seen, n_hidden, self.shown, self.clicked, self.rated, above, below, n_words = (
            head.tolist()
        )
        self.rating_cents, n_pairs = above - below, n_seen + n_words
        packed, at = unpack(data, size * _FIELDS, at)
        tail, at = unpack(data, 2 * n_pairs + 2 * n_hidden, at)
        numbers = packed.reshape(size, _FIELDS).astype(np.int64)
        if (
            max(part.max(initial=0) for part in (head, packed, tail)) > _MOST
            or (numbers[:, 1] >= len(Kind)).any()
            or n_words > WORDS
        ):
            raise ValueError(f"profile of {len(data)} bytes is damaged: it holds numbers that none has")
        rest = tail.tolist()
        lengths = numbers[:, 9].tolist() + rest[2 * n_pairs + n_hidden :]
        if size > len(self.history):
            raise ValueError(
                f"profile has {size} items, settings allow {len(self.history)}: rebuild the profiles"
            )
        if at + sum(lengths) > len(data):
            raise ValueError(f"profile of {len(data)} bytes is cut short: it names more than it holds")
        found = []
        for length in lengths:
            found.append(items.add(data[at : at + length].decode()))
            at += length
        entries = self.history[:size]
        entries["item"] = found[:size]
        entries["key"] = items.keys[entries["item"]]
        entries["last_ts"] = last = newest - np.cumsum(numbers[:, 0])
        for column, name in enumerate(_COUNTS, 1):
            entries[name] = numbers[:, column]
        entries["first_ts"] = last - numbers[:, 7]
        entries["basket"] = np.where(numbers[:, 8] > 0, 2 * last - _unzigzag(numbers[:, 8] - 1), 0)
        self.size = size
        pairs = list(zip(rest[: 2 * n_pairs : 2], rest[1 : 2 * n_pairs : 2], strict=True))
        self.seen, self.words = pairs[:n_seen], pairs[n_seen:]
        self.hidden = list(zip(rest[2 * n_pairs : 2 * n_pairs + n_hidden], found[size:], strict=True))
        self.pages, self.early = unpack_pages(data[at:])
        return self


def _keep_newest(entries: list[tuple[int, int]], entry: tuple[int, int], limit: int) -> None:
    """Insert into a list kept newest first and at most `limit` long."""
    at = 0
    while at < len(entries) and entries[at] > entry:
        at += 1
    entries.insert(at, entry)
    del entries[limit:]


def _keep_latest(entries: list[tuple[int, int]], entry: tuple[int, int], limit: int) -> None:
    """The same, with no second entry of what it is about: the later one stays."""
    mine = [other for other in entries if other[1] == entry[1]]
    if not mine or mine[0] < entry:
        entries[:] = [other for other in entries if other[1] != entry[1]]
        _keep_newest(entries, entry, limit)


def _zigzag(numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    return (numbers << 1) ^ (numbers >> 63)


def _unzigzag(numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    return (numbers >> 1) ^ -(numbers & 1)
