"""The pages of the mails to sample people: who reads what in them, and that nothing in a mail comes to life."""

from collections import defaultdict
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]
from playwright.async_api import Browser as Chromium
from playwright.async_api import expect

from services.embedded.mailbox import SENDER, mails
from services.mailbox.box import Box
from tests.console.conftest import browser as chromium
from tests.signin.conftest import Browser, Build, House
from tests.signin.serving import free, serving
from tests.signin.test_browser import WCAG

__all__ = ["chromium"]

PRIYA, EVE = "priya.raman@body.example", "eve@evil.example"
EVIL = """<script>document.title = 'run'</script><img src="{elsewhere}/seen" onerror="document.title = 'run'">
<link rel="stylesheet" href="{elsewhere}/style"><style>@import "{elsewhere}"; p {{ background: url({elsewhere}) }}
</style><meta http-equiv="refresh" content="0; url={elsewhere}"><base href="{elsewhere}/">
<iframe src="{elsewhere}"></iframe>
<form action="{elsewhere}"><button>Send</button></form><p style="color: #123456">Größe</p>
<a href="javascript:document.title='run'">Run</a> <a href="{console}">Act on it</a>"""


def mail(subject: str, text: str, html: str) -> bytes:
    lines = ["Content-Type: multipart/alternative; boundary=b", f"Subject: {subject}", f"From: {SENDER}", ""]
    for kind, body in (("plain", text), ("html", html)):
        lines += ["--b", f"Content-Type: text/{kind}; charset=utf-8", "Content-Transfer-Encoding: 8bit", "", body]
    return "\r\n".join([*lines, "--b--", ""]).encode()


@pytest.fixture
def box(tmp_path: Path) -> Box:
    box = Box(mails(tmp_path))
    box.open()
    return box


@pytest.fixture
def boxed(build: Build, tmp_path: Path, box: Box) -> House:
    """One that keeps the mails to its sample people."""
    return build(sample_mail=True, data=tmp_path)


@pytest.fixture
async def reader(boxed: House) -> AsyncIterator[Browser]:
    async with boxed.browser() as found:
        yield found


async def test_mails_are_listed_by_person_and_read_by_anybody(reader: Browser, box: Box) -> None:
    assert "Nobody was written to yet." in (await reader.one("/issuer/mailbox")).text
    content = mail("Plan due", "Tomorrow.", "<b>Tomorrow.</b>")
    box.put(SENDER, EVE, mail("Other", "x", "x"))
    box.put(SENDER, PRIYA, content)
    assert 'href="/issuer/mailbox"' in (await reader.go("/console/sign-in")).text
    page = (await reader.one("/issuer/mailbox")).text
    assert page.index("Plan due") < page.index("Other")
    assert "Priya Raman <span>1</span>" in page
    assert f"{EVE} <span>1</span>" in page
    page = (await reader.one(f"/issuer/mailbox?to={quote(PRIYA)}")).text
    assert "Plan due" in page
    assert "Other" not in page
    [href] = [part.partition('"')[0] for part in page.split('class="mail" href="')[1:]]
    one = (await reader.one(href)).text
    assert "<h1>Plan due</h1>" in one
    assert ">Tomorrow.</pre>" in one
    assert "<b>Tomorrow.</b>" in (await reader.one(f"{href}/html")).text
    source = await reader.one(f"{href}/source")
    assert source.headers["content-type"] == "text/plain; charset=utf-8"
    assert source.content.endswith(content)


async def test_what_stands_in_a_mail_is_text_on_our_pages_and_alone_in_its_own(reader: Browser, box: Box) -> None:
    evil = EVIL.format(elsewhere="https://evil.example", console=reader.url)
    box.put(SENDER, PRIYA, mail("</title><script>1</script>", f"</pre>{evil}", evil))
    href = f"/issuer/mailbox/{box.ids()[0]}"
    frame = f'<iframe src="{href}/html" title="The mail as HTML" sandbox="allow-popups allow-popups-to-escape-sandbox">'
    for path, is_framed in (("/issuer/mailbox", False), (href, True)):
        page = await reader.one(path)
        assert (frame in page.text) is is_framed
        assert "<script" not in page.text
        assert "<img" not in page.text
        policy = page.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
        assert "frame-src 'self'; " in policy
        assert "frame-ancestors 'none'" in policy
    for path in (f"{href}/html", f"{href}/source"):
        headers = (await reader.one(path)).headers
        alone = headers["content-security-policy"].split("; ")
        assert {"default-src 'none'", "form-action 'none'", "base-uri 'none'", "frame-ancestors 'self'"} <= set(alone)
        assert alone[0] == "sandbox allow-popups allow-popups-to-escape-sandbox"
        assert headers["x-content-type-options"] == "nosniff"
    assert "frame-src" not in (await reader.one("/console/signed-out")).headers["content-security-policy"]


