import re
import textwrap
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.intake import csv_table, profiles
from services.intake.items import Context, Found, Item, Rejected, Skipped, Unreadable
from services.intake.profiles import Column, Profile, ProfileError, Skip

LOG = """\
Audit log of the surveillance audit;;;;;;;
;;;;;;;
NCR No.;Finding;Details;Remarks;Category;Clause;Date;Status
1;Access rights;Not reviewed.;Seen in the register.;Major NC;8.4;31.03.2026;open
2;Training;Records lack.;;Hinweis;7.2;01.04.2026;open
3;Old one;Was settled.;;Minor NC;7.5.3 a);01.04.2026;Closed
"""
STATED = b"""
name = "Audit log"
[fields]
external_id = "NCR No."
title = "Finding"
statement = { columns = ["Details", "Remarks"], join = "\\n\\n", labels = true }
grade = { columns = "category", values = { "Major NC" = "major", "minor nc" = "minor", "Hinweis" = "ofi" } }
standard = { constant = "ISO 9001:2015" }
clause = "Clause"
detected_at = { columns = "Date", format = "%d.%m.%Y" }
[[skip]]
column = "Status"
values = { "closed" = "resolved" }
"""


def read(text: str, profile: Profile) -> list[Item]:
    return list(csv_table.read(text.encode(), Context(client="acme", system="log", profile=profile)))


def test_a_profile_says_which_column_is_which_field() -> None:
    first, second, third = read(LOG, profiles.load(STATED))
    assert isinstance(first, Found)
    finding = first.finding
    assert (finding.source.external_id, finding.title, finding.grade) == ("1", "Access rights", "major")
    assert finding.statement == "Details: Not reviewed.\n\nRemarks: Seen in the register."
    [requirement] = finding.requirements
    assert (requirement.standard, requirement.edition, requirement.clause) == ("ISO 9001", "2015", "8.4")
    assert finding.detected_at is not None
    assert finding.detected_at.isoformat() == "2026-03-31T00:00:00+00:00"
    assert [(flag.code, flag.pointer) for flag in first.flags] == [("date_only", "/detected_at")]
    assert isinstance(second, Found)
    assert (second.finding.grade, second.finding.statement) == ("ofi", "Details: Records lack.")
    assert third == Skipped(2, "3", "resolved")


@pytest.mark.parametrize("as_json", [False, True])
def test_a_profile_survives_its_own_file(as_json: bool) -> None:
    profile = profiles.load(STATED)
    written = profile.model_dump_json() if as_json else profiles.toml(profile, {"title": "because\nof its header"})
    assert profiles.load(written.encode()) == profile


@settings(max_examples=100, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["title", "external_id", "statement", "sites"]), st.text(min_size=1, max_size=8), min_size=1
    ),
    st.dictionaries(st.text(max_size=8), st.sampled_from(["resolved", "passed"]), max_size=3),
)
def test_every_profile_survives_its_own_toml(fields: dict[str, str], values: dict[str, profiles.Closed]) -> None:
    with suppress(ValueError):
        profile = Profile(
            fields={name: Column(columns=(header,)) for name, header in fields.items()},
            skip=(Skip(column="Status", values=values),),
        )
        profile.model_dump_json()
        assert profiles.load(profiles.toml(profile).encode()) == profile


@pytest.mark.parametrize(
    ("document", "pointer", "says"),
    [
        (b'[fields]\ntitel = "x"', "/fields/titel", "there is no field 'titel'"),
        (b'[fields]\ntitle = { columns = "x", constant = "y" }', "/fields/title", "either columns or a constant"),
        (b"[fields]\ntitle = { join = 'x' }", "/fields/title", "either columns or a constant"),
        (b'[fields]\ndetected_at = { columns = "x", format = "%d/%m" }', "/fields/detected_at/format", "names year"),
        (b'[fields]\ndetected_at = { columns = "x", format = "%c" }', "/fields/detected_at/format", "is made of"),
        (b'[fields]\ntitle = { columns = "x", format = "%d/%m/%Y" }', "/fields/title/format", "title is no date"),
        (b'[fields]\ndetected_at = { columns = "x", zone = "Mars" }', "/fields/detected_at/zone", "no time zone"),
        (b'[fields]\nclause = "x"', "/fields/clause", "clauses need their standard"),
        (b'encoding = "base64"\n[fields]', "/encoding", "no code page 'base64'"),
        (b'delimiter = "\\""\n[fields]', "/delimiter", "cannot part columns"),
        (b"header_row = 0\n[fields]", "/header_row", "1 or more"),
        (b'[fields]\n[[skip]]\ncolumn = "x"\nvalues = { a = "gone" }', "/skip/0/values/a", "One of these"),
        (b"[fields", "", "Line 1, column 8"),
        (b'{"fields": ', "", "Line 1, column 12"),
        (b"\xff", "", "not UTF-8"),
        (b"", "/fields", "required"),
    ],
)
def test_what_is_wrong_with_a_profile_is_named(document: bytes, pointer: str, says: str) -> None:
    with pytest.raises(ProfileError) as refused:
        profiles.load(document)
    [problem] = refused.value.problems
    assert problem.pointer == pointer
    assert says in problem.detail


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60) | st.text(alphabet='[fields]title="x"\n{}=.:,', max_size=40).map(str.encode))
def test_any_bytes_are_a_profile_or_none(document: bytes) -> None:
    with suppress(ProfileError):
        profiles.load(document)


