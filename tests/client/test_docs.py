"""What docs/client.md shows runs as it stands there."""

import ast
import inspect
import json
import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from services.subscriptions import signing
from tests.api.conftest import FINDING
from tests.client.conftest import Clients

PAGE = Path(__file__).parents[2] / "docs" / "client.md"


async def test_the_page(
    clients: Clients, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "leavers.csv").write_bytes(b"leaver,removed\n")
    snippets = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    secret, body = signing.new_secret(), b"{}"
    known: dict[str, Any] = {
        "url": clients.address,
        "key": await clients.desk.key("scanner"),
        "finding": {**FINDING, "grade": None},
        "document": json.dumps([FINDING, {"title": "x"}]).encode(),
        "auditor": clients.of("auditor"),
        "reviewer": clients.of("reviewer"),
        "owner": clients.of("owner"),
        "date": date,
        "headers": signing.signed("1", datetime.now(UTC), body, [signing.new_secret()]),
        "body": body,
        "secret": secret,
    }
    for snippet in snippets:
        code = compile(snippet, str(PAGE), "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        if inspect.iscoroutine(running := eval(code, known)):  # noqa: S307 - our own page
            await running
    await known["scanner"].close()
    said = capsys.readouterr().out
    for words in (
        "created",
        "done 2 2",
        "not_found 404",
        "401 webhook-signature",
        "1 None missing",
        "15 text/csv False",
    ):
        assert words in said, said
    assert (tmp_path / "copy.csv").read_bytes() == b"leaver,removed\n"
    assert (await clients.of("reviewer").nonconformity(known["receipt"].id)).status == "closed"
