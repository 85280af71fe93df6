"""Settings: flags before environment before file before defaults; what is wrong is named; secrets never show."""

from __future__ import annotations

from pathlib import Path

import pytest

from scheduler.errors import BadSettings
from scheduler.settings import Settings, load
from tests.scheduler.making import write


def test_flags_go_before_the_environment_that_before_the_file(tmp_path: Path) -> None:
    file = write(
        tmp_path / "s.toml", 'log = "json"\n[pool]\nat_once = 2\ngrace_seconds = 9\nlimit_minutes = 5\n'
    )
    told = {
        "SCHEDULER_POOL__AT_ONCE": "3",
        "SCHEDULER_POOL__GRACE_SECONDS": "8",
        "SCHEDULER_ONLY": '["demo"]',
    }
    found = load(file, environment=told, flags={"pool": {"at_once": 4}})
    assert (found.pool.at_once, found.pool.grace_seconds, found.pool.limit_minutes) == (4, 8, 5)
    assert (found.log, found.only, found.intervals.main) == ("json", ("demo",), 2)


@pytest.mark.parametrize(
    ("text", "told", "said"),
    [
        ("[pool]\nat_onc = 3\n", {}, r"s\.toml:2: pool\.at_onc: no such setting"),
        ("porrtals = 3\n", {}, r"s\.toml:1: porrtals: no such setting"),
        ('[pool]\nat_once = "x"\n', {}, r"s\.toml:2: pool\.at_once: .*integer"),
        ("[intervals]\nmain = 90\n", {}, r"s\.toml:2: intervals\.main: .*60"),
        ("[pool\n", {}, r"s\.toml: not TOML"),
        ("", {"SCHEDULER_POOL__AT_ONCE": "0"}, r"environment SCHEDULER_POOL__AT_ONCE: .*1"),
        ("", {"SCHEDULER_POOL__X": "0"}, r"environment SCHEDULER_POOL__X: .*no such setting"),
        ("", {"SCHEDULER_POLL__AT_ONCE": "1"}, r"SCHEDULER_POLL__AT_ONCE: no such setting"),
        ("", {"SCHEDULER_ONLY": "demo"}, r"environment: .*only"),
        ('[alarms.targets]\nfile = "json://x"\n', {}, r"'file' is no name for a target"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(tmp_path: Path, text: str, told, said: str) -> None:
    with pytest.raises(BadSettings, match=said) as caught:
        load(write(tmp_path / "s.toml", text), environment=told)
    assert caught.value.exit_code == 2
    assert "\n" not in str(caught.value)


def test_everything_wrong_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(BadSettings) as caught:
        load(write(tmp_path / "s.toml", "a = 1\n[pool]\nat_once = 0\nb = 2\n"), environment={})
    assert all(name in str(caught.value) for name in ("a: no such", "pool.at_once", "pool.b: no such"))


def test_secrets_are_never_shown(tmp_path: Path) -> None:
    file = write(
        tmp_path / "s.toml",
        'db = "postgresql://u:hunter2@h/db"\n[alarms.targets]\nus = "mailtos://me:hunter2@example.org"\n',
    )
    found = load(file, environment={})
    assert found.database == "postgresql://u:hunter2@h/db"
    for shown in (repr(found), str(found), str(found.shown()), str(found.model_dump_json())):
        assert "hunter2" not in shown
    for bad in (
        '[alarms.targets]\nus = "hunter2"\n',
        '[alarms]\ntargets = "hunter2"\n',
        'db = ["hunter2"]\n',
    ):
        with pytest.raises(BadSettings) as caught:
            load(write(file, bad), environment={})
        assert "hunter2" not in str(caught.value)
        assert caught.value.__cause__ is None


def test_a_named_file_must_be_there_and_the_default_one_need_not(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert load(environment={}) == Settings()
    write(tmp_path / "scheduler.toml", "[pool]\nat_once = 7\n")
    assert load(environment={}).pool.at_once == 7
    with pytest.raises(BadSettings, match="no such file"):
        load(tmp_path / "other.toml", environment={})


def test_every_setting_is_documented() -> None:
    text = (Path(__file__).parents[2] / "docs" / "service.md").read_text(encoding="utf-8")
    for name, value in Settings().shown().items():
        for inner in value if isinstance(value, dict) and name != "targets" else (None,):
            shown = name if inner is None else f"{name}.{inner}"
            assert f"| `{shown}` |" in text, shown
