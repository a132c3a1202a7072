"""Audits and certificates at the console: begun, led on and signed by forms; what their pages tell, and to whom."""

import csv
import io
import re
from html import unescape
from typing import Any

from playwright.async_api import Browser

from services.console.audits.certificates import SHOWN
from tests.api import test_audits as audits
from tests.api import test_certificates as certificates
from tests.api.conftest import day
from tests.console.conftest import Console, signed_in
from tests.console.forms import carried, hidden
from workflows.registry import PROCEDURES

HOSTILE = "<script>alert(1)</script>\"'"

PLANNED = {
    "key": "A-1",
    "client": "acme",
    "stage": "stage2",
    "standards": "iso 27001:2022",
    "team.0.person": "Auditor",
    "team.0.role": "lead",
    "starts_on": day(),
    "ends_on": day(),
    "stage1_waived": "Both were held as one.",
}


async def acts(console: Console, who: str, path: str, **typed: str) -> str:
    """A form filled in and sent; where it leads."""
    shown = await console.get(who, path)
    assert shown.status_code == 200, shown.text
    answer = await console.post(who, path, carried(shown) | typed)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def page(console: Console, who: str, path: str) -> str:
    answer = await console.get(who, path)
    assert answer.status_code == 200, answer.text
    return unescape(answer.text)


async def test_an_audit_is_planned_held_and_concluded_by_its_forms(console: Console) -> None:
    assert "/console/new/plan" in await page(console, "manager", "/audits")
    form = {"_key": hidden(await console.get("manager", "/new/plan"), "_key"), **PLANNED}
    sent = [await console.post("manager", "/new/plan", form) for _ in range(2)]
    assert [one.headers["location"] for one in sent] == ["/console/audits/A-1?recorded=1"] * 2, sent[0].text
    told = await page(console, "auditor", "/audits/A-1?recorded=1")
    assert "Recorded: Planned (event 1)." in told
    assert "The audit has not begun." in told
    assert await acts(console, "auditor", "/audits/A-1/start") == "/console/audits/A-1?recorded=2"
    case = await audits.finds(console.desk, "minor")
    await acts(console, "auditor", "/audits/A-1/note-positive", text="Leavers are known at once.")
    await acts(console, "auditor", "/audits/A-1/end", on=day(), summary="One nonconformity.")
    await audits.accepted(console.desk, case)
    said = {"recommendation": "recommended_on_plan", "reasons": "The plan is good."}
    path = "/audits/A-1/conclude"
    better = await console.post("auditor", path, carried(await console.get("auditor", path)) | said)
    assert better.status_code == 303, better.text
    seen = await console.desk.get("auditor", "/v1/audits/A-1")
    assert (seen["status"], seen["conclusion"]["recommendation"]) == ("concluded", "recommended_on_plan")
    told = await page(console, "owner", "/audits/A-1")
    for words in (
        "Recommended on acceptance of the plan",
        "The plan is good.",
        "I led this audit, and recommend so on what the team found.",
        "Leavers are known at once.",
        "One nonconformity.",
        f'href="/console/cases/{case}"',
        "ISO/IEC 27001:2022",
    ):
        assert words in told, words
    events = await console.desk.get("owner", "/v1/audits/A-1/events")
    assert all(event["hash"][:16] in told for event in events)
    assert "every hash, digest and link holds" in await page(console, "owner", "/audits/A-1/proof")


async def test_an_audit_that_goes_on_ended_on_no_page(console: Console) -> None:
    await audits.plan(console.desk, ends_on=day(3))
    await audits.does(console.desk, "auditor", "A-1", "start")
    case = await audits.finds(console.desk, "minor")
    assert re.search(r"Stage 2, planned until <time[^>]*>", await page(console, "owner", f"/cases/{case}"))
    await audits.does(console.desk, "auditor", "A-1", "end", on=day())
    assert re.search(r"Stage 2, ended <time[^>]*>", await page(console, "owner", f"/cases/{case}"))


