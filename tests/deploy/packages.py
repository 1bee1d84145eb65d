"""Which packages an extra of pyproject.toml brings, by what is installed here."""

import tomllib
from collections.abc import Set
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from pathlib import Path

from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROJECT = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
LINUX: dict[str, str | Set[str]] = {
    **{name: str(value) for name, value in default_environment().items()},
    "sys_platform": "linux",
    "platform_system": "Linux",
}


def closure(extras: set[str]) -> set[str]:
    """Every package that the base dependencies and these extras install, directly or not.

    >>> "llvmlite" in closure(set()), "yarl" in closure(set()), "yarl" in closure({"worker"})
    (True, False, True)
    """
    optional = {"": [], **PROJECT["optional-dependencies"]}
    wanted = [*PROJECT["dependencies"], *(text for extra in extras for text in optional[extra])]
    todo, seen = [Requirement(text) for text in wanted], set[tuple[str, str]]()
    while todo:
        requirement = todo.pop()
        name = canonicalize_name(requirement.name)
        for extra in {"", *requirement.extras}:
            if (name, extra) not in seen:
                seen.add((name, extra))
                todo += [
                    r for r in _requires(name) if not r.marker or r.marker.evaluate(LINUX | {"extra": extra})
                ]
    return {name for name, _ in seen}


def providers(module: str) -> set[str]:
    """The packages that a top-level module may come from; its own name where none is installed."""
    return {canonicalize_name(name) for name in packages_distributions().get(module, [module])}


def _requires(name: str) -> list[Requirement]:
    try:
        return [Requirement(text) for text in requires(name) or []]
    except PackageNotFoundError:
        return []  # a leaf, as far as this machine knows
