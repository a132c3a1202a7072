"""How people use a page: by pointing at things, or by keyboard alone, with what a keyboard has to find on the way."""

from dataclasses import dataclass
from typing import Any

from playwright.async_api import FilePayload, Locator, Page

MOST = 150
"""So many stops of the Tab key a page may have before what one looks for."""

STOP = """
async wanted => {
  const one = document.activeElement, last = window.lastStop, style = getComputedStyle(one);
  const clamp = (at, most) => Math.min(Math.max(at, 1), most - 1);
  const isSeen = () => {
    const [box] = one.getClientRects();
    const hit = box && document.elementFromPoint(
      clamp(box.left + box.width / 2, innerWidth), clamp(box.top + box.height / 2, innerHeight));
    return hit && (one.contains(hit) || hit.closest("label")?.contains(one));
  };
  const faults = [];
  if (last?.one !== one) {
    for (let frame = 0; frame < 60 && !isSeen(); frame++) await new Promise(requestAnimationFrame);
    if (!isSeen()) faults.push("out of sight, or covered");
    if (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2) faults.push("has no outline");
    if (last && !(last.one.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING)) faults.push("goes back");
    const box = one.getBoundingClientRect(), isInMain = Boolean(one.closest("main"));
    if (innerWidth < 600 && last?.isInMain && box.bottom + scrollY < last.top) faults.push("jumps up");
    window.lastStop = {one, isInMain, top: box.top + scrollY};
  }
  return {found: one === wanted, skip: one.matches(".skip"), faults: faults.map(text => `${text}: ${one.outerHTML}`)};
}
"""
"""What the Tab key came to: whether it is what was looked for, and what is wrong with it there.

One sees it, and that it has the focus; it comes after what had it before, on a narrow page not above it either. In a
field of a date, Tab goes through its parts.
"""


@dataclass(frozen=True)
class Mouse:
    """Points at things; needs no script in the page."""

    page: Page

    def named(self, role: Any, name: str) -> Locator:
        """What a page calls so, outside of its head."""
        return self.page.locator("main").get_by_role(role, name=name, exact=True).first

    def labelled(self, label: str) -> Locator:
        """The first field with such a label."""
        return self.page.locator("main").get_by_label(label).first

    async def presses(self, there: Locator) -> None:
        """A link or a button."""
        await there.click()

    async def writes(self, label: str, text: str) -> None:
        """A text into a field."""
        await self.labelled(label).fill(text)

    async def dates(self, label: str, day: str) -> None:
        """A day, as ISO 8601 has it, into a field of one."""
        await self.labelled(label).fill(day)

    async def picks(self, label: str) -> None:
        """One of several choices."""
        await self.labelled(label).check()

    async def picks_of(self, label: str, word: str) -> None:
        """One of a list that opens."""
        there = self.labelled(label)
        await there.select_option(await there.locator("option", has_text=word).get_attribute("value"))

    async def hands_in(self, label: str, file: FilePayload) -> None:
        """A file."""
        await self.labelled(label).set_input_files(file)


class Keyboard(Mouse):
    """Has Tab, Enter, the space bar and letters; asserts that one sees where one is, and is led on and not about."""

    async def presses(self, there: Locator) -> None:
        await self._goes_to(there)
        await self.page.keyboard.press("Enter")

    async def writes(self, label: str, text: str) -> None:
        await self._goes_to(self.labelled(label))
        await self.page.keyboard.type(text)

    async def dates(self, label: str, day: str) -> None:
        year, month, date = day.split("-")
        await self.writes(label, month + date + year)
        assert await self.labelled(label).input_value() == day

    async def picks(self, label: str) -> None:
        there = self.labelled(label)
        if not await there.is_checked():
            await self._goes_to(there)
            await self.page.keyboard.press("Space")
        assert await there.is_checked()

    async def picks_of(self, label: str, word: str) -> None:
        await self.writes(label, word)
        assert word in await self.labelled(label).locator("option:checked").inner_text()

    async def hands_in(self, label: str, file: FilePayload) -> None:
        await self._goes_to(self.labelled(label))
        async with self.page.expect_file_chooser() as chooser:
            await self.page.keyboard.press("Space")
        await (await chooser.value).set_files(file)

    async def _goes_to(self, there: Locator) -> None:
        wanted = await there.element_handle()
        for _ in range(MOST):
            await self.page.keyboard.press("Tab")
            stop = await self.page.evaluate(STOP, wanted)
            assert stop["faults"] == [], (self.page.url, *stop["faults"])
            if stop["found"]:
                return
            if stop["skip"]:
                await self.page.keyboard.press("Enter")
        raise AssertionError(f"the keyboard does not come to {there} of {self.page.url}")
