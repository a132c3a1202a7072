"""What deploy/ says, read as data, and what the product knows to hold it against."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import helm_python
import yaml

from services.cli import app
from services.settings import PREFIX, Settings

DEPLOY = Path(__file__).parents[2] / "deploy"
CHART = DEPLOY / "helm" / "closeout"
VALUES = sorted(path.stem for path in (DEPLOY / "helm" / "values").glob("*.yaml"))
PODS = {"Deployment", "Job"}

COMMANDS: set[str] = {
    command.name or (command.callback.__name__ if command.callback else "") for command in app.registered_commands
}
VARIABLES = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}

Document = dict[str, Any]


def values(name: str) -> Document:
    """One of the value files."""
    read: Document = yaml.safe_load((DEPLOY / "helm" / "values" / f"{name}.yaml").read_text())
    return read


def rendered(given: Mapping[str, Any] | None = None, release: str = "closeout") -> list[Document]:
    """What the chart makes of these values."""
    with helm_python.Chart.load(CHART) as chart:
        files = chart.render(dict(given or {}), name=release, namespace="certification")
    return [document for text in files.values() for document in yaml.safe_load_all(text) if document]


def compose() -> Document:
    """The Compose file, its variables not yet put in."""
    read: Document = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    return read


def filled(value: object) -> str:
    """A Compose value with its variables at their defaults; one that must be given is `given`."""
    variable = r"\$\{\w+(?::-([^}]*)|:\?[^}]*)\}"
    return re.sub(variable, lambda found: "given" if found[1] is None else found[1], str(value))


def pod(document: Document) -> Document:
    """The pod that a workload makes."""
    spec: Document = document["spec"]["template"]["spec"]
    return spec


def workloads(documents: list[Document]) -> Iterator[tuple[Document, Document]]:
    """Each workload with its one container."""
    for document in documents:
        if document["kind"] in PODS:
            [container] = pod(document)["containers"]
            yield document, container


def environment(container: Document, secret: str = "") -> dict[str, str]:
    """A container's variables; `secret` stands for each that comes from a Secret."""
    assert len({entry["name"] for entry in container["env"]}) == len(container["env"])
    return {entry["name"]: entry.get("value", secret) for entry in container["env"]}


UNITS = {"m": 2**20, "g": 2**30, "Mi": 2**20, "Gi": 2**30}


def size(said: str) -> int:
    """Bytes, as Kubernetes and Compose write them."""
    number, unit = re.fullmatch(r"(\d+)(\w+)", said).groups()  # type: ignore[union-attr]
    return int(number) * UNITS[unit]


def reading(settings: Settings) -> int:
    """The bytes of memory that a process has its readers take, all of them."""
    return settings.readers * settings.document_memory


def found(name: str) -> str | None:
    """Where a checker is: beside this interpreter, or on the PATH."""
    return shutil.which(name, path=os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"])))


def tool(name: str, *arguments: str | Path) -> str:
    """What a checker says; it finds no network, and fails the test unless it is content."""
    proxy = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:1")
    argv = [found(name) or name, *map(str, arguments)]
    ran = subprocess.run(argv, env=proxy, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout
