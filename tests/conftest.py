"""What tests share: for each process that runs them one stack with its worker and API, and one browser."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from playwright.async_api import Browser, async_playwright
from temporalio.worker import UnsandboxedWorkflowRunner

from activities.metrics import Metrics
from activities.recording import Recording
from services.api.app import create_app
from services.bootstrap import introduce
from services.connections import open_engine, open_ledger
from services.imports.importing import Importing
from services.ready import Introduction
from services.settings import Settings
from services.stack import Stack
from services.worker import build, build_importing
from tests.desk import Desk, Office, served
from workflows.policy_book import PACKAGED, PolicyBook

LONG = ("e2e", "leaks", "chaos", "api/test_schemathesis.py", "rules/test_machine.py")
"""Where a single test takes long. Processes that run out of tests take over others' last ones, so these come first."""

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    long = tuple(here / name for name in LONG)
    items.sort(key=lambda item: not any(item.path.is_relative_to(one) for one in long))


@pytest.fixture(scope="session")
async def office(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    """The servers, a worker and the app. Whoever uses it keeps to tenants of their own, and expects others beside."""
    known: list[tuple[Settings, Introduction]] = []

    async def introducing(settings: Settings) -> Introduction:
        known.append((settings, await introduce(settings)))
        return known[-1][1]

    data, policies = tmp_path_factory.mktemp("office"), tmp_path_factory.mktemp("policies")
    older = (PACKAGED / "internal.toml").read_text(encoding="utf-8").replace('stages = ["internal"]\n', "")
    older = older.replace('name = "internal"\nversion = "2026-01"', 'name = "older"\nversion = "1"')
    (policies / "older.toml").write_text(older, encoding="utf-8")
    async with Stack(
        Settings.load({"data": data, "policies": policies}, {}), introduce=introducing, services=lambda *_: []
    ):
        settings, introduced = known[0]
        ledger = await open_ledger(settings)
        engine = await open_engine(settings)
        importing = Importing(Recording(ledger, Metrics("worker")), ledger.database, engine, settings.bounds)
        worker = build(engine.client, ledger, engine, UnsandboxedWorkflowRunner())
        async with worker, build_importing(engine, importing, settings.readers):
            app = create_app(ledger, engine, ledger.database, settings, PolicyBook.load(settings.policies))
            yield Office(settings, ledger, app, introduced)
            await app.state.api.nudges.close()
        await ledger.close()


@pytest.fixture(scope="session")
def servers(office: Office) -> Settings:
    """The settings of the servers, for processes and databases of a test's own."""
    return office.settings


@pytest.fixture(scope="session")
async def http(office: Office) -> AsyncIterator[httpx.AsyncClient]:
    """The app without a network between."""
    transport = httpx.ASGITransport(office.app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://api", timeout=30) as client:
        yield client


@pytest.fixture(scope="session")
async def address(office: Office) -> AsyncIterator[str]:
    """The app behind the server of production."""
    async with served(office.app) as address:
        yield address


@pytest.fixture
async def desk(office: Office, http: httpx.AsyncClient) -> Desk:
    """A new certification body with the clients acme and globex."""
    desk = Desk(f"t{uuid4().hex[:12]}", office, http)
    for key, name in (("acme", "Acme Ltd"), ("globex", "Globex Inc")):
        answer = await desk.post("manager", "/v1/clients", {"key": key, "name": name, "aliases": [f"{name}."]})
        assert answer.status_code == 201, answer.text
    return desk


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("there is no chromium on this machine (.ci/chromium installs it)")
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield launched
        await launched.close()
