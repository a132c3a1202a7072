"""With what our DOCX templates are drawn (`drawing`): headings, lines, loops and tables of docxtpl's language."""

from collections.abc import Sequence
from typing import Any

from docx import Document
from docx.document import Document as Paper
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

INK = RGBColor(0x1D, 0x35, 0x57)
QUIET = RGBColor(0x47, 0x55, 0x69)


def blank(title: str) -> Paper:
    """A paper with nothing on it, in our style."""
    paper = Document()
    style(paper, title)
    return paper


def style(paper: Paper, title: str) -> None:
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
    paper.core_properties.title = title
    paper.core_properties.author = "Closeout"
    paper.core_properties.comments = ""


def line(paper: Paper, text: str, *, bold: bool = False, quiet: bool = False) -> None:
    run = paper.add_paragraph().add_run(text)
    run.bold = bold
    if quiet:
        run.font.color.rgb, run.font.size = QUIET, Pt(9)


def section(paper: Paper, title: str) -> None:
    paper.add_heading(title, 2)


def text(paper: Paper, field: str) -> None:
    line(paper, f"{{{{ {field} or 'Not recorded.' }}}}")


def when(paper: Paper, field: str, text: str) -> None:
    for each in (f"{{%p if {field} %}}", text, "{%p endif %}"):
        line(paper, each)


def said(paper: Paper, field: str) -> None:
    when(paper, f"{field}.at", f"{{{{ {field}.by }}}}, {{{{ {field}.at }}}}")


def loop(paper: Paper, over: str, *texts: str) -> None:
    for each in (f"{{%p for {over} %}}", *texts, "{%p endfor %}"):
        line(paper, each)


def pairs(paper: Paper, pairs: Sequence[tuple[str, str]]) -> None:
    table = paper.add_table(rows=0, cols=2, style="Table Grid")
    for label, value in pairs:
        cells = table.add_row().cells
        cells[0].width, cells[1].width = Mm(45), Mm(125)
        shade(cells[0])
        cells[0].paragraphs[0].add_run(label).bold = True
        cells[1].paragraphs[0].add_run(value)


def table(paper: Paper, over: str, *columns: tuple[str, str]) -> None:
    table = paper.add_table(rows=4, cols=len(columns), style="Table Grid")
    head, begin, body, end = table.rows
    marked = head._tr.get_or_add_trPr()
    marked.append(OxmlElement("w:tblHeader"))
    for cell, (label, _) in zip(head.cells, columns, strict=True):
        shade(cell)
        cell.paragraphs[0].add_run(label).bold = True
    begin.cells[0].text = f"{{%tr for {over} %}}"
    for cell, (_, value) in zip(body.cells, columns, strict=True):
        cell.text = value
    end.cells[0].text = "{%tr endfor %}"


def shade(cell: Any) -> None:
    shade = OxmlElement("w:shd")
    for name, value in (("w:val", "clear"), ("w:color", "auto"), ("w:fill", "EEF2F7")):
        shade.set(qn(name), value)
    cell._tc.get_or_add_tcPr().append(shade)


def foot(paper: Paper) -> None:
    foot = paper.sections[0].footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.LEFT
    run = foot.add_run("Times in {{ zone }}. Record up to event {{ seq }}, hash {{ head }}")
    run.font.size, run.font.color.rgb = Pt(7.5), QUIET
