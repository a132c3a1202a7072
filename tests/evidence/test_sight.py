"""Who sees a file: its client, its uploader, and those who see a case that names it."""

import asyncpg
import pytest

from tests.api.conftest import Desk, Office
from tests.evidence.conftest import PDF, Archive


async def sees(archive: Archive, who: str, file: str) -> bool:
    """Whether somebody sees a file, by every route alike."""
    answers = [await archive.read(who, file)]
    answers += [await archive.desk.ask(who, "GET", f"/v1/evidence/{file}/{part}") for part in ("details", "events")]
    assert len({answer.status_code for answer in answers}) == 1
    assert answers[0].status_code in (200, 404)
    return answers[0].status_code == 200


async def test_before_it_is_attached_only_its_client_and_its_uploader_see_it(archive: Archive) -> None:
    ours = (await archive.keeps("owner"))["id"]
    seen = (await archive.keeps("auditor", b"seen on site", client="acme"))["id"]
    for who, first, second in (
        ("owner", True, True),
        ("internal", True, True),
        ("stranger", False, False),
        ("auditor", False, True),
        ("reviewer", False, False),
        ("manager", False, False),
    ):
        assert (await sees(archive, who, ours), await sees(archive, who, seen)) == (first, second), who


async def test_once_a_case_names_it_whoever_sees_the_case_sees_it(archive: Archive, desk: Desk) -> None:
    kept = await archive.keeps("owner")
    case = await archive.case(kept)
    for who in ("owner", "auditor", "reviewer", "closer"):
        assert await sees(archive, who, kept["id"]), who
    assert not await sees(archive, "stranger", kept["id"])
    assert (await desk.get("reviewer", f"/v1/evidence/{kept['id']}/details"))["cases"] == [case]
    listed = await desk.get("reviewer", "/v1/evidence", case=case)
    assert [one["id"] for one in listed["items"]] == [kept["id"]]
    hidden = await desk.ask("stranger", "GET", "/v1/evidence", params={"case": case})
    assert hidden.status_code == 404
    assert (await desk.get("reviewer", f"/v1/nonconformities/{case}"))["files"] == {kept["sha256"]: kept["id"]}


async def test_naming_the_digest_of_anothers_file_opens_nothing(archive: Archive, desk: Desk) -> None:
    secret = await archive.keeps("stranger", b"what globex alone knows")
    case = await archive.case(secret)
    for who in ("owner", "auditor", "reviewer"):
        assert not await sees(archive, who, secret["id"]), who
    assert (await desk.get("owner", f"/v1/nonconformities/{case}"))["files"] == {}
    assert (await desk.get("owner", "/v1/evidence", case=case))["items"] == []
    assert (await desk.get("stranger", f"/v1/evidence/{secret['id']}/details"))["cases"] == []


async def test_a_key_sees_what_it_uploaded_and_what_its_own_cases_name(archive: Archive) -> None:
    bound, other = await archive.desk.key("lab", client="acme"), await archive.desk.key("other")
    kept = await archive.keeps(bound, name="measured.csv")
    assert kept["client"] == "acme"
    assert (await sees(archive, bound, kept["id"]), await sees(archive, other, kept["id"])) == (True, False)
    await archive.case(kept)
    assert not await sees(archive, other, kept["id"])
    foreign = await archive.send(bound, client="globex")
    assert (foreign.status_code, foreign.json()["code"]) == (403, "another_client")


async def test_files_of_a_merged_client_are_the_survivors(archive: Archive, desk: Desk) -> None:
    theirs = await archive.keeps("stranger")
    answer = await desk.ask("manager", "POST", "/v1/clients/globex/merge", {"into": "acme", "reason": "The same."})
    assert answer.status_code == 200, answer.text
    assert await sees(archive, "owner", theirs["id"])
    assert not await sees(archive, "stranger", theirs["id"])
    assert (await archive.keeps("auditor", client="globex"))["client"] == "acme"


async def test_ids_that_are_none_are_unknown(archive: Archive) -> None:
    for name in ("nothing", "x" * 300, "%00", "..%2f..%2fetc"):
        assert (await archive.read("owner", name)).status_code == 404


@pytest.mark.parametrize("statement", ["UPDATE {} SET actor = 'x'", "DELETE FROM {}", "TRUNCATE {}"])
async def test_what_was_noted_stays_even_for_the_owner(archive: Archive, office: Office, statement: str) -> None:
    await archive.keeps("owner")
    connection = await asyncpg.connect(office.settings.owner)
    try:
        await connection.execute("SELECT closeout.enter($1, NULL)", archive.desk.tenant)
        async with connection.transaction():
            await connection.execute("SELECT closeout.enter($1, NULL)", archive.desk.tenant)
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match="append-only"):
                await connection.execute(statement.format("closeout.evidence_events"))
    finally:
        await connection.close()


async def test_rows_of_another_tenant_are_not_there(archive: Archive, office: Office) -> None:
    kept = await archive.keeps("owner")
    another = Archive(Desk("elsewhere", office, archive.desk.http))
    assert not await sees(another, "owner", kept["id"])
    assert (await archive.read("owner", kept["id"])).content == PDF
