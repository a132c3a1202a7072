import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.intake import Context, Found, Item, Limits, Rejected, Skipped, TooLarge, Unreadable, prowler
from tests.intake import fuzz
from tests.intake.samples import SAMPLES, beside

ACME = Context(client="acme")
FIVE = {
    "AUTH_METHOD": "profile",
    "TIMESTAMP": "2026-03-01 14:27:03.913874",
    "ACCOUNT_UID": "804215093766",
    "ACCOUNT_NAME": "platform",
    "FINDING_UID": "prowler-aws-x",
    "PROVIDER": "aws",
    "CHECK_ID": "iam_root_mfa_enabled",
    "CHECK_TITLE": "Ensure MFA is enabled for the root account",
    "STATUS": "FAIL",
    "STATUS_EXTENDED": "MFA is not enabled for the root account.",
    "MUTED": "False",
    "SEVERITY": "critical",
    "RESOURCE_TYPE": "AwsAccount",
    "RESOURCE_UID": "arn:aws:iam::804215093766:root",
    "RESOURCE_NAME": "root",
    "RESOURCE_TAGS": "Owner=identity | env=prod",
    "REGION": "us-east-1",
    "DESCRIPTION": "Checks the root account.",
    "RISK": "Anybody with the password is root.",
    "RELATED_URL": "",
    "REMEDIATION_RECOMMENDATION_URL": "https://docs.example/mfa",
    "COMPLIANCE": "ISO27001-2022: A.5.1, A.8.3 | CIS-2.0: 1.5",
    "NOTES": "Weekly",
}
KEY = "prowler|aws|804215093766|iam_root_mfa_enabled|us-east-1|arn:aws:iam::804215093766:root"
ONE = "PROFILE,ACCOUNT_NUM,REGION,TITLE_ID,RESULT,SCORED,LEVEL,TITLE_TEXT,NOTES"
TWO = (
    "PROFILE,ACCOUNT_NUM,REGION,TITLE_ID,CHECK_RESULT,ITEM_SCORED,ITEM_LEVEL,TITLE_TEXT,CHECK_RESULT_EXTENDED,"
    "CHECK_ASFF_COMPLIANCE_TYPE,CHECK_SEVERITY,CHECK_ASFF_TYPE,CHECK_RESOURCE_ID,PROWLER_START_TIME"
)
THREE = (
    "ASSESSMENT_START_TIME;FINDING_UNIQUE_ID;PROVIDER;ACCOUNT_ID;REGION;CHECK_ID;CHECK_TITLE;STATUS;STATUS_EXTENDED;"
    "SEVERITY;RESOURCE_ID;RESOURCE_ARN;COMPLIANCE;NOTES"
)


def table(*changes: dict[str, str], delimiter: str = ";", end: str = "\n") -> bytes:
    rows = [list(FIVE), *([{**FIVE, **change}[name] for name in FIVE] for change in changes)]
    cells = ([f'"{cell}"' if delimiter in cell or "\n" in cell else cell for cell in row] for row in rows)
    return "".join(delimiter.join(row) + end for row in cells).encode()


def items(document: bytes, context: Context = ACME) -> list[Item]:
    return list(prowler.read(document, context))


def the(item: Item) -> Found:
    assert isinstance(item, Found), item
    return item


def test_a_failed_check_becomes_a_finding() -> None:
    item = the(items(table({}))[0])
    finding = item.finding
    assert (finding.source.system, finding.source.external_id) == ("Prowler", KEY)
    assert (finding.title, finding.statement) == (FIVE["CHECK_TITLE"], FIVE["STATUS_EXTENDED"])
    assert [(one.standard, one.edition, one.clause) for one in finding.requirements] == [
        *(("ISO/IEC 27001", "2022", clause) for clause in ("A.5.15", "A.5.17", "A.8.5", "A.5.1", "A.8.3")),
        ("CIS-2.0", None, "1.5"),
    ]
    assert (finding.severity, finding.proposed_grade, finding.grade) == ("critical", "major", None)
    assert (finding.department, [one.url for one in finding.attachments]) == ("identity", ["https://docs.example/mfa"])
    assert [(flag.code, flag.pointer) for flag in item.flags] == [("zone_assumed", "/detected_at")]
    assert {"Result: FAIL", "Name: root", "NOTES: Weekly", "AUTH_METHOD: profile"} <= set(
        finding.objective_evidence.splitlines()
    )


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_delimiters_and_ends_of_lines(delimiter: str, end: str) -> None:
    found = items(b"\xef\xbb\xbf" + table({}, {"REGION": ""}, delimiter=delimiter, end=end))
    assert [the(item).finding.source.external_id for item in found] == [KEY, KEY.replace("us-east-1", "")]


