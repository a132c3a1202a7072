"""Signing in and out in a real browser, which holds pages to their headers and cookies to their flags."""

from collections.abc import AsyncIterator

import pytest
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]
from playwright.async_api import Browser, Page, expect

from tests.console.conftest import browser as chromium
from tests.signin.certified import certified
from tests.signin.conftest import Build
from tests.signin.hostile import CLIENT, SECRET
from tests.signin.serving import free, serving

__all__ = ["chromium"]

WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@pytest.fixture
async def page(chromium: Browser) -> AsyncIterator[Page]:
    """A page without JavaScript: signing in needs none."""
    context = await chromium.new_context(java_script_enabled=False)
    context.set_default_timeout(20_000)
    yield await context.new_page()
    await context.close()


async def sign_out(page: Page) -> None:
    await page.locator("details.who > summary").click()
    await page.get_by_role("button", name="Sign out").click()


async def test_in_as_a_sample_person_by_keyboard_and_out_again(build: Build, page: Page) -> None:
    port = free()
    house = build(listen_port=port)
    async with serving(house.app, port) as url:
        await page.goto(f"{url}/console/?view=all")
        await expect(page.get_by_role("heading", name="Who are you?")).to_be_visible()
        await expect(page.locator("link[rel=icon]")).to_have_attribute("href", "data:,")
        await page.get_by_role("button", name="Priya Raman").focus()
        await page.keyboard.press("Enter")
        await page.wait_for_url(f"{url}/console/?view=all")
        await expect(page.get_by_text("Priya Raman").first).to_be_attached()
        assert {cookie["httpOnly"] for cookie in await page.context.cookies()} == {True}
        await sign_out(page)
        await expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()
        await page.goto(f"{url}/console")
        await expect(page.get_by_role("heading", name="Who are you?")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_its_pages_are_accessible_and_fit_a_phone(build: Build, chromium: Browser, scheme: str) -> None:
    port = free()
    house = build(listen_port=port)
    context = await chromium.new_context(viewport={"width": 360, "height": 740}, color_scheme=scheme)  # type: ignore[arg-type]  # one of its words
    async with serving(house.app, port) as url:
        page = await context.new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        for path in ("/console/sign-in", "/console/signed-out", "/console/callback"):
            await page.goto(url + path)
            found = await Axe().run(page, options=WCAG)
            assert found.violations_count == 0, found.generate_report()
            width = await page.evaluate("document.documentElement.scrollWidth")
            assert width <= 360, path
        assert not [one for one in said if "Content Security Policy" in one or "Content-Security-Policy" in one]
        await context.close()


async def test_in_afresh_and_out_again_by_a_certified_provider(build: Build, page: Page) -> None:
    port = free()
    console = f"http://127.0.0.1:{port}"
    async with certified(console) as issuer:
        named = {"oidc_issuer": issuer, "oidc_client_id": CLIENT, "oidc_client_secret": SECRET}
        house = build(listen_port=port, sample_sign_in=False, **named)
        async with serving(house.app, port):

            async def login() -> None:
                await page.get_by_placeholder("Enter any login").fill("ada")
                await page.get_by_placeholder("and password").fill("any")
                await page.get_by_role("button", name="Sign-in").click()

            await page.goto(f"{console}/console/?view=all")
            assert page.url.startswith(issuer)
            await login()
            await page.wait_for_url(f"{console}/console/?view=all")
            await page.goto(f"{console}/console/sign-in?fresh=1&next=/console/?view=all")
            assert page.url.startswith(issuer)
            await login()
            await page.wait_for_url(f"{console}/console/?view=all")
            await sign_out(page)
            await page.wait_for_url(f"{issuer}/session/end**")
            await page.get_by_role("button", name="Yes, sign me out").click()
            await page.wait_for_url(f"{console}/console/signed-out")
