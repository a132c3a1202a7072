import json
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.intake import csv_table, profiles, suggest, xlsx
from services.intake.items import Context, Found, Item, Rejected, Skipped, TooLarge, Unreadable
from services.intake.profiles import Profile, Skip
from services.intake.suggest import Suggestion, date_formats
from tests.intake.samples import SAMPLES, beside

LOG = """\
Audit log of the surveillance audit;;;;;;;
;;;;;;;
NCR No.;Finding;Details;Remarks;Category;Clause;Date;Status
1;Access rights;Not reviewed.;Seen in the register.;Major NC;8.4;31.03.2026;open
2;Training;Records lack.;;Hinweis;7.2;01.04.2026;open
3;Old one;Was settled.;;Minor NC;7.5.3 a);01.04.2026;Closed
"""


def read(text: str, profile: Profile) -> list[Item]:
    return list(csv_table.read(text.encode(), Context(client="acme", system="log", profile=profile)))


def proposed(text: str) -> Suggestion:
    return suggest.suggest(text.encode())


def test_a_suggestion_reads_its_own_document_and_says_why() -> None:
    found = proposed(LOG)
    assert found.layout.header_row == 3
    assert found.profile.fields["grade"].values == {"Major NC": "major", "Hinweis": "ofi", "Minor NC": "minor"}
    assert found.profile.skip == (Skip(column="Status", values={"Closed": "resolved"}),)
    assert found.reasons["external_id"] == "the header 'NCR No.' means it; no two of its 3 sampled values are the same"
    assert [line.partition(":")[0] for line in found.missing] == ["standard", "requirements"]
    assert found.unused == ["Remarks", "Clause"]
    assert profiles.load(found.toml().encode()) == found.profile
    assert "# Missing: standard: 'Clause' looks like clauses" in found.toml()


def test_a_date_whose_day_and_month_could_be_swapped_is_asked_and_not_guessed() -> None:
    text = "External ID,Title,Date\n1,x,03/04/2026\n2,y,05/04/2026\n"
    found = proposed(text)
    assert found.profile.fields["detected_at"].format is None
    [question] = [line for line in found.questions if line.startswith("detected_at")]
    assert "'03/04/2026' may be %d/%m/%Y or %m/%d/%Y" in question
    assert 'state one, such as detected_at = { columns = ["Date"], format = "%d/%m/%Y" }' in question
    assert {type(item) for item in read(text, found.profile)} == {Rejected}
    assert proposed(text + "3,z,31/03/2026\n").profile.fields["detected_at"].format == "%d/%m/%Y"


def test_the_date_that_no_format_fits_is_named() -> None:
    found = proposed("Nr;Titel;Datum\n1;a;01.02.2026\n2;b;31.02.2026\n3;c;13.02.2026\n")
    [question] = [line for line in found.questions if line.startswith("detected_at")]
    assert "%d.%m.%Y fits all but '31.02.2026': state one, such as" in question
    assert found.profile.fields["detected_at"].format is None
    mixed = proposed("Nr;Titel;Datum\n1;a;soon\n2;b;later\n")
    assert any("such as 'soon', 'later'" in line for line in mixed.questions)


@pytest.mark.parametrize(
    ("samples", "formats"),
    [
        (["31.03.2026"], ["%d.%m.%Y"]),
        (["03/31/2026 09:15 PM"], ["%m/%d/%Y %I:%M %p"]),
        (["1 Mar 2026", "12 Jan 2025"], ["%d %b %Y"]),
        (["01-02-03"], ["%d-%m-%y", "%m-%d-%y"]),
        (["31.03.2026", "2026-03-31"], []),
        ([], []),
    ],
)
def test_the_formats_that_fit_all_samples(samples: list[str], formats: list[str]) -> None:
    assert list(date_formats(samples)) == formats


def test_what_is_missing_is_said() -> None:
    found = proposed("Colour,Weight\nred,7\nblue,8\n")
    assert [line.partition(":")[0] for line in found.missing] == ["external_id", "title", "requirements"]
    assert found.unused == ["Colour", "Weight"]


@settings(max_examples=150, deadline=None)
@given(
    st.binary(max_size=80)
    | st.text(alphabet='Id,Title;Date\t|"\n\r1.03/2026é', max_size=80).map(str.encode)
    | st.lists(st.lists(st.text(max_size=6), max_size=4), max_size=4).map(
        lambda rows: "\n".join(";".join(row) for row in rows).encode("utf-8", "surrogatepass")
    )
)
def test_any_bytes_give_a_suggestion_or_a_named_refusal(document: bytes) -> None:
    with suppress(Unreadable, TooLarge):
        found = suggest.suggest(document)
        assert profiles.load(found.toml().encode()) == found.profile
        json.dumps(found.profile.model_dump(mode="json"))


@beside
@pytest.mark.parametrize(
    ("file", "fields", "found", "skipped"),
    [
        ("scanner_other/wiz_multiple_findings.csv", 6, 95, 3),
        ("scanner_other/wiz_resolved_findings.csv", 6, 0, 3),
        ("xlsx/fac-audit-findings-text-workbook.xlsx", 3, 1, 0),
        ("xlsx/fac-audit-findings-text-workbook--EMPTY.xlsx", 3, 0, 0),
        ("xlsx_bad_headers/trestle_good.xlsx", 3, 10, 0),
    ],
)
def test_suggestions_for_real_documents_read_them(file: str, fields: int, found: int, skipped: int) -> None:
    document = (SAMPLES / file).read_bytes()
    profile = suggest.suggest(document).profile
    reader = xlsx if file.endswith(".xlsx") else csv_table
    items = list(reader.read(document, Context(client="acme", system="s", profile=profile)))
    assert len(profile.fields) == fields
    assert [sum(isinstance(item, kind) for item in items) for kind in (Found, Skipped, Rejected)] == [found, skipped, 0]


@beside
def test_a_real_log_has_its_values_where_they_belong() -> None:
    document = (SAMPLES / "scanner_other/wiz_multiple_findings.csv").read_bytes()
    profile = suggest.suggest(document).profile
    first = next(csv_table.read(document, Context(client="acme", system="wiz", profile=profile)))
    assert isinstance(first, Found)
    assert first.finding.detected_at is not None
    assert "\n" in first.finding.statement
    assert len(first.finding.attachments) == 1


@pytest.mark.parametrize(
    "document", [b'{\n "version": "2.1.0",\n "runs": []\n}', b"[\n{}\n]", b"\xef\xbb\xbf <a>\n<b/>\n</a>"]
)
def test_what_is_json_or_xml_has_no_columns(document: bytes) -> None:
    with pytest.raises(Unreadable) as refused:
        suggest.suggest(document)
    assert (refused.value.code, refused.value.line) == ("no_table", 1)


@pytest.mark.parametrize(
    "document",
    [
        b"Dear Sir,\nwe were there, and saw.\nMore prose is here, with commas, and so on.\n",
        b"one\ntwo\nthree\n",
        bytes(range(1, 256)) * 20,
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00",
    ],
)
def test_what_is_no_table_is_said_to_be_none(document: bytes) -> None:
    with pytest.raises(Unreadable, match="The document is no table") as refused:
        suggest.suggest(document)
    assert refused.value.code == "no_table"


def test_a_table_of_unknown_headers_and_one_below_a_long_text_are_tables() -> None:
    assert proposed("Foo;Bar\n1;x\n2;y\n").unused == ["Foo", "Bar"]
    assert "title" in proposed("Some\nlines\nof, all,\nkinds\nId,Title\n1,x\n").profile.fields
