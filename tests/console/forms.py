"""Forms as pages show them: what each carries unseen."""

import re
from html import unescape

import httpx


def hidden(page: httpx.Response, name: str) -> str:
    """What a form carries under a name."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page.text)
    assert found is not None, f"{name} is not in the form"
    return unescape(found[1])


def carried(page: httpx.Response) -> dict[str, str]:
    """What a form carries of where the case was when it was shown."""
    names = ["_seq", "_key"] + (["_sha256"] if "_sha256" in page.text else [])
    return {name: hidden(page, name) for name in names}
