"""A finding that is written down by hand: reported once, beside its audit, by whom the procedure lets report."""

from html import unescape

from tests.api import test_audits as audits
from tests.console.conftest import Console
from tests.console.forms import hidden

PATH = "/new/report"

WRITTEN = {
    "client": "acme",
    "audit": "A-1",
    "title": "Leavers keep their <accounts>",
    "requirements": "ISO/IEC 27001:2022 A.5.18\r\n\r\niso 9001:2015 7.5",
    "statement": "Access rights of leavers were not removed.",
    "objective_evidence": "Three of ten.",
    "sites": "Utrecht",
}


async def test_an_auditor_writes_a_finding_down_and_it_is_one_however_often_it_is_sent(console: Console) -> None:
    await audits.plan(console.desk)
    assert "/console/new/report" in (await console.get("auditor", "/?view=triage")).text
    shown = await console.get("auditor", f"{PATH}?client=acme")
    assert '<option value="acme" selected>' in shown.text
    assert '<option value="A-1">' in shown.text
    form = WRITTEN | {"_key": hidden(shown, "_key")}
    sent = [await console.post("auditor", PATH, form) for _ in range(2)]
    assert [one.status_code for one in sent] == [303, 303], sent[0].text
    assert len({one.headers["location"] for one in sent}) == 1
    path = sent[0].headers["location"].removeprefix("/console")
    told = unescape((await console.get("auditor", path)).text)
    assert "Recorded: Reported (event 1)." in told
    assert "Issue" in told
    case = path.removeprefix("/cases/").partition("?")[0]
    finding = await console.desk.get("auditor", f"/v1/nonconformities/{case}")
    assert (finding["title"], finding["source"]["system"]) == (WRITTEN["title"], "manual")
    assert (finding["audit"]["ref"], finding["audit"]["stage"]) == ("A-1", "stage2")
    assert [(one["standard"], one["edition"], one["clause"]) for one in finding["requirements"]] == [
        ("ISO/IEC 27001", "2022", "A.5.18"),
        ("ISO 9001", "2015", "7.5"),
    ]


async def test_a_reference_given_again_leads_to_the_finding_that_has_it(console: Console) -> None:
    form = {"client": "acme", "title": "Once", "reference": "2026-17"}
    first = (await console.post("auditor", PATH, form)).headers["location"]
    again = (await console.post("auditor", PATH, form | {"_key": "another"})).headers["location"]
    assert first == f"{again}?recorded=1"


async def test_what_is_wrong_with_it_is_said_at_its_field_and_nothing_typed_is_lost(console: Console) -> None:
    await audits.plan(console.desk)
    wrong: list[tuple[str, dict[str, str]]] = [
        ("title", {"title": " "}),
        ("department", {"department": "d" * 300}),
        ("requirements", {"requirements": "r" * 600}),
        ("audit", {"client": "globex"}),
        ("client", {"client": "nobody", "audit": ""}),
    ]
    for at, typed in wrong:
        bad = await console.post("auditor", PATH, WRITTEN | typed)
        assert bad.status_code in (409, 422), (at, bad.status_code)
        assert f'id="f-{at}-said"><span class="fault">' in bad.text, at
        assert "Three of ten.</textarea>" in bad.text
    assert (await console.get("auditor", "/?view=triage")).text.count('name="pick"') == 0


async def test_it_offers_what_the_client_has_in_other_findings(console: Console) -> None:
    await console.desk.reports("auditor", department="People", process="Leavers", sites=["Graz"])
    asked = (await console.get("auditor", PATH)).text
    assert '<option value="People">' not in asked
    assert asked.count("needed to issue") == 3
    asked = (await console.get("auditor", f"{PATH}?client=acme")).text
    assert '<datalist id="f-department-known"><option value="People">' in asked
    assert '<datalist id="f-process-known"><option value="Leavers">' in asked
    assert '<input type="checkbox" name="sites" value="Graz">' in asked
    assert '<input type="checkbox" name="requirements" value="ISO/IEC 27001 A.5.18">' in asked
    assert (await console.get("auditor", f"{PATH}?client=%00")).status_code == 200


async def test_who_does_not_report_has_no_form(console: Console) -> None:
    for who in ("owner", "reviewer", "manager"):
        assert (await console.get(who, PATH)).status_code == 403, who
        assert (await console.post(who, PATH, WRITTEN)).status_code == 403, who
        assert "/console/new/report" not in (await console.get(who, "/")).text, who
