"""What a module needs: all that it imports, in functions too, through every module of ours it reaches."""

import ast
import sys
from pathlib import Path

OURS = ("freshet", "online_model", "serving", "stream")
ROOT = Path(__file__).parents[2]


def needs(module: str) -> tuple[set[str], set[str]]:
    """(our packages, top names of others') that running this module takes. LookupError without such a one.

    >>> packages, others = needs("freshet.settings")
    >>> "online_model" in packages, "stream" in packages, "msgspec" in others, "faust" in others
    (True, False, True, False)
    """
    if _file(module) is None:
        raise LookupError(f"there is no module {module}")
    todo, seen, others = [module], set[str](), set[str]()
    while todo:
        name = todo.pop()
        if name in seen or (file := _file(name)) is None:
            continue
        seen.add(name)
        todo.append(name.rpartition(".")[0])  # the package's own __init__ runs too
        for imported in _imported(ast.parse(file.read_text())):
            top = imported.partition(".")[0]
            if top in OURS:
                todo += [imported, imported.rpartition(".")[0]]
            elif top not in sys.stdlib_module_names:
                others.add(top)
    return {name.partition(".")[0] for name in seen}, others


def _file(module: str) -> Path | None:
    path = ROOT.joinpath(*module.split("."))
    files = (path / "__init__.py", path.with_suffix(".py")) if module else ()
    return next((file for file in files if file.exists()), None)


def _imported(tree: ast.AST) -> list[str]:
    names: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += [f"{node.module}.{alias.name}" for alias in node.names]
    return names
