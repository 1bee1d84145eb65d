"""What can happen to a stored value: one of each."""

from collections.abc import Callable

DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "garbage": lambda whole: b"\xc1\xff\x00 garbage \xfe" * 3,
    "cut in half": lambda whole: whole[: len(whole) // 2],
    "empty": lambda whole: b"",
    "another version": lambda whole: b"\xf0" + whole[1:],
}
