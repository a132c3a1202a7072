"""Imports over the real stack: taken at once, read in the background, each item with its receipt."""

import csv
import io
import json
import sys
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from activities.directory import documents, imports
from activities.sweeping import sweep
from services import reading
from services.intake import Unreadable
from services.intake.apart import BATCH, Asked, Batch
from tests.api.conftest import FINDING, Desk, Office
from workflows.people import Actor, Role

JSON = {"Content-Type": "application/json"}


def finding(external_id: str, **changes: Any) -> dict[str, Any]:
    return FINDING | {"source": {"system": "audit", "external_id": external_id}} | changes


def document(*findings: Any) -> bytes:
    return json.dumps(findings).encode()


async def sent(desk: Desk, who: str, content: bytes, headers: dict[str, str] | None = None, **query: Any) -> Any:
    answer = await desk.ask(who, "POST", "/v1/imports", content=content, headers=JSON | (headers or {}), params=query)
    assert answer.status_code == 202, answer.text
    assert answer.headers["location"] == f"/v1/imports/{answer.json()['id']}"
    return answer.json()


async def done(desk: Desk, who: str, one: Any) -> Any:
    return await desk.once(who, f"/v1/imports/{one['id']}", lambda seen: seen["ended_at"] is not None)


async def test_each_item_has_its_receipt(desk: Desk) -> None:
    key = await desk.key("scanner", may_state_grades=True)
    content = document(finding("1"), finding("2", client="nobody"), {"title": "x"}, finding("1"), finding("3"))
    ended = await done(desk, key, await sent(desk, key, content, name="week 47"))
    assert (ended["state"], ended["read"], ended["total"], ended["name"]) == ("done", 5, 5, "week 47")
    assert {result: ended[result] for result in imports.RESULTS} == {
        "created": 2, "duplicate": 1, "updated": 0, "recurred": 0, "skipped": 0, "rejected": 2
    }  # fmt: skip
    assert ended["rate"] > 0
    path = f"/v1/imports/{ended['id']}/items"
    first = await desk.get(key, path, limit=2)
    rest = await desk.get(key, path, cursor=first["next"])
    items = first["items"] + rest["items"]
    assert [item["index"] for item in items] == [0, 1, 2, 3, 4]
    assert [item["result"] for item in items] == ["created", "rejected", "rejected", "duplicate", "created"]
    assert items[1]["problem"]["code"] == "client_unknown"
    assert items[0]["status"] == "open"
    assert items[0]["number"]
    only = await desk.get(key, path, result="rejected")
    assert [item["index"] for item in only["items"]] == [1, 2]
    case = await desk.get("auditor", f"/v1/nonconformities/{items[0]['id']}")
    assert case["number"] == items[0]["number"]
    kept = await desk.ask(key, "GET", f"/v1/imports/{ended['id']}/document")
    assert kept.content == content
    assert kept.headers["content-type"] == "application/octet-stream"


async def test_the_same_document_again_makes_nothing_new(desk: Desk) -> None:
    key = await desk.key("scanner")
    content = document(*(finding(str(n)) for n in range(700)))
    assert (await done(desk, key, await sent(desk, key, content)))["created"] == 700
    again = await done(desk, key, await sent(desk, key, content))
    assert (again["created"], again["duplicate"], again["total"]) == (0, 700, 700)


async def test_a_finding_that_stands_in_two_batches_is_told_as_it_is_stated_last(desk: Desk) -> None:
    key = await desk.key("scanner")
    many = [finding(str(n), grade=None) for n in range(BATCH + 1)]
    content = document(*many, finding("0", title="Otherwise", grade=None))
    first = await done(desk, key, await sent(desk, key, content))
    assert (first["created"], first["duplicate"], first["updated"]) == (BATCH + 1, 1, 0)
    told = (await desk.get(key, f"/v1/imports/{first['id']}/items", limit=1))["items"][0]
    assert (told["result"], [flag["code"] for flag in told["flags"]]) == ("created", ["restated"])
    case = f"/v1/nonconformities/{told['id']}"
    assert (await desk.get("auditor", case))["title"] == "Otherwise"
    again = await done(desk, key, await sent(desk, key, content, {"Idempotency-Key": str(uuid4())}))
    assert (again["created"], again["duplicate"], again["updated"]) == (0, BATCH + 2, 0)
    assert len(await desk.get("auditor", f"{case}/events")) == 1