async def test_what_is_wrong_with_a_plan_is_said_at_its_field_and_nothing_typed_is_lost(console: Console) -> None:
    bad = await console.post("manager", "/new/plan", PLANNED | {"client": "nobody", "scope": HOSTILE})
    assert bad.status_code == 409, bad.text
    assert re.search(r'id="f-client-said"><span class="fault">', bad.text)
    assert 'value="Both were held as one."' in bad.text or "Both were held as one.</textarea>" in bad.text
    assert HOSTILE not in bad.text
    assert (await console.desk.get("manager", "/v1/audits"))["items"] == []
    for who, status in (("reviewer", 403), ("owner", 403), ("internal", 200)):
        assert (await console.get(who, "/new/plan")).status_code == status, who
    assert (await console.get("manager", "/new/nothing")).status_code == 404


async def test_a_revision_begins_with_what_is_planned(console: Console) -> None:
    await audits.plan(console.desk, scope="All of it", sites=["Vienna"])
    shown = await console.get("auditor", "/audits/A-1/revise")
    assert 'value="Dr. Expert"' in shown.text
    assert "All of it</textarea>" in shown.text
    form = {"standards": "ISO 27001:2022", "scope": "Less", "team.0.person": "Auditor", "team.0.role": "lead"}
    answer = await console.post("auditor", "/audits/A-1/revise", carried(shown) | form)
    assert answer.status_code == 303, answer.text
    seen = await console.desk.get("auditor", "/v1/audits/A-1")
    assert (seen["scope"], seen["sites"], len(seen["team"])) == ("Less", ["Vienna"], 1)


async def test_a_revision_offers_what_exists_and_keeps_what_does_not(console: Console) -> None:
    await console.desk.reports("auditor", sites=["Utrecht", "Graz"])
    await audits.plan(console.desk, sites=["Utrecht", "Vienna"])
    for who, is_told in (("auditor", True), ("internal", False)):
        asked = (await console.get(who, "/new/plan?client=acme")).text
        assert ('<option value="Auditor"></option>' in asked) is is_told, who
    shown = await console.get("auditor", "/audits/A-1/revise")
    assert '<input type="checkbox" name="sites" value="Utrecht" checked>' in shown.text
    assert '<input type="checkbox" name="sites" value="Graz">' in shown.text
    assert "Vienna</textarea>" in shown.text
    assert 'value="ISO/IEC 27001">' not in shown.text  # an edition of it stands there
    assert 'list="f-team-0-person-known"' in shown.text
    form = carried(shown) | {"sites": ["Utrecht", "Graz", "Vienna\r\nLinz"]}
    assert (await console.post("auditor", "/audits/A-1/revise", form)).status_code == 303
    assert (await console.desk.get("auditor", "/v1/audits/A-1"))["sites"] == ["Utrecht", "Graz", "Vienna", "Linz"]


async def test_areas_of_concern_go_to_and_fro(console: Console) -> None:
    await audits.plan(console.desk, stage="stage1")
    assert "/repair-concern" not in await page(console, "owner", "/audits/A-1")
    await acts(console, "auditor", "/audits/A-1/start")
    await acts(console, "auditor", "/audits/A-1/raise-concern", key="k1", text="No internal audit yet.")
    assert "/return-concern" not in await page(console, "auditor", "/audits/A-1")
    assert "k1: No internal audit yet." in await page(console, "owner", "/audits/A-1/repair-concern")
    await acts(console, "owner", "/audits/A-1/repair-concern", key="k1", text="It was held.")
    await acts(console, "auditor", "/audits/A-1/return-concern", key="k1", reason="Of one site only.")
    told = await page(console, "owner", "/audits/A-1")
    assert "It was held." in told
    assert "Of one site only." in told
    await acts(console, "auditor", "/audits/A-1/clear-concern", key="k1")
    assert "Cleared" in await page(console, "owner", "/audits/A-1")


