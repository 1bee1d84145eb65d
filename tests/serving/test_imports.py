"""The API starts where neither torch nor Faust is installed."""

import json
import subprocess
import sys

SCRIPT = "import json, sys, serving.app, freshet.cli.api; print(json.dumps(list(sys.modules)))"


def test_a_fresh_interpreter_loads_neither_torch_nor_faust_nor_the_worker() -> None:
    loaded = json.loads(subprocess.check_output([sys.executable, "-c", SCRIPT], text=True, timeout=60))

    tops = {name.partition(".")[0] for name in loaded}
    assert {"serving", "online_model"} <= tops
    assert {"torch", "faust", "mode", "aiokafka", "stream"}.isdisjoint(tops)
