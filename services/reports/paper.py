"""What is put on paper: texts, ready to be shown, by a template for PDF and one for DOCX."""

from pathlib import Path
from typing import ClassVar, Literal

from workflows.people import Frozen

FOLDER = Path(__file__).parent / "templates"


class Paper(Frozen):
    """Something that is put on paper; what of it is not there is empty."""

    kind: ClassVar[str]
    """The name of its templates: of ours, and of a tenant's own."""

    @property
    def heading(self) -> str:
        """What the document is called."""
        raise NotImplementedError


def ours(paper: type[Paper], ending: Literal["typ", "docx"]) -> Path:
    """Our template of a paper."""
    return FOLDER / f"{paper.kind}.{ending}"


def own(paper: type[Paper]) -> str:
    """What a tenant's own template is called, in the folder that bears the tenant's name."""
    return f"{paper.kind}.docx"
