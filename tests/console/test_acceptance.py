"""Several minors accepted at once: each over what was shown of it, by a command of its own, and nothing that moved."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from html import unescape

import httpx
import pytest

from services.api.app import create_app
from tests.console.conftest import Console
from tests.console.test_desk import shown
from workflows.policy_book import PolicyBook


async def waiting(console: Console, count: int, **finding: str) -> list[str]:
    """Cases whose plan waits for its review."""
    ids = []
    for n in range(count):
        reference = f"W-{n}-{finding.get('grade', 'minor')}"
        told = await console.desk.reports("auditor", reference, title=f"Doubt {n}", **finding)
        await console.desk.submitted(told["id"])
        ids.append(told["id"])
    return ids


def picks(page: httpx.Response) -> list[str]:
    """What the list offers to pick."""
    return re.findall(r'name="pick" value="([^"]+)"', page.text)


def signs(page: httpx.Response) -> list[str]:
    """What the confirmation would sign."""
    return [unescape(one) for one in re.findall(r'name="sign" value="([^"]+)"', page.text)]


async def confirmed(console: Console, picked: Sequence[str], of: str = "plan") -> httpx.Response:
    """The confirmation of what was picked."""
    asked = "&".join(f"pick={one}" for one in picked)
    page = await console.get("reviewer", f"/acceptance/confirm?of={of}&{asked}")
    assert page.status_code == 200
    return page


async def state(console: Console, case: str) -> tuple[str, int]:
    """How a case's plan stands, and at which event."""
    told = await console.desk.get("reviewer", f"/v1/nonconformities/{case}")
    return told["plan"]["state"], told["seq"]


async def test_minors_that_the_reader_could_accept_are_offered_and_nothing_else(console: Console) -> None:
    minors = await waiting(console, 2)
    await waiting(console, 1, grade="major")
    await console.desk.reports("auditor", "W-9")
    assert "/console/acceptance" in (await console.get("reviewer", "/?view=mine")).text
    page = await console.get("reviewer", "/acceptance")
    assert {one.partition("@")[0] for one in picks(page)} == set(minors)
    assert picks(await console.get("reviewer", "/acceptance?of=evidence")) == []
    for who in ("owner", "observer", "stranger"):
        assert picks(await console.get(who, "/acceptance")) == []
    assert "/console/acceptance" not in (await console.get("owner", "/?view=living")).text


async def test_each_is_shown_as_the_single_form_shows_it_and_accepted_by_a_command_of_its_own(console: Console) -> None:
    cases = await waiting(console, 3)
    page = await confirmed(console, picks(await console.get("reviewer", "/acceptance")))
    for case in cases:
        told = await console.desk.get("reviewer", f"/v1/nonconformities/{case}")
        for text in (told["number"], told["title"], "Acme Ltd", told["signable"]["accept_plan"]["sha256"]):
            assert f">{text}<" in page.text
        assert told["signable"]["accept_plan"]["meaning"] in unescape(page.text)
    assert page.text.count("round 1") == 3
    assert page.text.count("Give HR the list.") == 3
    sent = signs(page)
    done = await console.post("reviewer", "/acceptance", {"of": "plan", "sign": sent, "note": "Fine."})
    assert "Accepted: 3 of 3." in done.text
    keys = []
    for case in cases:
        [*_, event] = await console.desk.get("reviewer", f"/v1/nonconformities/{case}/events")
        [one] = [one for one in sent if one.startswith(case)]
        assert event["type"] == "nonconformity.plan_accepted"
        assert event["data"]["signature"]["content_sha256"] == one.split("@")[2]
        assert event["data"]["note"] == "Fine."
        assert one.split("@")[2] in done.text
        keys.append(one.split("@")[3])
    assert len(set(keys)) == 3
    before = [await state(console, case) for case in cases]
    again = await console.post("reviewer", "/acceptance", {"of": "plan", "sign": sent, "note": "Fine."})
    assert "Accepted: 3 of 3." in again.text
    assert [await state(console, case) for case in cases] == before


async def test_what_moved_is_not_accepted_and_the_others_are(console: Console) -> None:
    early, late, still = await waiting(console, 3)
    listed = picks(await console.get("reviewer", "/acceptance"))
    await console.desk.does("owner", early, "comment", text="Please wait.")
    page = await confirmed(console, listed)
    assert {one.partition("@")[0] for one in signs(page)} == {late, still}
    assert "It was changed meanwhile: look at it again." in page.text
    await console.desk.does("owner", late, "comment", text="Please wait.")
    done = await console.post("reviewer", "/acceptance", {"of": "plan", "sign": signs(page)})
    assert "Accepted: 1 of 2." in done.text
    assert done.text.count("changed meanwhile, not accepted") == 1
    assert [(await state(console, case))[0] for case in (early, late, still)] == ["submitted", "submitted", "accepted"]