def test_cells_may_hold_delimiters_quotes_and_ends_of_lines() -> None:
    risk = "One;\ntwo"
    first, second = items(table({"RISK": risk}, {"RISK": 'The "root" account'}))
    assert f"Risk: {risk}" in the(first).finding.objective_evidence
    assert 'Risk: The "root" account' in the(second).finding.objective_evidence


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"STATUS": "PASS"}, "passed"),
        ({"STATUS": "MANUAL"}, "not_assessed"),
        ({"STATUS": "info"}, "not_assessed"),
        ({"STATUS": "WARNING"}, "suppressed"),
        ({"MUTED": "True"}, "suppressed"),
    ],
)
def test_what_is_not_open_is_skipped(change: dict[str, str], reason: str) -> None:
    assert items(table(change)) == [Skipped(0, KEY, reason)]  # type: ignore[arg-type]


def test_version_1() -> None:
    rows = f"{ONE}\n,8042,eu-west-1,1.5,FAIL,Scored,Level 1,[check15] Password policy,No upper case\n"
    finding = the(items(rows.encode())[0]).finding
    assert finding.source.external_id.startswith("prowler|aws|8042|check15|eu-west-1|said:")
    assert (finding.title, finding.statement, finding.severity) == ("[check15] Password policy", "No upper case", None)


def test_version_2() -> None:
    row = (
        ",8042,eu-west-1,1.5,FAIL,Scored,Level 1,[check15] Password policy,No upper case,ens-op.acc.1 Other,Medium,"
        "Industry and Regulatory Standards/CIS AWS Foundations Benchmark,policy,2026-03-01T06:38:21Z"
    )
    item = the(items(f"{TWO}\n{row}\n{row},\n".encode())[1])
    assert item.finding.source.external_id == "prowler|aws|8042|check15|eu-west-1|policy"
    assert [(one.standard, one.clause) for one in item.finding.requirements] == [
        ("ENS", "op.acc.1"),
        ("CIS AWS Foundations Benchmark", "1.5"),
    ]
    assert (str(item.finding.detected_at), list(item.flags)) == ("2026-03-01 06:38:21+00:00", [])


def test_version_3() -> None:
    row = "2026-03-01T14:00:00;uid;gcp;p-1;global;check_x;Title;FAIL;Said;low;name;arn;SOC2: cc_6_7;A note"
    finding = the(items(f"{THREE}\n{row}\n".encode())[0]).finding
    assert finding.source.external_id == "prowler|gcp|p-1|check_x|global|arn"
    assert [(one.standard, one.clause) for one in finding.requirements] == [("SOC 2", "CC6.7")]
    assert "NOTES: A note" in finding.objective_evidence


def test_resources_are_told_apart_where_a_unique_id_is_a_placeholder() -> None:
    found = items(table({"FINDING_UID": "<uid>"}, {"FINDING_UID": "<uid>", "RESOURCE_UID": "arn:other"}))
    assert len({the(item).finding.source.external_id for item in found}) == 2


@pytest.mark.parametrize(
    ("change", "code", "pointer"),
    [
        ({"STATUS": "ODD"}, "unknown_status", "/STATUS"),
        ({"STATUS": ""}, "missing", "/STATUS"),
        ({"CHECK_ID": ""}, "missing", "/CHECK_ID"),
        ({"CHECK_TITLE": " "}, "missing", "/CHECK_TITLE"),
    ],
)
def test_one_bad_row_never_loses_the_batch_and_names_its_line(change: dict[str, str], code: str, pointer: str) -> None:
    _, bad, good = items(table({"RISK": "a\nb"}, change, {}))
    assert isinstance(bad, Rejected)
    assert (bad.problem.code, bad.problem.pointer) == (code, pointer)
    assert bad.problem.detail.startswith("Line 4:")
    the(good)


