from datetime import timedelta
from pathlib import Path

import pytest

from services.settings import BadSettings, Settings
from services.stack import Stack


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
    assert "tenant (given): Small letters, digits and - are expected here, at most 63, no - first." in lines
    assert "listen_port (environment, CLOSEOUT_LISTEN_PORT): A whole number is expected here." in lines
    assert "hunter2" not in str(raised.value)


def test_certification_bodies_are_called_by_their_names() -> None:
    settings = Settings.load({"body_names": "demo = Demo Certification Ltd;\n other=Other = More AG"}, {})
    assert settings.body_name("demo") == "Demo Certification Ltd"
    assert settings.body_name("other") == "Other = More AG"
    assert settings.body_name("third") == "third"
    for text in ("demo", "demo =", "= Demo"):
        with pytest.raises(BadSettings, match="tenant = name"):
            Settings.load({"body_names": text}, {})


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


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"oidc_issuer": "http://issuer.example", "oidc_client_id": "c"}, "oidc_issuer (given): .*https"),
        ({"oidc_issuer": "https://issuer.example?a=b", "oidc_client_id": "c"}, "oidc_issuer (given): .*query"),
        ({"oidc_issuer": "https://issuer.example"}, "oidc_client_id (not given): .*is needed"),
        ({"oidc_algorithms": "RS256,none"}, "oidc_algorithms (given): .*none is none of"),
        ({"oidc_algorithms": "HS256"}, "oidc_algorithms (given): .*HS256 is none of"),
        ({"oidc_scopes": "profile"}, "oidc_scopes (given): "),
        (
            {"oidc_issuer": "https://issuer.example", "oidc_client_id": "c", "sample_sign_in": True},
            "sample_sign_in (given): .*never",
        ),
    ],
)
def test_an_issuer_is_given_whole_or_not_at_all(given: dict[str, object], why: str) -> None:
    pattern = why.replace("(", r"\(").replace(")", r"\)")
    with pytest.raises(BadSettings, match=pattern):
        Settings.load(given, {})


def test_a_stack_embeds_an_issuer_where_none_is_given(tmp_path: Path) -> None:
    def completed(**given: object) -> Settings:
        return Stack(Settings.load({"data": tmp_path, **given}, {}))._in_force(
            {"api": 1, "worker": 2}, None, None, None
        )

    alone = completed()
    assert (alone.token_key, alone.sample_sign_in, alone.fresh) == (tmp_path / "token.key", True, None)
    assert not completed(listen_host="0.0.0.0").sample_sign_in, "nobody else is let in without a password"
    assert not completed(sample_sign_in=False).sample_sign_in
    named = completed(oidc_issuer="https://issuer.example", oidc_client_id="c")
    assert (named.token_key, named.sample_sign_in, named.fresh) == (None, False, Settings().fresh)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({}, True),
        ({"sample_mail": False}, False),
        ({"smtp_url": "smtps://mail.example", "mail_from": "c@body.example"}, False),
        ({"sample_mail": True, "smtp_url": "smtps://mail.example", "mail_from": "c@body.example"}, False),
        ({"sample_sign_in": False}, False),
        ({"listen_host": "0.0.0.0"}, False),
        ({"listen_host": "0.0.0.0", "sample_sign_in": True}, True),
        ({"oidc_issuer": "https://issuer.example", "oidc_client_id": "c"}, False),
    ],
)
def test_mail_is_kept_where_anybody_may_be_a_sample_person_and_it_goes_nowhere_else(
    tmp_path: Path, given: dict[str, object], kept: bool
) -> None:
    settings = Settings.load({"data": tmp_path, **given}, {})
    assert Stack(settings)._keeps_mail == kept
    assert not Stack(settings, services=lambda *_: [])._keeps_mail


def test_mail_to_sample_people_is_never_kept_beside_an_issuer() -> None:
    given = {"oidc_issuer": "https://issuer.example", "oidc_client_id": "c", "sample_mail": True}
    with pytest.raises(BadSettings, match=r"sample_mail \(given\): .*never"):
        Settings.load(given, {})


def test_the_secret_of_the_console_stays_out_of_repr() -> None:
    assert "hunter2" not in repr(Settings(oidc_client_secret="hunter2"))
