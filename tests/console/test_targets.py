"""What is pressed is large enough on a phone: 24 px by a pointer (WCAG 2.2, 2.5.8), 44 px by a finger."""

from playwright.async_api import Browser

from tests.console.conftest import Console, signed_in
from tests.console.test_browser import life

PHONE = {"width": 360, "height": 740}

BY_POINTER, BY_FINGER = 24, 44

PRESSED = "summary, button, a.button, .acts a, .tabs a, .top nav a, .pages a"
"""What one does something with; a link within a text is as high as its line."""

TYPED_INTO = "select, textarea, input:not([type=hidden])"

SMALL = """([selector, least]) => [...document.querySelectorAll(selector)].flatMap(one => {
  const target = one.matches("[type=checkbox], [type=radio]") ? one.labels[0] ?? one : one
  const {left, width, height} = target.getBoundingClientRect()
  const shown = target.checkVisibility() && width > 1 && left > -100
  return shown && height < least ? [`${height} px: ${one.outerHTML.slice(0, 90)}`] : []
})"""
"""Of what is shown of a selector, what is less high."""


async def test_what_is_pressed_is_large_enough(browser: Browser, console: Console, address: str) -> None:
    ids = await life(console)
    pages = {
        "owner": ("/", "/filters", "/cases/{fish}", "/cases/{fish}/record-cause", "/cases/{fish}/attach-evidence"),
        "reviewer": ("/cases/{major}", "/cases/{major}/accept-plan", "/cases/{closed}", "/overview"),
        "auditor": ("/?view=triage", "/cases/{triage}", "/audits", "/audits/A-1"),
    }
    small = []
    for who, paths in pages.items():
        for fingers in (False, True):
            touch = {"has_touch": fingers, "is_mobile": fingers}
            context = await signed_in(
                browser, console, address, who, viewport=PHONE, java_script_enabled=False, **touch
            )
            for path in paths:
                page = await context.new_page()
                await page.goto(f"/console{path.format(**ids)}")
                assert await page.evaluate("matchMedia('(pointer: coarse)').matches") == fingers
                await page.evaluate(
                    "document.querySelectorAll('details:not([hx-get])').forEach(one => { one.open = true })"
                )
                least = [(PRESSED, BY_FINGER if fingers else BY_POINTER), (TYPED_INTO, BY_POINTER)]
                for asked in least:
                    small += [(path, fingers, one) for one in await page.evaluate(SMALL, asked)]
                assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path
                await page.close()
            await context.close()
    assert small == [], small