async def test_a_form_that_was_made_by_hand_accepts_nothing_that_it_should_not(console: Console) -> None:
    [major] = await waiting(console, 1, grade="major")
    [minor] = await waiting(console, 1)
    told = await console.desk.get("reviewer", f"/v1/nonconformities/{major}")
    sha256 = told["signable"]["accept_plan"]["sha256"]
    assert signs(await confirmed(console, [f"{major}@{told['seq']}"])) == []
    seq = (await state(console, minor))[1]
    forms = {
        f"{major}@{told['seq']}@{sha256}@k1": "Only minors are accepted together",
        f"{minor}@{seq}@{'0' * 64}@k2": "covers another content",
        f"{minor}@@{sha256}@k3": "was changed meanwhile",
        f"{minor}@{seq}": "Nothing was recorded.",
        "nowhere@1@x@y": "There is no nonconformity nowhere, or none that you may see.",
    }
    for sign, why in forms.items():
        done = await console.post("reviewer", "/acceptance", {"of": "plan", "sign": sign})
        assert why in done.text, sign
        assert "Accepted: 1" not in done.text
    strange = await console.post("stranger", "/acceptance", {"of": "plan", "sign": next(iter(forms))})
    assert f"There is no nonconformity {major}, or none that you may see." in strange.text
    assert told["title"] not in strange.text
    owner = await console.post("owner", "/acceptance", {"of": "plan", "sign": f"{minor}@{seq}@{sha256}@k4"})
    assert "refused" in owner.text
    assert [await state(console, case) for case in (major, minor)] == [("submitted", told["seq"]), ("submitted", seq)]


async def test_who_signed_in_long_ago_proves_it_once_before_anything_is_recorded(console: Console) -> None:
    cases = await waiting(console, 2)
    page = await confirmed(console, picks(await console.get("reviewer", "/acceptance")))
    assert "A signature asks" not in page.text
    form: dict[str, str | list[str]] = {"of": "plan", "sign": signs(page), "note": "A fine plan."}
    office = console.desk.office
    settings = office.settings.model_copy(update={"fresh": timedelta(minutes=5)})
    app = create_app(office.ledger, office.app.state.api.engine, office.ledger.database, settings, PolicyBook.load())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://api") as strict:
        strictly = Console(replace(console.desk, http=strict))
        answer = await strictly.post("reviewer", "/acceptance", form, ago=timedelta(hours=1))
        assert answer.status_code == 401
        assert "fresh=1" in answer.text
        assert "A signature asks that you proved who you are at most 5 minutes ago." in answer.text
        assert "A fine plan." in answer.text
        assert signs(answer) == form["sign"]
        assert [(await state(console, case))[0] for case in cases] == ["submitted", "submitted"]
        done = await strictly.post("reviewer", "/acceptance", {**form, "sign": signs(answer)})
    await app.state.api.nudges.close()
    assert "Accepted: 2 of 2." in done.text


async def test_evidence_is_verified_with_a_statement(console: Console) -> None:
    case = await shown(console)
    page = await confirmed(console, picks(await console.get("reviewer", "/acceptance?of=evidence")), of="evidence")
    assert "list.pdf" in page.text
    empty = await console.post("reviewer", "/acceptance", {"of": "evidence", "sign": signs(page), "statement": " "})
    assert empty.status_code == 422
    assert "Nothing was recorded." in empty.text
    form: dict[str, str | list[str]] = {"of": "evidence", "sign": signs(empty), "statement": "Sampled: effective."}
    assert "Accepted: 1 of 1." in (await console.post("reviewer", "/acceptance", form)).text
    told = await console.desk.get("reviewer", f"/v1/nonconformities/{case}")
    assert told["status"] == "verified"


@pytest.mark.parametrize("path", ["?of=all&after=nowhere", "/confirm", "/confirm?pick=@", "/confirm?pick=%00@1"])
async def test_an_address_that_means_nothing_has_a_page(console: Console, path: str) -> None:
    page = await console.get("reviewer", f"/acceptance{path}")
    assert page.status_code == 200
    assert signs(page) == []


async def test_a_form_of_nobodys_session_is_refused(console: Console) -> None:
    [case] = await waiting(console, 1)
    page = await confirmed(console, picks(await console.get("reviewer", "/acceptance")))
    answer = await console.post("reviewer", "/acceptance", {"of": "plan", "sign": signs(page), "csrf": "csrf-of-owner"})
    assert answer.status_code == 403
    assert (await state(console, case))[0] == "submitted"
