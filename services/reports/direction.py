"""Text from right to left in a Word document: marked as such, as word processors ask for it.

Left unmarked, a paragraph in Hebrew or Arabic stands at the left edge, with its full stop at the wrong end.
"""

import io
import unicodedata

from docx import Document
from docx.opc.part import XmlPart
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.text.paragraph import CT_P
from docx.oxml.text.run import CT_R
from docx.text.run import Run

_STRONG = {"L": False, "R": True, "AL": True}
"""Whether a letter of a class runs to the left (Unicode Standard Annex 9, table 4)."""

_AFTER = tuple(
    f"w:{name}"
    for name in (
        "adjustRightInd",
        "snapToGrid",
        "spacing",
        "ind",
        "contextualSpacing",
        "mirrorIndents",
        "suppressOverlap",
        "jc",
        "textDirection",
        "textAlignment",
        "textboxTightWrap",
        "outlineLvl",
        "divId",
        "cnfStyle",
        "rPr",
        "sectPr",
        "pPrChange",
    )
)
"""What follows `w:bidi` in the properties of a paragraph (ISO/IEC 29500-1, 17.3.1.26)."""


def runs_left(text: str) -> bool:
    """Whether the first letter that has a direction runs from right to left (Annex 9, rule P2)."""
    return next((_STRONG[kind] for one in text if (kind := unicodedata.bidirectional(one)) in _STRONG), False)


def marked(document: bytes) -> bytes:
    """A document in which each paragraph and each run that begins from right to left is marked so."""
    paper, made = Document(io.BytesIO(document)), io.BytesIO()
    for part in paper.part.package.iter_parts():
        if isinstance(part, XmlPart):
            for paragraph in part.element.iter(qn("w:p")):
                _mark(paragraph)
    paper.save(made)
    return made.getvalue()


def _mark(paragraph: CT_P) -> None:
    # Runs may stand deeper than in the paragraph itself: in a link, or in a field.
    runs: list[CT_R] = list(paragraph.iter(qn("w:r")))
    if runs_left("".join(run.text for run in runs)):
        properties = paragraph.get_or_add_pPr()
        if properties.find(qn("w:bidi")) is None:
            properties.insert_element_before(OxmlElement("w:bidi"), *_AFTER)
    for run in runs:
        if runs_left(run.text):
            Run(run, None).font.rtl = True  # type: ignore[arg-type]  # whose parent it never asks for
