"""A Dockerfile as stages of instructions: as much of its grammar as ours uses."""

import json
import re
from collections.abc import Mapping
from typing import NamedTuple


class Stage(NamedTuple):
    """`FROM base AS name` and what follows it: (keyword, rest of the line) each."""

    name: str
    base: str
    instructions: tuple[tuple[str, str], ...]

    def all(self, keyword: str) -> list[str]:
        return [rest for word, rest in self.instructions if word == keyword]

    def copied(self) -> list[str]:
        """What it copies from the build context, by COPY's own words."""
        return [source for rest in self.all("COPY") if "--from=" not in rest for source in rest.split()[:-1]]

    def extras(self) -> set[str]:
        """Extras of pyproject.toml that it installs; "" is the base that each of them has."""
        installs = [rest for rest in self.all("RUN") if "-r pyproject.toml" in rest]
        named = {extra for rest in installs for extra in re.findall(r"--extra (\w+)", rest)}
        return named | {""} if installs else set()


def stages(text: str) -> dict[str, Stage]:
    """
    >>> found = stages("FROM a AS one\\n# remark\\nRUN x \\\\\\n  && y\\nFROM one AS two\\nCOPY f g/ /h/\\n")
    >>> found["one"].instructions, found["two"].base, found["two"].copied()
    ((('RUN', 'x && y'),), 'one', ['f', 'g/'])
    """
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    words = re.sub(r"\\\n\s*", "", "\n".join(lines)).splitlines()
    result: dict[str, Stage] = {}
    for keyword, rest in (line.split(maxsplit=1) for line in words if line.strip()):
        if keyword == "FROM":
            base, _, name = rest.partition(" AS ")
            result[name] = Stage(name, base, ())
        elif result:
            last = result[name]
            result[name] = last._replace(instructions=(*last.instructions, (keyword, rest)))
    return result


def lineage(found: Mapping[str, Stage], target: str, *, copies: bool = False) -> list[Stage]:
    """The target and what it is built on, itself first; copies: with what it copies from, too."""
    if target not in found:
        return []
    stage = found[target]
    parents = [stage.base] + (re.findall(r"--from=(\S+)", " ".join(stage.all("COPY"))) if copies else [])
    return [stage, *(above for parent in parents for above in lineage(found, parent, copies=copies))]


def health_check(found: Mapping[str, Stage], target: str) -> list[str]:
    """The words of the command that checks a target's health; none where it has no check."""
    for stage in lineage(found, target):
        for rest in stage.all("HEALTHCHECK"):
            return list(json.loads(rest.partition("CMD")[2]))
    return []