@pytest.mark.parametrize(
    ("cell", "format", "zone", "at", "flag"),
    [
        ("2026-03-04", None, None, "2026-03-04T00:00:00+00:00", "date_only"),
        ("2026-03-04T10:00:00+01:00", None, None, "2026-03-04T09:00:00+00:00", None),
        ("2026-03-04T10:00:00", None, None, "2026-03-04T10:00:00+00:00", "zone_assumed"),
        ("2026-03-04 10:00", None, "Europe/Berlin", "2026-03-04T09:00:00+00:00", None),
        ("03/04/2026", "%m/%d/%Y", None, "2026-03-04T00:00:00+00:00", "date_only"),
        ("03/04/2026", "%d/%m/%Y", None, "2026-04-03T00:00:00+00:00", "date_only"),
        ("3.4.26 09:30", "%d.%m.%y %H:%M", "Europe/Vienna", "2026-04-03T07:30:00+00:00", None),
    ],
)
def test_dates_are_read_as_stated(cell: str, format: str | None, zone: str | None, at: str, flag: str | None) -> None:
    dated = Column(columns=("When",), format=format, zone=zone)
    own = {"external_id": Column(columns=("Id",)), "title": Column(columns=("T",)), "detected_at": dated}
    [item] = read(f"Id,T,When\n7,x,{cell}", Profile(fields=own))
    assert isinstance(item, Found)
    assert item.finding.detected_at is not None
    assert item.finding.detected_at.isoformat() == at
    assert [found.code for found in item.flags] == ([flag] if flag else [])


@pytest.mark.parametrize(
    ("cell", "format"),
    [("03/04/2026", None), ("31/02/2026", "%d/%m/%Y"), ("2026-03-04", "%d/%m/%Y"), ("46000", None), ("soon", None)],
)
def test_a_date_that_is_not_as_stated_is_refused_with_its_place(cell: str, format: str | None) -> None:
    fields = {
        "external_id": Column(columns=("Id",)),
        "title": Column(columns=("T",)),
        "detected_at": Column(columns=("When",), format=format),
    }
    [item] = read(f"Id,T,When\n7,x,{cell}", Profile(fields=fields))
    assert isinstance(item, Rejected)
    assert (item.external_id, item.problem.code, item.problem.pointer) == ("7", "date_format", "/detected_at")
    assert item.problem.detail.startswith(f"Line 2, column 'When': {cell!r}")


def test_every_problem_of_a_row_is_named() -> None:
    lines = LOG.replace("31.03.2026", "2026-03-31").replace("Major NC", "Cat. 3")
    first, *_ = read(lines, profiles.load(STATED))
    assert isinstance(first, Rejected)
    assert [(problem.code, problem.pointer) for problem in first.problems] == [
        ("unknown_value", "/grade"),
        ("date_format", "/detected_at"),
    ]
    assert first.problem.detail.startswith("Line 4, column 'category': 'Cat. 3' is none of the values")


def test_ids_of_several_columns_stay_apart_where_one_is_blank() -> None:
    fields = {"external_id": Column(columns=("A", "B", "C")), "title": Column(columns=("T",))}
    items = read("A,B,C,T\na,b,,x\na,,b,x\n", Profile(fields=fields))
    assert [item.finding.source.external_id for item in items if isinstance(item, Found)] == ["a|b|", "a||b"]


