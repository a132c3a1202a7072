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


def test_a_dry_run_reads_what_an_import_would(tmp_path: Path) -> None:
    document = tmp_path / "log.csv"
    document.write_bytes(
        "External ID;Title;Client\n1;Zugriffe nicht gepr\xfcft;acme\n2;;acme\n3;x;\n".encode("latin-1")
    )
    nowhere = ("--data", str(tmp_path))
    run = ended("import", str(document), "--dry-run", *nowhere, COLUMNS="200")
    assert (run.returncode, run.stderr) == (1, "")
    assert "csv: 1 found, 2 rejected" in run.stdout
    assert "/title: Line 3, column 'Title': This field is required." in run.stdout
    assert "1 lack a client: --client names one" in run.stdout
    assert "Code page cp1252, found by its letters." in run.stdout
    assert "Only an API knows" in run.stdout
    run = ended("import", str(document), "--dry-run", "--client", "acme", *nowhere)
    assert "csv: 2 found, 1 rejected" in run.stdout


def test_a_dry_run_has_the_bounds_of_an_import(tmp_path: Path) -> None:
    document = tmp_path / "log.csv"
    document.write_text("External ID,Title,Client\n1,x,acme\n2,y,acme\n")
    assert said(ended("import", str(document), "--dry-run", CLOSEOUT_DOCUMENT_ITEMS="1")).startswith(f"{document}: ")


def test_a_line_without_a_column_is_told_alone(tmp_path: Path) -> None:
    document = tmp_path / "log.csv"
    document.write_text("Colour,Weight\nred,7\n")
    assert said(ended("import", str(document), "--dry-run")).startswith(f"{document}:1: ")
