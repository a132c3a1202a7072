"""Reports over the API's own servers, and forms to render without any."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from services.api.app import create_app
from services.reports.form import Action, Analysis, Audit, Cause, Correction, Form, Named, Said, Stated
from tests.api.conftest import Desk, Office, desk, http, office
from workflows.policy_book import PolicyBook

__all__ = ["desk", "http", "office"]

HOSTILE = '#eval("1+1") #sys.version $x$ *b* <script>alert(1)</script> {{7*7}} {% for %} {_{ 1 }_} &amp; @ref'
"""What a template, a typesetter or a browser would act on."""


def form(**changed: Any) -> Form:
    """A form with little on it."""
    plain: dict[str, Any] = {
        "body": "demo",
        "number": "NC-2026-0007",
        "status": "Open",
        "grade": "Minor",
        "label": "",
        "client": Named(key="acme", name="Acme Ltd"),
        "sites": ("Vienna",),
        "department": "",
        "process": "",
        "language": "",
        "title": "Access rights are not reviewed",
        "statement": "Access rights of leavers were not removed.",
        "objective_evidence": "Three of ten sampled leavers still had accounts.",
        "requirements": (),
        "stated": (),
        "audit": Audit(),
        "source": "audit, F-1",
        "policy": "",
        "recurrence_of": "",
        "aggregates": (),
        "reported": Said(by="Ada", at="2 Mar 2026, 10:00 CET"),
        "issued": Said(by="Ada", at="2 Mar 2026, 10:00 CET"),
        "acknowledged": Said(),
        "deadlines": (),
        "correction": Correction(),
        "analysis": Analysis(),
        "sites_affected": (),
        "plan": "",
        "actions": (),
        "evidence": (),
        "confirmation": Said(),
        "follow_up": "",
        "deferral": "",
        "verification": Said(),
        "closure": Said(),
        "ended_at": "",
        "ended_because": "",
        "decisions": (),
        "signatures": (),
        "zone": "Europe/Vienna",
        "made_at": "3 Mar 2026, 10:00 CET",
        "seq": 2,
        "head": "ab" * 32,
    }
    return Form(**plain | changed)


def hostile() -> Form:
    """A form whose texts are code in some language or other."""
    return form(
        title=HOSTILE,
        statement=HOSTILE,
        client=Named(key="acme", name=HOSTILE),
        stated=(Stated(what="Statement", by="Ada", at="", why=HOSTILE, source=HOSTILE),),
        correction=Correction(text=HOSTILE),
        analysis=Analysis(method="5 whys", steps=(HOSTILE,), causes=(Cause(key="c1", text=HOSTILE, category=""),)),
        actions=(
            Action(
                key="a1", text=HOSTILE, causes="c1", owner=HOSTILE, due_on="", after="", done_on="", state="Planned"
            ),
        ),
    )


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    return tmp_path / "templates"


@pytest.fixture
async def branded(office: Office, desk: Desk, templates: Path) -> AsyncIterator[Desk]:
    """The desk at an installation with a folder of templates."""
    settings = office.settings.model_copy(update={"report_templates": templates})
    engine = office.app.state.api.engine
    app: FastAPI = create_app(
        office.ledger, engine, office.ledger.database, settings, PolicyBook.load(settings.policies)
    )
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://api", timeout=60) as client:
        yield Desk(desk.tenant, office, client)
        await app.state.api.nudges.close()
