"""What the command line says of folders, settings and documents that are of no use: one line, and exit code 2."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from services.embedded.files import locked
from tests.api.conftest import Office


def ended(*asked: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """The command line, as a user runs it."""
    command = [sys.executable, "-m", "services.cli", *asked]
    settings = os.environ | environ
    return subprocess.run(command, capture_output=True, text=True, timeout=60, env=settings, check=False)  # noqa: S603


def said(run: subprocess.CompletedProcess[str]) -> str:
    """The one line on standard error."""
    assert (run.returncode, run.stdout) == (2, ""), run.stderr
    [line] = run.stderr.splitlines()
    return line


def test_a_folder_in_use(tmp_path: Path) -> None:
    with locked(tmp_path):
        assert f"{tmp_path} is in use" in said(ended("up", "--data", str(tmp_path)))


def test_a_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "file" in said(ended("up", "--data", str(tmp_path / "file")))


@pytest.mark.parametrize("environ", [{"CLOSEOUT_FRESH": "soon"}, {"CLOSEOUT_CONFIG": "none.toml"}], ids=str)
def test_settings_that_are_broken(tmp_path: Path, environ: dict[str, str]) -> None:
    assert said(ended("up", "--data", str(tmp_path), **environ))


def test_a_token_that_the_api_would_refuse(office: Office) -> None:
    environ = {"CLOSEOUT_DSN": office.settings.dsn, "CLOSEOUT_TOKEN_KEY": str(office.settings.token_key)}
    for asked in (
        ["--role", "auditor", "--name", ""],
        ["--role", "auditor", "--name", "Ann", "--client", "acme"],
        ["--role", "auditor", "--name", "Ann", "--tenant", "No Tenant"],
        ["--role", "client_owner", "--name", "Ann"],
    ):
        assert said(ended("token", *asked, **environ))
    made = ended("token", "--role", "auditor", "--name", "Ann", **environ)
    assert (made.returncode, made.stderr) == (0, "")


def test_a_document_that_cannot_be_read_says_where(tmp_path: Path) -> None:
    document = tmp_path / "broken.json"
    document.write_text('[{"title": "x"},\n   oops]')
    assert said(ended("import", str(document), "--dry-run")).startswith(f"{document}:2:4: ")
