"""The handbook: docs/procedure.md and docs/policies.md, made from the tables, docstrings and figures of the rules.

Prose stands in `text/`; what can be read from the rules is read from them, so that a page says what the service does.
"""

from services.handbook.diagrams import diagram
from services.handbook.pages import chapter_of, policies_page, procedure_page

__all__ = ["chapter_of", "diagram", "policies_page", "procedure_page"]
