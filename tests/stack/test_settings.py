from datetime import timedelta
from pathlib import Path

import pytest

from services.settings import BadSettings, Settings


def test_given_wins_over_environment_over_file_over_default(tmp_path: Path) -> None:
    file = tmp_path / "closeout.toml"
    file.write_text('tenant = "file"\ntask_queue = "file"\nlisten_host = "0.0.0.0"\n')
    environ = {"CLOSEOUT_CONFIG": str(file), "CLOSEOUT_TENANT": "environment", "CLOSEOUT_TASK_QUEUE": "environment"}
    settings = Settings.load({"tenant": "given", "task_queue": None}, environ)
    assert (settings.tenant, settings.task_queue, settings.listen_host) == ("given", "environment", "0.0.0.0")
    assert settings.listen_port == Settings().listen_port


def test_faults_name_the_setting_its_origin_and_the_rule(tmp_path: Path) -> None:
    file = tmp_path / "closeout.toml"
    file.write_text('sweep = "PT5S"\n')
    with pytest.raises(BadSettings) as raised:
        Settings.load({"tenant": "Über"}, {"CLOSEOUT_LISTEN_PORT": "none", "CLOSEOUT_DSN": "mysql://u:hunter2@h"}, file)
    lines = str(raised.value).splitlines()
    assert f"sweep (file {file}): is not a setting" in lines
    assert any(line.startswith("tenant (given): ") for line in lines)
    assert any(line.startswith("listen_port (environment, CLOSEOUT_LISTEN_PORT): ") for line in lines)
    assert "hunter2" not in str(raised.value)


def test_an_unreadable_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match=r"nowhere\.toml"):
        Settings.load(environ={}, file=tmp_path / "nowhere.toml")


def test_secrets_stay_out_of_repr() -> None:
    assert "hunter2" not in repr(Settings(dsn="postgresql://u:hunter2@h/d", owner_dsn="postgresql://u:hunter2@h/d"))


def test_a_child_reads_from_its_environment_what_its_parent_had() -> None:
    settings = Settings(dsn="postgresql://u:p@h/d", fresh=None, sweep_every=timedelta(seconds=1), policies=Path("p"))
    assert Settings.load(environ=settings.environment()) == settings


def test_empty_variables_and_those_of_a_container_platform_count_for_nothing() -> None:
    assert Settings.load(environ={"CLOSEOUT_DSN": "", "CLOSEOUT_PORT": "tcp://10.0.0.1:80"}) == Settings()


def test_the_engine_is_found_by_temporals_own_configuration_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMPORAL_CONFIG_FILE", "/nonexistent")
    monkeypatch.delenv("TEMPORAL_ADDRESS", raising=False)
    assert "target_host" not in Settings().engine()
    monkeypatch.setenv("TEMPORAL_ADDRESS", "engine:7233")
    monkeypatch.setenv("TEMPORAL_NAMESPACE", "audits")
    assert Settings().engine() == {"target_host": "engine:7233", "namespace": "audits"}
    assert Settings(temporal_address="other:1").engine()["target_host"] == "other:1"
