from pathlib import Path

from workflows.procedure_text import diagram, document
from workflows.registry import PROCEDURES

PAGE = Path(__file__).parents[2] / "docs" / "procedure.md"


def test_the_page_is_current() -> None:
    # Written anew by `closeout states > docs/procedure.md`.
    assert PAGE.read_text("utf-8") == document(PROCEDURES)


def test_every_command_guard_and_state_is_on_the_page() -> None:
    page = PAGE.read_text("utf-8")
    for procedure in PROCEDURES.values():
        for row in procedure.rows:
            assert f"| `{row.command}`" in page
            assert all(f"`{refusal.code}`" in page for guard in row.guards for refusal in guard.refusals)
            assert row.meaning in page


def test_the_diagram_shows_the_way_to_close_out() -> None:
    shown = diagram(PROCEDURES["nonconformity"])
    for arrow in ("[*] --> reported", "open --> plan_submitted: submit_plan", "verified --> closed: close"):
        assert f"  {arrow}" in shown
    assert "dismissed --> [*]" in shown