async def test_every_command_on_audits_and_certificates_has_a_form(console: Console) -> None:
    await audits.plan(console.desk)
    await certificates.apply(console.desk)
    for kind, path in (("audit", "/audits/A-1"), ("certificate", "/certificates/C-1")):
        for row in PROCEDURES[kind].rows:
            answer = await console.get("manager", f"{path}/{row.command.replace('_', '-')}")
            assert answer.status_code == (404 if row.internal or "" in row.states else 200), row.command


async def test_findings_stand_by_grade_and_go_out_as_a_log(console: Console) -> None:
    await audits.plan(console.desk)
    await audits.does(console.desk, "auditor", "A-1", "start")
    minor, major = await audits.finds(console.desk, "minor"), await audits.finds(console.desk, "major", "F-2")
    triage = (await console.desk.reports("auditor", "F-3", grade=None, audit={"ref": "A-1", "stage": "stage2"}))["id"]
    other = (await console.desk.reports("auditor", "F-4"))["id"]
    told = await page(console, "auditor", "/audits/A-1")
    places = [told.index(f'href="/console/cases/{one}"><bdi>') for one in (major, minor, triage)]
    assert places == sorted(places)
    assert f'href="/console/cases/{other}"' not in told
    assert triage not in await page(console, "owner", "/audits/A-1")
    log = re.search(r'href="/console(/nonconformity-log[^"]*format=csv[^"]*)"', told)
    assert log is not None
    rows = list(csv.reader(io.StringIO((await console.get("auditor", log[1])).text)))
    assert len(rows) == 4
    told = await page(console, "owner", f"/cases/{major}")
    report = re.search(r'href="/console(/cases/[^"]*/report[^"]*format=pdf[^"]*)"', told)
    assert report is not None
    assert (await console.get("owner", report[1])).content.startswith(b"%PDF")
    assert (await console.get("stranger", report[1])).status_code == 404
    assert len((await console.get("stranger", log[1])).text.splitlines()) == 1


async def test_a_new_audit_leads_to_its_log_and_to_a_finding_of_its_own(console: Console) -> None:
    await audits.plan(console.desk)
    told = await page(console, "auditor", "/audits/A-1")
    for kind in ("xlsx", "csv"):
        log = re.search(rf'href="/console(/nonconformity-log[^"]*format={kind}[^"]*)"', told)
        assert log is not None
        assert (await console.get("auditor", log[1])).status_code == 200
    form = re.search(r'href="/console(/new/report[^"]*)"', told)
    assert form is not None
    begun = (await console.get("auditor", form[1])).text
    assert '<option value="acme" selected>' in begun
    assert '<option value="A-1" selected>' in begun
    sent = await console.post("auditor", "/new/report", {"client": "acme", "audit": "A-1", "title": "Found on its way"})
    assert sent.status_code == 303, sent.text
    assert "Found on its way" in await page(console, "auditor", "/audits/A-1")
    for who in ("owner", "manager", "reviewer"):
        assert "/new/report" not in await page(console, who, "/audits/A-1"), who
    await audits.does(console.desk, "manager", "A-1", "cancel", reason="Nobody was there.")
    assert "/new/report" not in await page(console, "auditor", "/audits/A-1")


async def test_lists_are_filtered_paged_and_ones_own(console: Console) -> None:
    for n in range(3):
        await audits.plan(console.desk, f"A-{n}", "surveillance" if n else "stage2")
        await certificates.transfer(console.desk, f"T-{n}")
    await audits.plan(console.desk, "G-1", client="globex")
    for noun, one in (("audits", "A"), ("certificates", "T")):
        first = await page(console, "reviewer", f"/{noun}?limit=2")
        assert f"/console/{noun}/{one}-1" in first
        assert f"/console/{noun}/{one}-2" not in first
        following = re.search(r'rel="next" href="/console([^"]*)"', first)
        assert following is not None
        assert f"/console/{noun}/{one}-2" in await page(console, "reviewer", f"{following[1]}&limit=2")
        assert "were left out: status." in await page(console, "reviewer", f"/{noun}?status=lost")
    assert "A-0" not in await page(console, "reviewer", "/audits?stage=surveillance")
    assert "There is no certificate in this view." in await page(console, "owner", "/certificates?standard=ISO+9001")
    assert "G-1" not in await page(console, "owner", "/audits")
    assert "There is no certificate in this view." in await page(console, "stranger", "/certificates")
    for path in ("/audits/A-0", "/certificates/T-0", "/audits/A-0/proof", "/audits/A-0/start", "/certificates/none"):
        assert (await console.get("stranger", path)).status_code == 404, path


