"""Pseudonyms: at the door a user's id becomes a keyed hash of it; behind it nobody knows the id.

The door is the SDK (`freshet.Producer`), POST /v1/events and every lookup, all with the same key: setting
privacy.pseudonym_key. Without the key no pseudonym can be told from an id, nor an id from a pseudonym.
"""

from collections.abc import Callable
from hashlib import blake2b, sha256
from typing import Any

import msgspec

from freshet.contract.keys import Keys
from freshet.security.secret import secret_of
from freshet.settings import Privacy, SettingError, Settings

BYTES = 16  # two of a billion people share a pseudonym with a chance of 10⁻²¹


class Pseudonyms:
    """of(user_id): the pseudonym, 32 characters, the same for ever under one key.

    >>> Pseudonyms("a key of sixteen or more").of("u1")
    '738deefc4ea194abf2fc5774755f71cd'
    """

    def __init__(self, key: str) -> None:
        self._mark = blake2b(key=sha256(key.encode()).digest(), digest_size=BYTES)

    def of(self, user_id: str) -> str:
        mark = self._mark.copy()
        mark.update(user_id.encode())
        return mark.hexdigest()

    def in_event(self, value: bytes) -> bytes:
        """A user event's JSON with the pseudonym for the id; what else it holds stays."""
        event: dict[str, Any] = msgspec.json.decode(value)
        event["user_id"] = self.of(event["user_id"])
        return msgspec.json.encode(event)


def pseudonyms_of(settings: Privacy) -> Pseudonyms | None:
    """None where ids are kept as they come. SettingError for a short key or a file that cannot be read."""
    try:
        key = secret_of(settings.pseudonym_key, settings.pseudonym_key_file)
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(f"privacy.pseudonym_key_file cannot be read: {error}") from None
    if not key:
        if settings.pseudonym_key_file:
            raise SettingError(f"privacy.pseudonym_key_file={settings.pseudonym_key_file} is empty")
        return None
    if len(key) < 16:
        raise SettingError(
            "privacy.pseudonym_key takes 16 characters or more: ids are few, and a short key is guessed"
        )
    return Pseudonyms(key)


def front_keys(settings: Settings) -> Keys:
    """Redis keys for those who are asked by a user's own id."""
    pseudonyms = pseudonyms_of(settings.privacy)
    if pseudonyms is None:
        return Keys.of(settings)
    stored: Callable[[str], str] = pseudonyms.of
    return Keys.of(settings, stored)