async def test_a_repeat_with_the_same_key_is_the_same_import(desk: Desk) -> None:
    key, repeat = await desk.key("scanner"), {"Idempotency-Key": str(uuid4())}
    first = await sent(desk, key, document(finding("1")), repeat)
    assert (await sent(desk, key, document(finding("1")), repeat))["id"] == first["id"]
    other = await desk.ask(key, "POST", "/v1/imports", content=document(finding("2")), headers=JSON | repeat)
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")
    assert len((await desk.get(key, "/v1/imports"))["items"]) == 1


async def test_what_cannot_be_read_says_where_and_keeps_its_bytes(desk: Desk) -> None:
    key = await desk.key("scanner")
    ended = await done(desk, key, await sent(desk, key, b'[{"source": '))
    assert (ended["state"], ended["problem"]["status"], ended["problem"]["line"]) == ("failed", 400, 1)
    answer = await desk.ask(key, "POST", "/v1/imports", content=b"x", params={"format": "lotus"})
    assert (answer.status_code, answer.json()["code"]) == (415, "unknown_format")
    answer = await desk.ask(key, "POST", "/v1/imports", content=b"x", params={"profile": "\x00"})
    fault = {"pointer": "/profile", "detail": "This text holds a NUL character, which Postgres cannot keep."}
    assert (answer.status_code, answer.json()["errors"]) == (422, [fault])
    unknown = await done(desk, key, await sent(desk, key, b'{"colour": "red"}'))
    assert (unknown["state"], unknown["problem"]["code"]) == ("failed", "unknown_format")
    odd = await done(desk, key, await sent(desk, key, b'{"colour\\u0000": "red"}'))
    assert (odd["state"], odd["problem"]["code"]) == ("failed", "unknown_format")
    assert "colour\x00" in odd["problem"]["detail"]


async def test_what_is_wrong_with_a_row_names_its_line_and_columns(desk: Desk) -> None:
    key = await desk.key("scanner")
    rows = b"external_id;title;client;detected_at\n1;x;nobody;\n2;;acme;31.02.2026\n"
    ended = await done(desk, key, await sent(desk, key, rows, format="csv"))
    unknown, faulty = [one["problem"] for one in (await desk.get(key, f"/v1/imports/{ended['id']}/items"))["items"]]
    said = "Line 2, column 'client': The client nobody is not registered."
    assert (unknown["code"], unknown["detail"]) == ("client_unknown", said)
    assert unknown["errors"] == [{"pointer": "/client", "detail": said}]
    assert "Line 3, column 'title'" in faulty["detail"] and "Line 3, column 'detected_at'" in faulty["detail"]