async def test_a_certificate_is_applied_for_and_granted_by_its_forms(console: Console) -> None:
    assert "/console/new/apply" in await page(console, "manager", "/certificates")
    form = {"key": "C-1", "client": "acme", "standards": "ISO 27001:2022", "sites": "Vienna\nGraz", "scope": HOSTILE}
    sent = await console.post("manager", "/new/apply", form)
    assert sent.headers["location"] == "/console/certificates/C-1?recorded=1", sent.text
    assert "No audit of ISO/IEC 27001 is registered" in await page(console, "member1", "/certificates/C-1")
    await certificates.audited(console.desk)
    shown = await page(console, "member1", "/certificates/C-1/grant")
    assert "S-1: Stage 2, Recommended" in shown
    assert f'value="{day()}"' in shown
    granted = {"issued_on": day(), "expires_on": day(1000), "audit": "S-1", "reason": "The team recommends it."}
    await acts(console, "member1", "/certificates/C-1/grant", **granted)
    seen = await console.desk.get("member1", "/v1/certificates/C-1")
    assert (seen["status"], seen["sites"], seen["audits"]) == ("active", ["Vienna", "Graz"], ["S-1"])
    answer = await console.get("owner", "/certificates/C-1")
    assert HOSTILE not in answer.text
    for words in ("In force", "I had no part in the audit, and decide that certification is granted.", "Vienna"):
        assert words in unescape(answer.text), words
    assert 'href="/console/audits/S-1"' in answer.text
    await console.desk.signs("member2", "/v1/certificates/C-1", "withdraw", reason="The client asks for it.")
    told = await page(console, "manager", "/certificates/C-1")
    assert "The client asks for it." in told
    assert "/console/new/apply?key=C-1" in told


async def test_a_certificate_names_the_cases_that_bear_on_it_and_a_case_what_stands_beside(console: Console) -> None:
    await certificates.transfer(console.desk, "C-1")
    finding: dict[str, Any] = {"audit": {"ref": "A-1", "stage": "surveillance"}, "certificates": ["C-1"]}
    case = (await console.desk.reports("auditor", grade="major", **finding))["id"]
    told = await page(console, "owner", f"/cases/{case}")
    assert 'href="/console/certificates/C-1"' in told
    assert 'href="/console/audits/A-1"' not in told, "nobody planned it"
    await audits.plan(console.desk, stage="surveillance")
    assert 'href="/console/audits/A-1"' in await page(console, "owner", f"/cases/{case}")
    assert "It is open, and on a standard of this certificate." in await page(console, "owner", "/certificates/C-1")
    other = [{"standard": "ISO 9001", "clause": "8.4"}]
    elsewhere = (await console.desk.reports("auditor", "F-2", requirements=other))["id"]
    assert elsewhere not in await page(console, "manager", "/certificates/C-1")
    for member in certificates.MEMBERS:
        await console.desk.get(member, "/v1/me")
    await certificates.suspended(console.desk, case)
    await certificates.becomes(console.desk, "C-1", "suspended")
    told = await page(console, "owner", "/certificates/C-1")
    assert "It is a cause of the suspension." in told
    assert f'href="/console/cases/{case}"' in told


