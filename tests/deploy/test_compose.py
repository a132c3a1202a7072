"""The Compose file."""

import re
from pathlib import PurePosixPath
from urllib.parse import urlsplit

import pytest

from services.evidence.store import Store
from services.mail.relay import Relay
from services.settings import Settings
from tests.deploy.bucket import variables
from tests.deploy.material import COMMANDS, DEPLOY, VARIABLES, Document, compose, reading, size, tool

SERVICES: dict[str, Document] = compose()["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"].startswith("closeout:")}
ONCE = {"temporal-schema", "bootstrap"}
OWN = 512 * 2**20
"""Bytes of memory that the chart asks for a process of ours, at most."""


def test_it_fits_the_schema_of_compose() -> None:
    tool("check-jsonschema", "--builtin-schema", "vendor.compose-spec", DEPLOY / "compose.yaml")


def test_every_yaml_file_is_clean() -> None:
    tool("yamllint", "--strict", "--config-file", DEPLOY / ".yamllint", DEPLOY)


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_can_do_no_more_than_it_must(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not {"privileged", "cap_add", "network_mode", "pid", "devices", "env_file"} & set(service)
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))
    assert {"cpus", "memory"} == set(service["deploy"]["resources"]["limits"])


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_that_stays_says_whether_it_is_well(name: str) -> None:
    service = SERVICES[name]
    assert ("healthcheck" in service) == (name not in ONCE)
    for other, state in service.get("depends_on", {}).items():
        wanted = "service_completed_successfully" if other in ONCE else "service_healthy"
        assert state == {"condition": wanted}
        assert set(SERVICES[other]["networks"]) & set(service["networks"])


@pytest.mark.parametrize("name", SERVICES)
def test_no_password_stands_in_the_file_or_has_a_default(name: str) -> None:
    for variable, value in SERVICES[name]["environment"].items():
        if re.search("PASSWORD|PWD|SECRET|API_KEY", variable):
            is_public = value == "${OIDC_CLIENT_SECRET:-}"  # a public client has none
            assert is_public or re.fullmatch(r"\$\{[A-Z_]+:\?set [A-Z_]+, .+\}", value), variable
        assert not re.search(r"://[^/@]*:[^/@]*@", str(value)), variable


@pytest.mark.parametrize("name", OURS)
def test_ours_run_commands_and_settings_that_there_are(name: str) -> None:
    service = OURS[name]
    assert service["command"][0] in COMMANDS
    environ = variables(service)
    assert {variable for variable in environ if variable.startswith("CLOSEOUT_")} <= VARIABLES
    assert Settings.load(environ=environ).dsn


def test_there_is_each_part_that_an_installation_has() -> None:
    assert (
        set(SERVICES) == {"ledger", "temporal-db", "temporal", "temporal-ui", "bucket", "mail", "worker", "api"} | ONCE
    )


def reaches(name: str, url: str) -> Document:
    """The service that another one finds under a URL, on a port that it listens on."""
    parts = urlsplit(url)
    other = SERVICES[parts.hostname or ""]
    assert set(SERVICES[name]["networks"]) & set(other["networks"])
    assert SERVICES[name]["depends_on"][parts.hostname] == {"condition": "service_healthy"}
    assert re.search(rf":{parts.port}\b", f"{other['environment']} {other['healthcheck']}")
    return other


def test_the_api_keeps_files_in_the_bucket_which_keeps_them_in_a_volume() -> None:
    environ = variables(OURS["api"])
    bucket = reaches("api", environ["AWS_ENDPOINT"])
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        assert OURS["api"]["environment"][name] == bucket["environment"][name]
    store = Store.of(Settings.load(environ=environ))
    assert (store.url, store.folder) == ("s3://evidence", None)
    [folder] = [word.removeprefix("-dir=") for word in bucket["command"] if word.startswith("-dir=")]
    [volume] = bucket["volumes"]
    assert volume.split(":") == ["evidence", folder]
    assert not any("evidence" in volume for service in OURS.values() for volume in service.get("volumes", []))