def test_requirements_are_lists_of_lines_or_of_clauses() -> None:
    lines = 'Id,T,R\n1,x,"ISO 9001:2015 8.4; ISO 27001:2022 A.8.3 A.5.1"\n2,y,Clause 8.4\n'
    fields = {name: Column(columns=(header,)) for name, header in (("external_id", "Id"), ("title", "T"))}
    found, refused = read(lines, Profile(fields={**fields, "requirements": Column(columns=("R",))}))
    assert isinstance(found, Found)
    assert [one.clause for one in found.finding.requirements] == ["8.4", "A.8.3", "A.5.1"]
    assert isinstance(refused, Rejected)
    assert (refused.problem.code, refused.problem.pointer) == ("requirement_unread", "/requirements")
    clauses = {"standard": Column(constant="SOC 2"), "clause": Column(columns=("R",), separator=",")}
    [found] = read('Id,T,R\n1,x,"cc_6_1, A1.2"', Profile(fields={**fields, **clauses}))
    assert isinstance(found, Found)
    assert [(one.standard, one.clause) for one in found.finding.requirements] == [("SOC 2", "CC6.1"), ("SOC 2", "A1.2")]


def test_a_long_title_is_cut_and_kept_whole_as_the_statement() -> None:
    [item] = read(
        f"External ID,Title\n1,{'x' * 600}\n",
        Profile(
            fields={
                "external_id": Column(columns=("External ID",)),
                "title": Column(columns=("Title",)),
            }
        ),
    )
    assert isinstance(item, Found)
    assert (len(item.finding.title), len(item.finding.statement)) == (500, 600)
    assert [(flag.code, flag.pointer) for flag in item.flags] == [("cut", "/title")]


def test_a_profile_that_lacks_what_every_finding_needs_is_refused_whole() -> None:
    with pytest.raises(Unreadable) as refused:
        read("Id,T\n1,x", Profile(fields={"external_id": Column(columns=("Id",))}))
    assert (refused.value.code, "title" in refused.value.detail) == ("profile_incomplete", True)


def test_columns_that_are_not_there_are_named_with_the_nearest_row() -> None:
    with pytest.raises(Unreadable) as refused:
        read(LOG.replace("Category", "Kind"), profiles.load(STATED))
    assert (refused.value.code, refused.value.line) == ("columns_missing", 3)
    assert "lacks 'category'" in refused.value.detail


def test_a_key_that_no_column_has_is_named_with_those_that_it_has() -> None:
    with pytest.raises(ProfileError) as refused:
        profiles.load(b'[fields]\nexternal_id = "Id"\ntitle = { columns = "T", fromat = "x" }\n')
    [problem] = refused.value.problems
    assert problem.pointer == "/fields/title"
    assert "no 'fromat'; it has: columns, constant, values, format" in problem.detail


def test_the_profile_that_the_documentation_shows_reads_the_table_that_it_shows() -> None:
    shown = (Path(__file__).parents[2] / "docs" / "imports.md").read_text().partition("## Column profiles")[2]
    table, profile = (
        textwrap.dedent(one) for one in re.findall(r"(?:^    .*\n|\n(?=    ))+", shown, re.MULTILINE)[1:3]
    )
    first, second, third = read(table.strip(), profiles.load(profile.encode()))
    assert isinstance(first, Found)
    assert (first.finding.grade, first.finding.client) == ("major", "acme")
    assert [(one.standard, one.clause) for one in first.finding.requirements] == [("ISO 9001", "8.4")]
    assert str(first.finding.detected_at).startswith("2026-03-31")
    assert isinstance(second, Rejected)
    assert "'31.02.2026' is not of the format %d.%m.%Y" in second.problem.detail
    assert isinstance(third, Skipped)
    assert third.reason == "resolved"


@pytest.mark.parametrize(
    ("field", "pointer"),
    [
        ('grade = { columns = "G", values = { a = "major", b = "huge" } }', "/fields/grade/values/b"),
        ('grade = { constant = "huge" }', "/fields/grade/constant"),
        ('grade = { constant = "x", values = { x = "huge" } }', "/fields/grade/values/x"),
        ('audit_stage = { columns = "S", values = { "1/2" = "third" } }', "/fields/audit_stage/values/1~12"),
        ('history_grade = { columns = "G", values = { a = "4" } }', "/fields/history_grade/values/a"),
    ],
)
def test_a_meaning_that_a_field_cannot_have_is_refused_where_it_stands(field: str, pointer: str) -> None:
    with pytest.raises(ProfileError) as refused:
        profiles.load(f'[fields]\nexternal_id = "No"\n{field}\n'.encode())
    [problem] = refused.value.problems
    assert (problem.code, problem.pointer) == ("shape", pointer)
    assert problem.detail.startswith("One of these is expected here: ")


def test_meanings_are_read_as_cells_are_and_a_blank_one_is_none() -> None:
    stated = b'[fields]\ngrade = { columns = "G", values = { a = "Major ", b = "", c = "ofi" } }\n'
    assert profiles.load(stated).fields["grade"].values["b"] == ""