def test_ragged_rows_and_a_quotation_mark_that_is_not_closed() -> None:
    rows = table({}).decode()
    short, long, good, tail = items(
        f'{rows.splitlines()[0]}\na;b\n{rows.splitlines()[1]};more\n{rows.splitlines()[1]};;\n"a;\nb;c\n'.encode()
    )
    assert [item.problem.code for item in (short, long, tail) if isinstance(item, Rejected)] == ["ragged_row"] * 3
    the(good)
    assert isinstance(tail, Rejected)
    assert tail.problem.detail.startswith("Lines 5 to 6: 1 cells")
    assert "not be closed" in tail.problem.detail


def test_a_cell_beyond_the_bound_of_the_reader_is_one_item() -> None:
    bad, good = items(table({"RISK": "x" * 200_000}, {}))
    assert isinstance(bad, Rejected)
    assert (bad.problem.code, bad.problem.detail[:7]) == ("not_csv", "Line 2:")
    the(good)


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (b"", "empty"),
        (b"a,b\n1,2\n", "no_header"),
        (b"CHECK_ID;CHECK_TITLE;STATUS;STATUS\n", "duplicate_column"),
        (table({}).replace(b"root", b"r\xe9t"), "not_utf8"),
    ],
)
def test_a_document_that_is_none_says_so(document: bytes, code: str) -> None:
    with pytest.raises(Unreadable) as refused:
        items(document)
    assert refused.value.code == code
    assert refused.value.line


def test_bounds_come_before_the_first_item() -> None:
    with pytest.raises(TooLarge):
        next(prowler.read(table({}, {}), Context(client="acme", limits=Limits(items=1))))


def test_text_that_postgres_cannot_hold_is_escaped_and_said() -> None:
    item = the(items(table({"CHECK_TITLE": "a\x00b"}))[0])
    assert (item.finding.title, list(item.escaped)) == ("a\x1a0000b", ["/CHECK_TITLE"])


@pytest.mark.parametrize(
    ("document", "looks"),
    [
        (table(), True),
        (b"\xef\xbb\xbf" + table({}, delimiter=","), True),
        (table({}).decode().encode("utf-16"), True),
        (ONE.encode(), True),
        (TWO.encode() + b"\r\n", True),
        (THREE.encode(), True),
        (b"", False),
        (b"Date,Title,CweId,Url,Severity\n", False),
        (b'{"STATUS": 1}', False),
        (b"PK\x03\x04\xff", False),
    ],
)
def test_looks(document: bytes, looks: bool) -> None:
    assert prowler.looks(document) is looks


CELLS = st.text(alphabet='a;|,"\r\n\t\x00=: ', max_size=12) | st.sampled_from(["FAIL", "PASS", "True", "2026-01-01"])


@settings(max_examples=250, deadline=None)
@given(
    fuzz.ANY_BYTES
    | CELLS.map(lambda cell: f"{THREE}\n{cell}".encode())
    | st.lists(st.dictionaries(st.sampled_from(list(FIVE)), CELLS, max_size=6), max_size=3).map(
        lambda rows: table(*rows)
    )
    | st.lists(st.sampled_from(["CHECK_ID", "CHECK_TITLE", "STATUS", "NOTES", "", "\x00"]) | CELLS, max_size=8).map(
        lambda names: (";".join(names) + "\n" + ";".join(names)).encode()
    )
)
def test_no_bytes_cause_anything_but_items_or_a_named_refusal(document: bytes) -> None:
    fuzz.holds(prowler.read, document)
    assert prowler.looks(document) in {True, False}


@beside
def test_no_other_table_looks_like_it() -> None:
    tables = [file for file in SAMPLES.rglob("*") if file.is_file() and file.parent.name != "prowler_csv"]
    assert [file.name for file in tables if prowler.looks(file.read_bytes())] == []