async def test_receipts_as_csv_hold_no_formula_and_no_control_character(desk: Desk) -> None:
    key = await desk.key("scanner")
    ended = await done(
        desk, key, await sent(desk, key, document(finding("=1+1"), finding("@x", client="nobody"), finding("n\x00x")))
    )
    answer = await desk.ask(key, "GET", f"/v1/imports/{ended['id']}/items.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["external_id"] for row in rows] == ["'=1+1", "'@x", "n\N{REPLACEMENT CHARACTER}x"]
    assert [row["result"] for row in rows] == ["created", "rejected", "created"]
    assert rows[1]["code"] == "client_unknown"


async def test_a_receipt_says_why_a_stated_grade_was_not_applied(desk: Desk) -> None:
    key = await desk.key("scanner", may_state_grades=True)
    one = await done(desk, key, await sent(desk, key, document(finding("1", requirements=[]), finding("2"))))
    path = f"/v1/imports/{one['id']}/items"
    first, second = (await desk.get(key, path))["items"]
    assert (first["result"], first["flags"][0]["code"], "flags" in second) == ("created", "not_issued", False)
    rows = list(csv.DictReader(io.StringIO((await desk.ask(key, "GET", f"{path}.csv")).text)))
    assert [row["code"] for row in rows] == ["finding_incomplete", ""]
    assert rows[0]["detail"] == first["flags"][0]["detail"]


async def test_a_cancelled_import_ends_before_its_next_batch(desk: Desk) -> None:
    key = await desk.key("scanner")
    one = await sent(desk, key, document(*(finding(str(n)) for n in range(5000))))
    cancelled = await desk.ask(key, "POST", f"/v1/imports/{one['id']}/cancel")
    assert cancelled.status_code == 200
    ended = await done(desk, key, one)
    assert ended["state"] == "cancelled"
    assert ended["read"] < 5000
    again = await desk.ask(key, "POST", f"/v1/imports/{one['id']}/cancel")
    assert again.json()["ended_at"] == ended["ended_at"]


async def test_whatever_an_import_recorded_before_it_was_cancelled_has_its_receipt(desk: Desk) -> None:
    key = await desk.key("scanner")
    one = await sent(desk, key, document(*(finding(str(n)) for n in range(4000))))
    await desk.once(key, f"/v1/imports/{one['id']}", lambda seen: seen["read"] > 0)
    await desk.ask(key, "POST", f"/v1/imports/{one['id']}/cancel")
    ended = await done(desk, key, one)
    assert ended["state"] == "cancelled"
    await is_told_in_full(desk, key, ended)


async def test_what_was_read_before_a_reader_failed_has_its_receipt(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = reading.batches

    async def batches(asked: Asked, *given: Any) -> AsyncGenerator[Batch, None]:
        async with aclosing(whole(asked, *given)) as found:
            async for batch in found:
                yield batch
        raise Unreadable("reader_failed", "Its reader ended before its time (-9).")

    monkeypatch.setattr(reading, "batches", batches)
    key = await desk.key("scanner")
    content = document(*(finding(str(n)) for n in range(2 * BATCH)))
    ended = await done(desk, key, await sent(desk, key, content))
    assert (ended["state"], ended["problem"]["code"], ended["read"]) == ("failed", "reader_failed", 2 * BATCH)
    await is_told_in_full(desk, key, ended)


async def is_told_in_full(desk: Desk, key: str, ended: Any) -> None:
    """That each case that an import made has its receipt, and is counted."""
    answer = await desk.ask(key, "GET", f"/v1/imports/{ended['id']}/items.csv")
    receipts = {row["id"] for row in csv.DictReader(io.StringIO(answer.text))}
    assert ended["created"] == ended["read"] == len(receipts)
    async with desk.office.ledger.database.entered(desk.tenant) as connection:
        rows = await connection.fetch("SELECT id FROM closeout.nonconformities WHERE tenant = $1", desk.tenant)
    assert {row["id"] for row in rows} == receipts


async def test_more_imports_than_readers_wait_their_turn_and_cases_do_not(
    desk: Desk, office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader, go = tmp_path / "reader", tmp_path / "go"
    reader.write_text(f'#!/bin/sh\nwhile [ ! -e "{go}" ]; do sleep 0.05; done\n')
    reader.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(reader))
    key = await desk.key("scanner", may_state_grades=True)
    held = [await sent(desk, key, document(finding(str(n)))) for n in range(office.settings.readers)]
    for one in held:
        await desk.once(key, f"/v1/imports/{one['id']}", lambda seen: seen["state"] == "reading")
    waiting = await sent(desk, key, document(finding("last")))
    await desk.review((await desk.reports(key, "meanwhile", grade="major"))["id"])
    assert (await desk.get(key, f"/v1/imports/{waiting['id']}"))["state"] == "queued"
    cancelled = await desk.ask(key, "POST", f"/v1/imports/{waiting['id']}/cancel")
    assert cancelled.json()["state"] == "cancelled"
    go.touch()
    ends = [await done(desk, key, one) for one in held]
    assert {one["problem"]["code"] for one in ends} == {"reader_failed"}


async def test_a_broken_off_import_goes_on_where_its_receipts_end(desk: Desk) -> None:
    """What was recorded and whose receipts were lost is told as it was the first time."""
    key = await desk.key("scanner")
    content = document(*(finding(str(n)) for n in range(3)), finding("0", title="Otherwise"))
    one = await done(desk, key, await sent(desk, key, content))
    owner = await asyncpg.connect(desk.office.settings.owner)
    async with owner.transaction():
        await owner.execute("SELECT closeout.enter($1, NULL)", desk.tenant)
        await owner.execute("DELETE FROM closeout.import_items WHERE import = $1", one["id"])
        await owner.execute(
            "UPDATE closeout.imports SET state = 'reading', next = 0, created = 0, duplicate = 0, total = NULL, "
            "ended_at = NULL WHERE id = $1",
            one["id"],
        )
    await owner.close()
    # Its workflow, if it has not quite ended yet, takes a nudge for nothing: the sweep comes again, too.
    engine = desk.office.app.state.api.engine
    await engine.client.get_workflow_handle(f"import/{desk.tenant}/{one['id']}").result()
    await engine.nudge(desk.tenant, f"import/{one['id']}")
    ended = await done(desk, key, one)
    assert (ended["state"], ended["created"], ended["duplicate"], ended["updated"]) == ("done", 3, 1, 0)


async def test_who_may(desk: Desk) -> None:
    key, other = await desk.key("scanner"), await desk.key("crawler")
    one = await done(desk, key, await sent(desk, key, document(finding("1"))))
    assert (await desk.ask(other, "GET", f"/v1/imports/{one['id']}")).status_code == 404
    assert (await desk.ask("owner", "GET", f"/v1/imports/{one['id']}")).json()["code"] == "role"
    assert (await desk.ask("observer", "POST", "/v1/imports", content=b"[]")).json()["code"] == "role"
    assert (await desk.get("reviewer", f"/v1/imports/{one['id']}"))["by"].startswith("key:")
    assert (await desk.ask("auditor", "GET", f"/v1/imports/{one['id']}")).status_code == 404
    listed = await desk.get(other, "/v1/imports")
    assert listed["items"] == []


async def test_a_bound_key_sees_what_was_sent_for_its_client(desk: Desk) -> None:
    bound, same = await desk.key("scanner", client="globex"), await desk.key("scanner", client="globex")
    key, repeat = await desk.key("scanner"), {"Idempotency-Key": str(uuid4())}
    content = document(finding("1", client="globex"))
    one = await done(desk, key, await sent(desk, key, content, repeat, client="globex"))
    path = f"/v1/imports/{one['id']}"
    for of in ("", "/items", "/items.csv", "/document"):
        assert (await desk.ask(bound, "GET", path + of)).status_code == 404
    assert (await desk.ask(bound, "POST", f"{path}/cancel")).status_code == 404
    assert (await desk.get(bound, "/v1/imports"))["items"] == []
    own = await done(desk, bound, await sent(desk, bound, content, repeat))
    assert (own["id"] == one["id"], own["duplicate"]) == (False, 1)
    reused = await desk.ask(same, "POST", "/v1/imports?client=globex", content=content, headers=JSON | repeat)
    assert (reused.status_code, reused.json()["code"]) == (422, "key_reused")
    for who, seen in ((same, [own["id"]]), (key, [own["id"], one["id"]])):
        assert [item["id"] for item in (await desk.get(who, "/v1/imports"))["items"]] == seen


async def test_a_finding_whose_client_has_two_names_in_a_document_is_one(desk: Desk) -> None:
    key = await desk.key("scanner")
    names = ("acme", "Acme Ltd.", " ACME LTD")
    content = document(
        *(finding("F-1", client=name, title=f"Said of {name.strip()}") for name in names), finding("F-2")
    )
    items: list[Any] = []
    for result, second in (("created", "created"), ("duplicate", "duplicate")):
        one = await done(desk, key, await sent(desk, key, content))
        items = (await desk.get(key, f"/v1/imports/{one['id']}/items"))["items"]
        assert [item["result"] for item in items] == [result, "duplicate", "duplicate", second]
        flags = [{flag["code"] for flag in item.get("flags", ())} for item in items[:3]]
        assert ["restated" in one for one in flags] == [True, True, False]
        assert len({item["id"] for item in items[:3]}) == 1
    at_once = await desk.ask(key, "POST", "/v1/findings", content=content, headers=JSON)
    assert at_once.json()["duplicates"] == 4
    case = await desk.get("auditor", f"/v1/nonconformities/{items[0]['id']}")
    assert (case["client"], case["title"], case["seq"]) == ("acme", "Said of ACME LTD", 1)


async def test_a_table_that_names_clients_tells_each_its_own_passes(desk: Desk) -> None:
    fields = {"external_id": "Id", "title": "Finding", "client": "Client", "clause": "Clause"}
    profile = {
        "fields": fields | {"standard": {"constant": "ISO 9001:2015"}, "statement": "Finding"},
        "skip": [{"column": "State", "values": {"done": "resolved"}}],
    }
    assert (await desk.ask("manager", "PUT", "/v1/profiles/log", profile)).status_code in (200, 201)
    key, head = await desk.key("log"), "Id;Finding;Client;Clause;State\n"

    async def results(rows: str) -> list[tuple[str, str | None]]:
        csv_of = {"Content-Type": "text/csv"}
        one = await done(desk, key, await sent(desk, key, (head + rows).encode(), csv_of, profile="log"))
        assert one["state"] == "done", one["problem"]
        items = (await desk.get(key, f"/v1/imports/{one['id']}/items"))["items"]
        return [(item["result"], item.get("problem", {}).get("code")) for item in items]

    assert await results("1;Locks;acme;8.4;open\n2;Keys;acme;8.4;open\n") == [("created", None)] * 2
    passes = "1;Locks;globex;8.4;done\n2;Keys;Acme Ltd.;8.4;done\n3;Doors;globex;8.4;done\n"
    assert await results(passes) == [("rejected", "another_finding"), ("updated", None), ("skipped", None)]


async def test_a_pass_that_a_person_sends_is_of_the_system_that_its_row_names(desk: Desk) -> None:
    fields = {"external_id": "Id", "title": "Finding", "system": "System", "client": {"constant": "acme"}}
    profile = {"fields": fields, "skip": [{"column": "State", "values": {"done": "resolved"}}]}
    assert (await desk.ask("manager", "PUT", "/v1/profiles/tools", profile)).status_code in (200, 201)

    async def results(rows: str) -> list[str]:
        content = f"Id;Finding;System;State\n{rows}".encode()
        one = await done(
            desk, "auditor", await sent(desk, "auditor", content, {"Content-Type": "text/csv"}, profile="tools")
        )
        return [item["result"] for item in (await desk.get("auditor", f"/v1/imports/{one['id']}/items"))["items"]]

    assert await results("1;Locks;Nessus;open\n1;Doors;Wiz;open\n1;Keys;;open\n") == ["created"] * 3
    assert await results("1;Locks;Nessus;done\n1;Doors;Burp;done\n1;Keys;;done\n") == ["updated", "skipped", "updated"]


async def test_a_table_is_read_by_its_saved_profile(desk: Desk) -> None:
    profile = b'[fields]\nexternal_id = "Nr"\ntitle = "Was"\nclient = { constant = "acme" }\n'
    saved = await desk.ask("auditor", "PUT", "/v1/profiles/weekly", content=profile)
    assert saved.status_code == 200, saved.text
    assert saved.json()["lacking"] == []
    key = await desk.key("sheet")
    table = "Nr;Was\n1;Zugriffe nicht geprüft\n2;\n".encode()
    headers = {"Content-Type": "text/csv"}
    one = await sent(desk, key, table, headers, profile="weekly")
    ended = await done(desk, key, one)
    assert (ended["state"], ended["created"], ended["rejected"]) == ("done", 1, 1)
    assert ended["read_as"] == "csv"
    assert "Columns are parted by semicolons, as found." in ended["notes"]
    missing = await desk.ask(key, "POST", "/v1/imports", content=table, headers=headers, params={"profile": "other"})
    assert missing.status_code == 404
    bad = await desk.ask("auditor", "PUT", "/v1/profiles/bad", content=b'[fields]\ncolour = "x"\n')
    assert bad.status_code == 422
    assert (await desk.ask("auditor", "DELETE", "/v1/profiles/weekly")).status_code == 204
    assert (await desk.ask("auditor", "GET", "/v1/profiles/weekly")).status_code == 404
    assert Counter(item["name"] for item in (await desk.get(key, "/v1/profiles"))["items"]) == {}


async def test_a_table_without_rows_says_how_it_was_read(desk: Desk) -> None:
    key = await desk.key("sheet")
    ended = await done(desk, key, await sent(desk, key, b"external_id,title,client\n", {"Content-Type": "text/csv"}))
    assert (ended["state"], ended["read"], ended["total"], ended["read_as"]) == ("done", 0, 0, "csv")
    assert "The header is line 1." in ended["notes"]
    assert (await desk.get(key, f"/v1/imports/{ended['id']}/items"))["items"] == []


async def test_the_sweep_finds_an_import_that_nobody_began(desk: Desk) -> None:
    """As after a crash between the row and the workflow."""
    database = desk.office.ledger.database
    content = document(finding("1"))
    actor = Actor(id="key:x", kind="key", roles=frozenset({Role.INTEGRATION}), source="scanner")
    one = imports.Import(
        id=str(uuid4()),
        source="scanner",
        key=None,
        request="00" * 32,
        actor=actor,
        may_create_clients=False,
        document=await documents.keep(database, desk.tenant, content, "scanner", "application/json"),
        media_type="application/json",
        name="",
        format=None,
        client=None,
        profile=None,
        received_at=datetime.now(UTC),
    )
    await imports.enter(database, desk.tenant, one)
    api = desk.office.app.state.api
    owing = await api.ledger.owing(datetime.now(UTC) + timedelta(seconds=5))
    assert (desk.tenant, f"import/{one.id}") in owing
    assert (desk.tenant, f"import/{one.id}") not in await api.ledger.owing(datetime.now(UTC) - timedelta(hours=1))
    await sweep(api.ledger, api.engine, datetime.now(UTC) + timedelta(seconds=5))
    assert (await done(desk, "reviewer", {"id": one.id}))["created"] == 1
    assert (desk.tenant, f"import/{one.id}") not in await api.ledger.owing(datetime.now(UTC) + timedelta(seconds=5))
