"""A worker, one of whose methods raises from when a file appears: python breaking_worker.py MODULE:CLASS.METHOD FILE …

What follows goes to the command `freshet`.
"""

import importlib
import sys
from pathlib import Path
from typing import Any

from freshet import cli


def main() -> int:
    where, file = sys.argv.pop(1), Path(sys.argv.pop(1))
    module, _, name = where.partition(":")
    owner_name, _, method_name = name.partition(".")
    owner = getattr(importlib.import_module(module), owner_name)
    method = getattr(owner, method_name)

    def breaks(*args: Any, **kwargs: Any) -> Any:
        if file.exists():
            raise RuntimeError("broken on purpose")
        return method(*args, **kwargs)

    setattr(owner, method_name, breaks)
    return cli.main()


if __name__ == "__main__":
    sys.exit(main())