def test_only_the_api_reaches_the_bucket_and_of_it_only_what_asks_for_the_key() -> None:
    [network] = SERVICES["bucket"]["networks"]
    assert compose()["networks"][network] == {"internal": True}
    assert {name for name, service in SERVICES.items() if network in service["networks"]} == {"bucket", "api"}
    bound = [word for word in SERVICES["bucket"]["command"] if "ip" in word.partition("=")[0]]
    assert bound == ["-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-s3.ip.bind=0.0.0.0"]


@pytest.mark.parametrize("name", ["api", "worker"])
def test_mail_is_caught_unless_a_server_is_given(name: str) -> None:
    environ = variables(OURS[name])
    relay = Relay.of(Settings.load(environ=environ))
    assert relay is not None
    assert (relay.security, relay.user) == ("none", None)
    assert reaches(name, environ["CLOSEOUT_SMTP_URL"]) is SERVICES["mail"]
    assert OURS[name]["environment"]["CLOSEOUT_SMTP_URL"].startswith("${SMTP_URL:-")
    assert OURS[name]["environment"]["CLOSEOUT_MAIL_FROM"].startswith("${MAIL_FROM:-")


def test_the_api_says_whose_installation_it_is_where_that_is_named() -> None:
    assert OURS["api"]["environment"]["CLOSEOUT_BODY_NAMES"] == "${BODY_NAMES:-}"
    environ = variables(OURS["api"])
    assert Settings.load(environ=environ).body_name("demo") == "demo"
    environ["CLOSEOUT_BODY_NAMES"] = "demo = Demo & Sons Ltd; other = Other AG"
    assert Settings.load(environ=environ).body_name("demo") == "Demo & Sons Ltd"


def test_the_probes_ask_whether_each_can_work() -> None:
    for name, port in (("api", Settings().listen_port), ("worker", 8461)):
        [_, _, _, program] = OURS[name]["healthcheck"]["test"]
        assert f"http://127.0.0.1:{port}/readyz" in program
    assert OURS["api"]["ports"] == [f"127.0.0.1:{Settings().listen_port}:{Settings().listen_port}"]


@pytest.mark.parametrize("name", ["api", "worker"])
def test_the_programs_of_the_probes_are_python(name: str) -> None:
    command, program, option, text = OURS[name]["healthcheck"]["test"]
    assert (command, program, option) == ("CMD", "python", "-c")
    compile(text, name, "exec")


def test_only_bootstrap_knows_the_owner() -> None:
    knows = {name for name, service in OURS.items() if "LEDGER_OWNER" in str(service["environment"])}
    assert knows == {"bootstrap"}


def test_what_is_mounted_is_there() -> None:
    whole = compose()
    for service in SERVICES.values():
        for volume in service.get("volumes", []):
            source, target, *_ = volume.split(":")
            assert PurePosixPath(target).is_absolute()
            assert (DEPLOY / source).is_file() if source.startswith(".") else source in whole["volumes"]
        assert set(service["networks"]) <= set(whole["networks"])


def test_the_guide_makes_each_secret_and_tells_of_each_choice() -> None:
    text = (DEPLOY / "compose.yaml").read_text()
    guide = (DEPLOY.parent / "docs" / "deploy.md").read_text()
    [made] = re.findall(r"for name in ([A-Z_ ]+); do", guide)
    assert set(made.split()) == set(re.findall(r"\$\{(\w+):\?", text))
    assert set(re.findall(r"\$\{(\w+):-", text)) <= set(re.findall(r"`([A-Z_]+)`", guide))


def test_every_variable_of_ours_named_anywhere_in_deploy_is_a_setting() -> None:
    files = [path for path in DEPLOY.rglob("*") if path.is_file()]
    named = {word for path in files for word in re.findall(r"CLOSEOUT_[A-Z][A-Z_]*[A-Z]", path.read_text())}
    assert named <= VARIABLES
    assert named >= {"CLOSEOUT_DSN", "CLOSEOUT_OWNER_DSN", "CLOSEOUT_TOKEN_KEY", "CLOSEOUT_TEMPORAL_RETENTION"}


@pytest.mark.parametrize("name", ["api", "worker"])
def test_each_has_room_for_its_readers_beside_itself(name: str) -> None:
    service = OURS[name]
    limit = size(service["deploy"]["resources"]["limits"]["memory"])
    assert OWN + reading(Settings.load(environ=variables(service))) <= limit
