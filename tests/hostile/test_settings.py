"""Settings of any name and value: in force, or SettingError; and no secret in its words."""

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from freshet.settings import SettingError, Settings, known, load, shown

names = st.sampled_from(known()) | st.text(max_size=20)
values = st.text(max_size=40) | st.sampled_from(
    ["0", "-1", "1e400", "nan", "inf", "true", "null", "[]", "{}", "9" * 400, "https://a,https://b", "\0"]
)
plain = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
SECRET = "swordfish"


def in_force(**sources: object) -> Settings | None:
    try:
        found = load(**sources)  # type: ignore[arg-type]
    except SettingError as error:
        assert len(str(error)) > 10 and SECRET not in str(error)
        return None
    assert SECRET not in str(shown(found)) and SECRET not in str(found)
    return found


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(names, values), max_size=4))
def test_overrides_of_any_kind(pairs: list[tuple[str, str]]) -> None:
    in_force(overrides=[f"{name}={value}" for name, value in pairs] + [f"redis.password={SECRET}"])


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(names, values, max_size=4))
def test_any_environment(variables: dict[str, str]) -> None:
    env = {"FRESHET_" + name.upper().replace(".", "__"): value for name, value in variables.items()}

    in_force(env={**env, "FRESHET_KAFKA__SASL_PASSWORD": SECRET, "PATH": "/bin"})


@settings(max_examples=200, deadline=None)
@given(
    st.text(max_size=200)
    | st.sampled_from(known()).map(lambda name: f"{name} = [[1]]")
    | st.binary(max_size=50)
)
def test_any_file(content: str | bytes) -> None:
    raw = content if isinstance(content, bytes) else content.encode(errors="surrogatepass")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "freshet.toml"
        file.write_bytes(raw)

        in_force(file=file)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=100) | st.recursive(plain, st.lists, max_leaves=5).map(str))
def test_any_tasks(value: str) -> None:
    in_force(overrides=[f"tasks={value}"])
