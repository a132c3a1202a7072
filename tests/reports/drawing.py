"""Our own DOCX template, as it is drawn: `python -m tests.reports.drawing` writes it anew."""

import io
from collections.abc import Sequence
from typing import Any

from docx import Document
from docx.document import Document as Paper
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from services.reports.docx import DEFAULT

INK = RGBColor(0x1D, 0x35, 0x57)
QUIET = RGBColor(0x47, 0x55, 0x69)

IDENTIFICATION = (
    ("Client", "{{ client.name }} ({{ client.key }})"),
    ("Sites", "{{ sites|join(', ') }}"),
    ("Department", "{{ department }}"),
    ("Process", "{{ process }}"),
    ("Audit", "{{ audit.ref }}{% if audit.stage %}, {{ audit.stage }}{% endif %}"),
    ("Audit ended on", "{{ audit.ended_on }}"),
    ("Audit team", "{{ audit.team|join(', ') }}"),
    ("Reported", "{{ reported.by }}{% if reported.at %}, {{ reported.at }}{% endif %}"),
    ("Issued", "{{ issued.by }}{% if issued.at %}, {{ issued.at }}{% endif %}"),
    ("Source", "{{ source }}"),
    ("Deadline policy", "{{ policy }}"),
    ("Recurrence of", "{{ recurrence_of }}"),
    ("Systemic, made of", "{{ aggregates|join(', ') }}"),
)


def drawn() -> bytes:  # noqa: PLR0915 - section after section, as it is read
    """The template's bytes."""
    paper = Document()
    _style(paper)
    paper.add_heading("Nonconformity report {{ number }}", 1)
    _line(paper, "{{ title }}", bold=True)
    _line(
        paper,
        "Grade: {{ grade or 'Not graded' }}{% if label %} ({{ label }}){% endif %}    Status: {{ status }}",
        quiet=True,
    )
    _line(paper, "Certification body: {{ body }}    Report made {{ made_at }}", quiet=True)
    _section(paper, "1 Identification")
    _pairs(paper, IDENTIFICATION)
    _section(paper, "2 Requirement")
    _loop(paper, "one in requirements", "{{ one.reference }} {{ one.title }}", "{{ one.text }}")
    _section(paper, "3 Statement of nonconformity")
    _text(paper, "statement")
    _section(paper, "4 Objective evidence")
    _text(paper, "objective_evidence")
    _section(paper, "5 Acknowledgement of receipt")
    _said(paper, "acknowledged")
    _section(paper, "6 Deadlines")
    _table(
        paper,
        "one in deadlines",
        ("Deadline", "{{ one.kind }}"),
        ("Due", "{{ one.due_at }}{% if one.first_due_at != one.due_at %} (first {{ one.first_due_at }}){% endif %}"),
        ("State", "{{ one.state }}{% if one.met_at %}, {{ one.met_at }}{% endif %}"),
        (
            "How it came about",
            "{{ one.explanation|join(' ') }}{% if one.excused %} Excused: {{ one.excused }}{% endif %}",
        ),
    )
    _section(paper, "7 Correction (containment)")
    _text(paper, "correction.text")
    _when(paper, "correction.done_on", "Done on {{ correction.done_on }}")
    _when(paper, "correction.not_possible_because", "Not possible: {{ correction.not_possible_because }}")
    _section(paper, "8 Root cause")
    _line(paper, "Method: {{ analysis.method or 'Not recorded.' }}")
    _loop(paper, "one in analysis.steps", "{{ loop.index }}. {{ one }}")
    _table(
        paper,
        "one in analysis.causes",
        ("Key", "{{ one.key }}"),
        ("Cause", "{{ one.text }}"),
        ("Category", "{{ one.category }}"),
    )
    _when(paper, "analysis.looked_at", "Looked for in: {{ analysis.looked_at|join('; ') }}")
    _when(paper, "analysis.found", "Found: {{ analysis.found|join('; ') }}")
    _loop(paper, "one in sites_affected", "{{ one.site }}: {{ one.affected }}. {{ one.text }}")
    _section(paper, "9 Corrective actions")
    _when(paper, "plan", "Plan: {{ plan }}")
    _table(
        paper,
        "one in actions",
        ("Key", "{{ one.key }}"),
        ("Action", "{{ one.text }}\nRemoves {{ one.causes }}{% if one.after %}; after {{ one.after }}{% endif %}"),
        ("Responsible", "{{ one.owner }}"),
        ("Due", "{{ one.due_on }}"),
        ("Done", "{{ one.done_on or one.state }}"),
    )
    _section(paper, "10 Evidence of implementation")
    _table(
        paper,
        "one in evidence",
        ("Evidence", "{{ one.name }} ({{ one.media_type }}) SHA-256 {{ one.sha256 }}"),
        ("Shows", "{{ one.shows }}"),
        ("Produced on", "{{ one.produced_on }}"),
        ("Attached", "{{ one.attached_by }}, {{ one.attached_at }}"),
    )
    _section(paper, "11 Verification of effectiveness")
    _when(paper, "confirmation.at", "Confirmed by the client: {{ confirmation.text }}")
    _when(paper, "confirmation.at", "{{ confirmation.by }}, {{ confirmation.at }}")
    _when(paper, "follow_up", "{{ follow_up }}")
    _when(paper, "deferral", "{{ deferral }}")
    _text(paper, "verification.text")
    _said(paper, "verification")
    _section(paper, "12 Close-out")
    _when(paper, "ended_because", "{{ ended_because }}")
    _text(paper, "closure.text")
    _said(paper, "closure")
    _section(paper, "13 Review and decisions")
    _table(
        paper,
        "one in decisions",
        ("When", "{{ one.at }}"),
        ("Who", "{{ one.by }}"),
        ("Decision", "{{ one.what }}"),
        ("Reason", "{{ one.why }}"),
    )
    _section(paper, "14 Signatures")
    _table(
        paper,
        "one in signatures",
        ("Signed by", "{{ one.by }}"),
        ("When", "{{ one.at }}{% if one.authenticated %}; authenticated {{ one.authenticated }}{% endif %}"),
        ("Meaning", "{{ one.what }}: {{ one.meaning }}"),
        ("SHA-256 of what was signed", "{{ one.sha256 }}"),
    )
    _foot(paper)
    made = io.BytesIO()
    paper.save(made)
    return made.getvalue()


