"""A shopper's stored state, read; a torn one counts as not there."""

from freshet.contract.torn import Salvage
from freshet.contract.user_state import StoredUser, unpack_user_state
from online_model.profile import Profile
from online_model.settings import ModelSettings
from online_model.vocabulary import Vocabulary


def load_profile(
    data: bytes | None, vocabulary: Vocabulary, settings: ModelSettings, salvage: Salvage
) -> tuple[Profile, StoredUser] | None:
    """None where there is nothing that can be read."""

    def load() -> tuple[Profile, StoredUser] | None:
        stored = unpack_user_state(data)
        return (Profile.load(stored.profile, vocabulary, settings), stored) if stored else None

    return salvage.read("profile", "a shopper", load)