@pytest.mark.parametrize("path", ["", "/html", "/source"])
async def test_a_mail_that_is_not_there(reader: Browser, path: str) -> None:
    for name, status in (("01a2063b-f61c-71b4-8f6c-fec8cf9c9481", 404), ("..%2f..%2ftoken.key", 404), ("x", 422)):
        assert (await reader.one(f"/issuer/mailbox/{name}{path}")).status_code == status


async def test_nobody_reads_by_another_name_of_this_machine(reader: Browser, box: Box) -> None:
    box.put(SENDER, PRIYA, mail("Plan due", "x", "x"))
    for path in ("", f"/{box.ids()[0]}", f"/{box.ids()[0]}/html", f"/{box.ids()[0]}/source"):
        assert (await reader.one(f"/issuer/mailbox{path}", host="evil.example")).status_code == 421


async def test_there_is_none_where_mail_goes_elsewhere(browser: Browser) -> None:
    assert (await browser.one("/issuer/mailbox")).status_code == 404
    assert "mailbox" not in (await browser.go("/console/sign-in")).text


async def test_there_is_none_beside_an_issuer_of_real_people(build: Build, tmp_path: Path, box: Box) -> None:
    given = {"oidc_issuer": "https://issuer.example", "oidc_client_id": "closeout"}
    box.put(SENDER, PRIYA, mail("Plan due", "x", "x"))
    async with build(**given, sample_mail=True, data=tmp_path).browser() as browser:
        assert (await browser.one("/issuer/mailbox")).status_code == 404
        assert (await browser.one(f"/issuer/mailbox/{box.ids()[0]}")).status_code == 404


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_mail_in_a_browser(build: Build, tmp_path: Path, box: Box, chromium: Chromium, scheme: str) -> None:
    port = free()
    house = build(listen_port=port, sample_mail=True, data=tmp_path)
    context = await chromium.new_context(viewport={"width": 360, "height": 740}, color_scheme=scheme)  # type: ignore[arg-type]  # one of its words
    context.set_default_timeout(20_000)
    asked: dict[str, set[str | None]] = defaultdict(set)
    for event in ("requestfinished", "requestfailed"):
        context.on(event, lambda request: asked[urlsplit(request.url).netloc].add(request.failure))
    async with serving(house.app, port) as url:
        evil = EVIL.format(elsewhere="http://evil.example", console=f"{url}/console")
        box.put(SENDER, PRIYA, mail("Plan due " + "x" * 200, "x" * 500, evil))
        page = await context.new_page()
        await page.goto(f"{url}/issuer/mailbox")
        assert (await Axe().run(page, options=WCAG)).violations_count == 0
        await page.get_by_role("link", name="Plan due").click()
        frame = page.frame_locator("iframe")
        await expect(frame.get_by_text("Größe")).to_have_css("color", "rgb(18, 52, 86)")
        assert await page.evaluate("document.documentElement.scrollWidth") <= 360
        await frame.get_by_text("Send").click()
        await frame.get_by_text("Run").click()
        async with context.expect_page() as opened:
            await frame.get_by_text("Act on it").click()
        acted = await opened.value
        await expect(acted.get_by_role("heading", name="Who are you?")).to_be_visible()
        assert await acted.evaluate("self.origin") == url
        assert await page.title() == "Plan due " + "x" * 200 + " · Closeout"
        shown = page.main_frame.child_frames[0]
        assert await shown.evaluate("[self.origin, document.title]") == ["null", ""]
        assert asked.keys() == {urlsplit(url).netloc, "evil.example"}
        assert asked["evil.example"] == {"csp"}
    await context.close()
