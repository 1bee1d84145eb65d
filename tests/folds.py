"""What a shop's state must be: folds of its logs, in this process, undisturbed."""

from pathlib import Path

from shop import Shop

from freshet.actions import to_action
from freshet.contract.events import decode
from freshet.contract.examples import unpack_examples
from freshet.contract.heads_state import unpack_heads
from freshet.contract.topics import USER_TOPIC_INDEX, USER_TOPICS
from freshet.contract.user_state import pack_user_state
from freshet.registry import NO_ENCODER
from online_model.encoder.artifact import load_artifact
from online_model.encoder.replay import as_seen_by
from online_model.heads import Heads
from online_model.recommender import Recommender


def tasks(shop: Shop) -> list:
    return [task.task() for task in shop.settings.pair_tasks]


def sent_ids(shop: Shop, topics: tuple[str, ...]) -> list[str]:
    """The event_id of every message of these topics: more than once where Kafka holds it twice."""
    return [
        decode(topic, message.value, now_ms=2**62).event_id
        for topic in topics
        for message in shop.messages(topic)
    ]


def profiles_of_log(shop: Shop, topics: tuple[str, ...]) -> dict[str, bytes]:
    """user → the state that these topics' events give, in order of time, as Redis should hold it."""
    core = Recommender(shop.settings.model, tasks(shop))
    events = [
        (event.ts, event.event_id, topic, message, event)
        for topic in topics
        for message in shop.messages(topic)
        for event in [decode(topic, message.value, now_ms=2**62)]
    ]
    profiles, marks = {}, {}
    for _, _, topic, message, event in sorted(events, key=lambda e: e[:2]):
        user, place = event.user_id, USER_TOPIC_INDEX[topic]
        profile = profiles.setdefault(user, core.profile())
        core.observe(profile, to_action(topic, event), (place, message.partition, message.offset))
        newest = marks.setdefault(user, [-1] * len(USER_TOPICS))
        newest[place] = max(newest[place], message.offset)
    return {
        user: pack_user_state(marks[user], profile.dump(core.items.vocabulary))
        for user, profile in profiles.items()
    }


def stored_profiles(shop: Shop, users: list[str]) -> dict[str, bytes | None]:
    return dict(zip(users, shop.redis.mget([shop.keys.profile(user) for user in users]), strict=True))


def live(shop: Shop) -> str:
    """The encoder version that serves."""
    return (shop.redis.hget(shop.keys.model(), "live") or NO_ENCODER.encode()).decode()


def heads_of_log(shop: Shop) -> Heads:
    """The live heads that the examples log gives, each source once: from its beginning, or from the encoder's on."""
    heads, newest, encoder, start = Heads(shop.settings.model, tasks(shop)), {}, None, 0
    if live(shop) != NO_ENCODER:
        artifact = load_artifact(Path(shop.settings.refresh.models_dir) / live(shop))
        heads = Heads.load(artifact.heads, shop.settings.model, tasks(shop))
        encoder, start = artifact.encoder, artifact.manifest.next_offset
        newest = {(topic, partition): ordinal for topic, partition, ordinal in artifact.manifest.sources}
    for message in shop.messages("freshet.examples"):
        for example in unpack_examples(message.value) if message.offset >= start else ():
            source = example.topic, example.partition
            if example.ordinal > newest.get(source, -1):
                newest[source] = example.ordinal
                heads.learn(as_seen_by(encoder, example))
    return heads


def stored_heads(shop: Shop) -> Heads | None:
    """The live ones."""
    stored = unpack_heads(shop.redis.get(shop.keys.heads(live(shop))))
    return Heads.load(stored[0], shop.settings.model, tasks(shop)) if stored else None


def examples_folded(shop: Shop) -> int:
    """The next offset of the examples log that the live heads want."""
    stored = unpack_heads(shop.redis.get(shop.keys.heads(live(shop))))
    return stored[1].next_offset if stored else 0


def distinct_sources(shop: Shop) -> int:
    """How many different events have an example in the log that counts, not behind a newer one of its partition."""
    newest, counted = {}, set()
    for message in shop.messages("freshet.examples"):
        for example in unpack_examples(message.value):
            source = example.topic, example.partition
            if example.ordinal > newest.get(source, -1):
                newest[source] = example.ordinal
                counted.add((*source, example.offset))
    return len(counted)
