"""Files of evidence over the real API: kept in a folder, and in a real object store."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.api.app import create_app
from tests.api.conftest import Desk, Office, desk, http, office
from workflows.policy_book import PolicyBook

__all__ = ["desk", "http", "office"]

BOUND = 300_000
"""The bytes of one file at the small archive."""

PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n%%EOF\n"


@dataclass(frozen=True)
class Archive:
    """Uploads and reads of one tenant."""

    desk: Desk

    async def send(
        self,
        who: str,
        content: bytes = PDF,
        name: str = "proof.pdf",
        media_type: str = "application/pdf",
        headers: dict[str, str] | None = None,
        **told: str,
    ) -> httpx.Response:
        """The answer to an upload of raw bytes."""
        sent = {"Content-Type": media_type, **(headers or {})}
        return await self.desk.ask(
            who, "POST", "/v1/evidence", headers=sent, content=content, params={"name": name, **told}
        )

    async def keeps(self, who: str, content: bytes = PDF, **told: Any) -> dict[str, Any]:
        """What became of an upload that is taken."""
        answer = await self.send(who, content, **told)
        assert answer.status_code == 201, answer.text
        kept: dict[str, Any] = answer.json()
        return kept

    async def sends_form(self, who: str, *parts: tuple[str, Any], **told: str) -> httpx.Response:
        """The answer to a form as browsers send it; a part is a field's text, or name, content and type of a file."""
        files = [(name, part if isinstance(part, tuple) else (None, part)) for name, part in parts]
        return await self.desk.ask(who, "POST", "/v1/evidence", files=files, params=told)

    async def read(self, who: str, file: str, **headers: str) -> httpx.Response:
        """The answer to whoever reads a file."""
        return await self.desk.patiently(who, "GET", f"/v1/evidence/{file}", headers=headers)

    async def events(self, who: str, file: str) -> list[tuple[str, dict[str, Any]]]:
        """What was noted of a file, in order."""
        page = await self.desk.get(who, f"/v1/evidence/{file}/events")
        return [(one["type"], one["data"]) for one in page["items"]]

    async def case(self, *files: dict[str, Any], external_id: str = "F-1", **more: Any) -> str:
        """A case of acme whose plan is recorded, with these files attached."""
        case: str = (await self.desk.reports("auditor", external_id))["id"]
        await self.desk.does(
            "owner",
            case,
            "record-cause",
            method="five_whys",
            steps=["Nobody told IT."],
            causes=[{"key": "c1", "text": "HR has no list of systems."}],
            extent={"looked_at": ["all class A systems"], "found": []},
        )
        for file in files:
            attached = {name: file[name] for name in ("name", "sha256", "media_type")}
            await self.desk.does("owner", case, "attach-evidence", shows=["c1"], **attached, **more)
        return case


@pytest.fixture
def archive(desk: Desk) -> Archive:
    return Archive(desk)


def folder(office: Office) -> Path:
    """Where the session's API keeps files."""
    return office.settings.data / "evidence"


def stored(office: Office, desk: Desk) -> list[Path]:
    """What is kept of a tenant."""
    return sorted(path for path in (folder(office) / desk.tenant).glob("*") if path.is_file())


@pytest.fixture
async def small(office: Office, desk: Desk, tmp_path: Path) -> AsyncIterator[Archive]:
    """The same tenant at an API that takes BOUND bytes at most, into a folder of its own."""
    async with another(office, desk, evidence_bytes=BOUND, evidence_store=(tmp_path / "kept").as_uri()) as archive:
        yield archive


class another:  # noqa: N801 - used as a function
    """An API with other settings over the same ledger, for one tenant."""

    def __init__(self, office: Office, desk: Desk, **settings: Any) -> None:
        api = office.app.state.api
        given = office.settings.model_copy(update=settings)
        app = create_app(office.ledger, api.engine, office.ledger.database, given, PolicyBook.load(given.policies))
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        self._http = httpx.AsyncClient(transport=transport, base_url="http://api", timeout=30)
        self._archive = Archive(Desk(desk.tenant, office, self._http))

    async def __aenter__(self) -> Archive:
        return self._archive

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()
