"""The minutes of a review as a page: what it tells, to whom, and in a real browser."""

from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]  # it has no types
from playwright.async_api import Browser

from tests.api.test_certificates import MEMBERS, suspended, transfer
from tests.console.conftest import Console, signed_in
from tests.console.test_browser import SCHEMES, WCAG

EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>\u202e"


async def decided(console: Console) -> str:
    """The id of a review that suspended a certificate."""
    for member in MEMBERS:
        await console.desk.get(member, "/v1/me")
    await transfer(console.desk, scope="Hosting " * 40)
    case = (await console.desk.reports("auditor", grade="major", title="A" * 120))["id"]
    await suspended(console.desk, case)
    await console.desk.once("manager", "/v1/certificates/T-1", lambda seen: seen["status"] == "suspended")
    seen = await console.desk.get("manager", f"/v1/nonconformities/{case}")
    return str(seen["review_ids"][0])


async def test_the_page_of_the_minutes_tells_what_the_paper_does(console: Console) -> None:
    review = await decided(console)
    assert f'href="/console/reviews/{review}/minutes"' in (await console.get("member1", f"/reviews/{review}")).text
    page = (await console.get("member1", f"/reviews/{review}/minutes")).text
    stands = await console.desk.get("member1", f"/v1/committee-reviews/{review}")
    for text in ("Minutes of the certification committee", "All agree.", "Until it is closed out.", stands["head"],
                 "I record the decision of the certification committee.", 'href="/console/certificates/T-1"',
                 "Certificate T-1", f"/v1/committee-reviews/{review}/events"):  # fmt: skip
        assert text in page, text
    assert "Draft" not in page
    for ending, begins in (("pdf", b"%PDF"), ("docx", b"PK")):
        answer = await console.get("member1", f"/reviews/{review}/minutes/file?format={ending}&zone=Europe/Vienna")
        assert answer.content.startswith(begins)
    for path in (f"/reviews/{review}/minutes", f"/reviews/{review}/minutes/file"):
        assert (await console.get("owner", path)).status_code == 404


async def test_minutes_of_a_review_that_goes_on_are_a_draft_and_hostile_text_stays_text(console: Console) -> None:
    for member in MEMBERS:
        await console.desk.get(member, "/v1/me")
    case = (await console.desk.reports("auditor", grade="major", title=EVIL))["id"]
    path = await console.desk.review(case)
    await console.desk.signs("member1", path, "vote", choice="suspend", reason=EVIL)
    page = (await console.get("member1", f"/reviews/{path.rpartition('/')[2]}/minutes")).text
    assert "Draft: the committee has not decided yet" in page
    assert page.count("&lt;script&gt;alert(1)") == 2
    assert "<script>alert" not in page
    assert "<img src=x" not in page


async def test_the_minutes_are_accessible_fit_a_phone_and_print(
    browser: Browser, console: Console, address: str
) -> None:
    review = await decided(console)
    context = await signed_in(browser, console, address, "member1", reduced_motion="reduce")
    page, axe, found = await context.new_page(), Axe(), []
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    await page.goto(f"/console/reviews/{review}/minutes")
    for scheme in SCHEMES:
        await page.emulate_media(color_scheme=scheme)
        broken = (await axe.run(page, options=WCAG)).response["violations"]
        found += [(scheme, one["id"], one["nodes"][0]["html"][:200]) for one in broken]
    assert found == []
    await page.set_viewport_size({"width": 360, "height": 740})
    assert await page.evaluate("document.documentElement.scrollWidth") <= 360
    await page.emulate_media(media="print")
    assert not await page.get_by_role("navigation", name="Files").is_visible()
    assert await page.get_by_role("heading", name="Signatures").is_visible()
    assert said == []
    await context.close()