async def test_a_certificate_tells_first_what_is_issued_and_counts_what_is_in_triage(console: Console) -> None:
    await certificates.transfer(console.desk, "C-1")
    for n in range(SHOWN + 1):
        await console.desk.reports("auditor", f"F-{n}", grade="minor")
    major = (await console.desk.reports("auditor", "F-major", grade="major"))["id"]
    triage = [(await console.desk.reports("auditor", f"T-{n}", grade=None, requirements=[]))["id"] for n in range(3)]
    told = await page(console, "manager", "/certificates/C-1")
    shown = re.findall(r'href="/console/cases/([^"/]+)"', told)
    assert (len(shown), shown[0]) == (SHOWN, major)
    assert not set(triage).intersection(shown)
    assert f"These are the first {SHOWN} of them." in told
    assert 'href="/console/?view=living&client=acme"' in told
    assert "In triage are findings of the client that may yet bear on it: 3." in told
    assert 'href="/console/?view=triage&client=acme"' in told
    assert "In triage" not in await page(console, "owner", "/certificates/C-1")


async def test_a_list_that_a_form_began_with_can_be_emptied(console: Console) -> None:
    await audits.plan(console.desk, sites=["Utrecht"], scope="Hosting", team=[{"person": "Auditor"}])
    path = "/audits/A-1/revise"
    await acts(console, "auditor", path, scope="Hosting, and its support")
    told = await console.desk.get("auditor", "/v1/audits/A-1")
    assert (told["sites"], told["scope"], len(told["team"])) == (["Utrecht"], "Hosting, and its support", 1)
    emptied = {"sites": "", "certificates": "", "scope": "", "team.0.person": "", "team.0.role": ""}
    await acts(console, "manager", path, **emptied)
    told = await console.desk.get("manager", "/v1/audits/A-1")
    assert (told["sites"], told["scope"], told["team"]) == ([], "Hosting, and its support", [])


async def test_only_what_the_form_was_opened_for_is_emptied(console: Console) -> None:
    case = (await console.desk.reports("auditor"))["id"]
    causes = [{"key": "c1", "text": "HR has no list."}]
    await console.desk.does("owner", case, "record-cause", method="other", causes=causes)
    planned = {"text": "Do it.", "causes": ["c1"], "owner": "Owner", "due_on": day(5)}
    await console.desk.does("owner", case, "plan-action", key="a1", **planned)
    for key in ("a2", "a3"):
        await console.desk.does("owner", case, "plan-action", key=key, after=["a1"], **planned)
    path = f"/cases/{case}/revise-action"
    about = {"_about": "key=a2", "causes": "c1", "after": ""}
    for sent in ({"key": "a2", "text": "Do it.", "after": ""}, about | {"key": "a3"}, about | {"key": "a2"}):
        await acts(console, "owner", path, **sent)
        after = {one["key"]: one["after"] for one in (await seen(console, case))["actions"]}
        assert after == {"a1": [], "a2": [] if sent == about | {"key": "a2"} else ["a1"], "a3": ["a1"]}


async def seen(console: Console, case: str) -> dict[str, Any]:
    told: dict[str, Any] = await console.desk.get("owner", f"/v1/nonconformities/{case}")
    return told


async def test_in_a_browser_what_was_chosen_is_chosen_no_more(browser: Browser, console: Console, address: str) -> None:
    answer = await console.desk.ask("manager", "PATCH", "/v1/clients/acme", {"sites": ["Utrecht", "Vienna"]})
    assert answer.status_code == 200, answer.text
    await audits.plan(console.desk, sites=["Utrecht"])
    context = await signed_in(browser, console, address, "manager")
    page = await context.new_page()
    await page.goto("/console/audits/A-1/revise")
    await page.get_by_label("Utrecht").uncheck()
    await page.get_by_role("button", name="Revise", exact=True).last.click()
    await page.wait_for_url("**recorded=*")
    assert (await console.desk.get("manager", "/v1/audits/A-1"))["sites"] == []
    await context.close()
