"""The files under deploy/: what systemd, YAML and our own commands say of them."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from typer.main import get_command

from scheduler.cli import app
from scheduler.settings import load
from tests.conftest import ROOT

DEPLOY = ROOT / "deploy"
UNITS = sorted(path.name for path in DEPLOY.glob("fazhi-*"))


def unit(name: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.optionxform = str
    parser.read(DEPLOY / name, encoding="utf-8")
    return parser


def commands() -> list[tuple[str, str]]:
    found = []
    for path in sorted(DEPLOY.iterdir()):
        for line in path.read_text(encoding="utf-8").splitlines():
            if not line.lstrip().startswith("#") and (match := re.search(r"bin/(scheduler .*)", line)):
                found.append((path.name, match[1].split(" >>")[0]))
    return found


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    for name in UNITS:
        text = (
            (DEPLOY / name).read_text(encoding="utf-8").replace("/opt/fazhi/.venv/bin/scheduler", "/bin/true")
        )
        (tmp_path / name).write_text(text, encoding="utf-8")
    result = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *(str(tmp_path / name) for name in UNITS)],
        capture_output=True,
        text=True,
        check=False,
    )
    ours = [line for line in result.stderr.splitlines() if "fazhi-" in line]
    assert (ours, result.returncode) == ([], 0)


@pytest.mark.parametrize("name", ["fazhi-scheduler.service", "fazhi-watch.service"])
def test_the_units_have_least_rights_and_a_read_only_code_tree(name: str) -> None:
    service = unit(name)["Service"]
    assert service["ProtectSystem"] == "strict"
    assert service["NoNewPrivileges"] == "yes"
    assert service["CapabilityBoundingSet"] == ""
    assert service["User"] == "fazhi"
    assert "ReadWritePaths" not in service
    assert service["StateDirectory"] == "fazhi"


def test_systemd_waits_longer_than_the_service_for_its_crawls() -> None:
    pool = load(DEPLOY / "scheduler.toml", environment={}).pool
    service = unit("fazhi-scheduler.service")["Service"]
    assert int(service["TimeoutStopSec"]) > pool.drain_seconds + pool.grace_seconds + 30
    assert service["KillMode"] == "mixed"


def test_every_command_in_these_files_is_known() -> None:
    found = commands()
    assert {name for name, _ in found} >= {"crontab", "fazhi-scheduler.service", "fazhi-watch.service"}
    known = get_command(app).commands
    for name, line in found:
        _, command, *arguments = line.split()
        options = {option for parameter in known[command].params for option in parameter.opts}
        assert {one for one in arguments if one.startswith("--")} <= options, (name, line)


def test_the_compose_file_is_yaml_and_gives_the_service_what_it_needs() -> None:
    yaml = pytest.importorskip("yaml")
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    service = compose["services"]["scheduler"]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["depends_on"]["database"]["condition"] == "service_healthy"
    settings = load(
        environment={k: v for k, v in service["environment"].items() if k.startswith("SCHEDULER_")}
    )
    assert settings.alarms.file == Path("/var/lib/fazhi/alarms.txt")
    assert (DEPLOY / ".." / service["build"]["dockerfile"]).resolve().is_file()
    assert set(compose["volumes"]) == {"database", "state"}


def test_the_container_is_not_root_and_copies_what_there_is() -> None:
    text = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    assert re.search(r"^USER 10001$", text, re.M)
    for line in re.findall(r"^COPY (?!--from)(.+)$", text, re.M):
        for source in line.split()[:-1]:
            assert (ROOT / source).exists(), source
    _, arguments = text.rsplit("CMD ", 1)
    assert arguments.strip() == '["start", "--log", "json", "--port", "9464"]'