def _style(paper: Paper) -> None:
    section = paper.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(20)
    section.top_margin = section.bottom_margin = Mm(20)
    normal: Any = paper.styles["Normal"]
    normal.font.name, normal.font.size = "Cambria", Pt(10)
    normal.paragraph_format.space_after = Pt(4)
    for name, size in (("Heading 1", 20), ("Heading 2", 12)):
        style: Any = paper.styles[name]
        style.font.name, style.font.size, style.font.color.rgb = "Cambria", Pt(size), INK
        style.element.rPr.rFonts.set(qn("w:asciiTheme"), "minorHAnsi")
        style.element.rPr.rFonts.attrib.pop(qn("w:asciiTheme"))
        style.element.rPr.rFonts.attrib.pop(qn("w:hAnsiTheme"), None)
    paper.core_properties.title = "Nonconformity report"
    paper.core_properties.author = "Closeout"
    paper.core_properties.comments = ""


def _line(paper: Paper, text: str, *, bold: bool = False, quiet: bool = False) -> None:
    run = paper.add_paragraph().add_run(text)
    run.bold = bold
    if quiet:
        run.font.color.rgb, run.font.size = QUIET, Pt(9)


def _section(paper: Paper, title: str) -> None:
    paper.add_heading(title, 2)


def _text(paper: Paper, field: str) -> None:
    _line(paper, f"{{{{ {field} or 'Not recorded.' }}}}")


def _when(paper: Paper, field: str, text: str) -> None:
    for each in (f"{{%p if {field} %}}", text, "{%p endif %}"):
        _line(paper, each)


def _said(paper: Paper, field: str) -> None:
    _when(paper, f"{field}.at", f"{{{{ {field}.by }}}}, {{{{ {field}.at }}}}")


def _loop(paper: Paper, over: str, *texts: str) -> None:
    for each in (f"{{%p for {over} %}}", *texts, "{%p endfor %}"):
        _line(paper, each)


def _pairs(paper: Paper, pairs: Sequence[tuple[str, str]]) -> None:
    table = paper.add_table(rows=0, cols=2, style="Table Grid")
    for label, value in pairs:
        cells = table.add_row().cells
        cells[0].width, cells[1].width = Mm(45), Mm(125)
        _shade(cells[0])
        cells[0].paragraphs[0].add_run(label).bold = True
        cells[1].paragraphs[0].add_run(value)


def _table(paper: Paper, over: str, *columns: tuple[str, str]) -> None:
    table = paper.add_table(rows=4, cols=len(columns), style="Table Grid")
    head, begin, body, end = table.rows
    marked = head._tr.get_or_add_trPr()
    marked.append(OxmlElement("w:tblHeader"))
    for cell, (label, _) in zip(head.cells, columns, strict=True):
        _shade(cell)
        cell.paragraphs[0].add_run(label).bold = True
    begin.cells[0].text = f"{{%tr for {over} %}}"
    for cell, (_, value) in zip(body.cells, columns, strict=True):
        cell.text = value
    end.cells[0].text = "{%tr endfor %}"


def _shade(cell: Any) -> None:
    shade = OxmlElement("w:shd")
    for name, value in (("w:val", "clear"), ("w:color", "auto"), ("w:fill", "EEF2F7")):
        shade.set(qn(name), value)
    cell._tc.get_or_add_tcPr().append(shade)


def _foot(paper: Paper) -> None:
    foot = paper.sections[0].footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.LEFT
    run = foot.add_run("Times in {{ zone }}. Record up to event {{ seq }}, hash {{ head }}")
    run.font.size, run.font.color.rgb = Pt(7.5), QUIET


if __name__ == "__main__":
    DEFAULT.write_bytes(drawn())
