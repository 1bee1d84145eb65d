"""The Dockerfile: each image can be built from what is here, and holds what its process imports, no more."""

import difflib
import re
import subprocess
from pathlib import Path

import pytest
from deploy.dockerfile import Stage, health_check, lineage, stages
from deploy.imports import needs
from deploy.packages import closure, providers

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "Dockerfile").read_text()
STAGES = stages(TEXT)
PROCESSES = {"api": ["freshet.cli.api"], "worker": ["freshet.cli.worker"], "refresh": ["freshet.cli.refresh"]}
NAME = re.compile(r"^([a-z0-9-]+)==", re.MULTILINE)
LOCKED = set(NAME.findall((ROOT / "requirements.lock").read_text()))


def extras(found: dict[str, Stage], target: str) -> set[str]:
    return {extra for stage in lineage(found, target, copies=True) for extra in stage.extras()}


def not_there(found: dict[str, Stage], ignore: str) -> list[str]:
    """Sources of COPY that are not in the build context."""
    kept = [line.removeprefix("!").rstrip("/") for line in ignore.splitlines() if line.startswith("!")]
    sources = sorted({source.rstrip("/") for stage in found.values() for source in stage.copied()})
    return [source for source in sources if not (ROOT / source).exists() or source not in kept]


def lacks(found: dict[str, Stage], target: str) -> list[str]:
    """What the target's process imports and its image does not hold."""
    copied = {source.rstrip("/") for stage in lineage(found, target) for source in stage.copied()}
    installed = closure(extras(found, target))
    ours, others = (set().union(*sets) for sets in zip(*map(needs, PROCESSES[target]), strict=True))
    return sorted(ours - copied) + sorted(name for name in others if not providers(name) & installed)


def test_everything_copied_is_in_the_build_context() -> None:
    ignore = (ROOT / ".dockerignore").read_text()

    assert not_there(STAGES, ignore) == []
    assert not_there(stages(TEXT.replace("serving/ serving/", "server/ server/")), ignore) == ["server"]
    assert not_there(STAGES, ignore.replace("!stream/", "")) == ["stream"]


@pytest.mark.parametrize("target", PROCESSES)
def test_an_image_holds_all_that_its_process_imports(target: str) -> None:
    assert lacks(STAGES, target) == []


def test_a_package_or_a_folder_left_out_would_be_noticed() -> None:
    assert "faust" in lacks(stages(TEXT.replace(" --extra worker", "")), "worker")
    assert lacks(stages(TEXT.replace("COPY online_model/ online_model/\n", "")), "api") == ["online_model"]


def test_only_refresh_holds_torch_and_only_the_worker_holds_faust() -> None:
    heavy = {target: closure(extras(STAGES, target)) & {"torch", "faust-streaming"} for target in PROCESSES}

    assert heavy == {"api": set(), "worker": {"faust-streaming"}, "refresh": {"torch"}}


@pytest.mark.parametrize("target", PROCESSES)
def test_every_package_of_an_image_is_in_the_lock(target: str) -> None:
    assert closure(extras(STAGES, target)) - LOCKED == set()


def test_every_install_checks_hashes() -> None:
    """But for torch from an index of CPU builds, which the lock cannot know."""
    installs = [
        command
        for stage in STAGES.values()
        for run in stage.all("RUN")
        for command in re.split(r"&&|;", run)
        if "pip install" in command
    ]
    unchecked = [command for command in installs if not re.search(r'--require-hashes|"\$hashes"', command)]

    assert len(installs) == 5
    assert [re.search(r"--no-deps .*torch", command) is not None for command in unchecked] == [True]


@pytest.mark.parametrize("target", PROCESSES)
def test_every_image_runs_as_nobody_special_and_says_how_it_is(target: str) -> None:
    found = lineage(STAGES, target)
    users = [user for stage in found for user in stage.all("USER")]
    command, code = health_check(STAGES, target)[0], health_check(STAGES, target)[2]

    assert users == ["10001"]
    assert command == "python"
    compile(code, "HEALTHCHECK", "exec")


def test_what_sed_takes_out_of_the_lock_is_torch_whole_and_alone() -> None:
    lock = ROOT / "requirements.lock"
    expression = re.findall(r"sed -i '([^']+)'", TEXT)
    left = subprocess.run(["sed", *expression, str(lock)], capture_output=True, text=True, check=True).stdout
    changes = difflib.ndiff(lock.read_text().splitlines(), left.splitlines())
    taken = [line for line in changes if line[0] in "+-"]

    assert LOCKED - set(NAME.findall(left)) == {"torch"}
    assert all(line.startswith(("- torch==", "-     --hash=")) for line in taken), taken
    assert not re.search(r"#.*\n    --hash", left), "a part of its entry is left behind"
