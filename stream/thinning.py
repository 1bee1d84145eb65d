"""When more events wait than can be done soon, profiles and learning go first, and most lists are put off."""

from freshet.settings import Worker

EVENTS_A_LIST = 8  # one list for so many events: about 5 % of a worker's time; one for each takes a third


def lists_to_catch_up(behind: bool, events: int, touched: int, due: int, limits: Worker) -> int:
    """How many lists that were put off are made with a batch. touched: users with an event in it; due: users in all.

    Those due stay within profiles_cached: beyond it, a list is made for each that is put off.
    """
    if not events:
        return limits.batch_events
    if not behind:
        return events
    return min(limits.batch_events, max(events // EVENTS_A_LIST, due + touched - limits.profiles_cached))
