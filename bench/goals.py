"""What is measured, against what, and the goal: an issue of this project sets them."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Goal:
    """A name, what is divided by what, the unit of both, and what the ratio has to be.

    With `of_figure` it is our own figure, and not the ratio, that the goal is about.
    """

    name: str
    means: str
    unit: str
    ratio: float | None
    sense: Literal["at least", "at most"] = "at least"
    of_figure: bool = False

    def holds(self, value: float, ratio: float) -> bool | None:
        """Whether a figure or its ratio reaches the goal; None where there is none."""
        if self.ratio is None:
            return None
        reached = value if self.of_figure else ratio
        return reached >= self.ratio if self.sense == "at least" else reached <= self.ratio


GOALS = {
    goal.name: goal
    for goal in (
        Goal("lifecycle", "five commands / bare workflow of five updates, 50 at once", "lives/s", 0.75),
        Goal("lifecycle_row", "five commands / the same with a local activity that writes rows", "lives/s", 0.95),
        Goal("http", "a command over HTTP / the bare client's update, 50 at once", "commands/s", 0.85),
        Goal("http_p99", "slowest percent of the same", "ms", 1.5, "at most"),
        Goal("http_bare", "a command over HTTP / an update of a bare workflow", "commands/s", None),
        Goal("append", "a comment by transact / INSERT and upsert in one transaction, 10 at once", "commands/s", 0.6),
        Goal("append_moving", "the same with a command that changes state and list", "commands/s", None),
        Goal("subscribers", "a comment by transact with ten subscribers / the same with none", "commands/s", 0.9),
        Goal("inbox_page", "a page of one's tasks, once it is read / the same by a bare template", "pages/s", None),
        Goal("inbox_page_route", "the same page over the app / its queries alone", "pages/s", None),
        Goal("list_page", "a page of 25 of 100,000, once it is read / the same by a bare template", "pages/s", None),
        Goal("list_page_route", "the same page over the app / its queries alone", "pages/s", None),
        Goal(
            "search_page",
            "a page of what holds some words, once it is read / the same by a bare template",
            "pages/s",
            None,
        ),
        Goal("search_page_route", "the same page over the app / its queries alone", "pages/s", None),
        Goal(
            "case_page",
            "the page of a case of sixty events, once it is read / the same by a bare template",
            "pages/s",
            None,
        ),
        Goal("case_page_route", "the same page over the app / its queries alone", "pages/s", None),
        Goal("list", "a page of 50 of a million read as JSON / bare asyncpg", "pages/s", 0.75),
        Goal("list_route", "the same page over the API / bare asyncpg", "pages/s", None),
        Goal("one", "one case of a million read as JSON / bare asyncpg", "cases/s", 0.55),
        Goal("one_route", "the same case over the API / bare asyncpg", "cases/s", None),
        Goal(
            "import",
            "10,000 findings in one document, to the list / bare bulk insert",
            "findings/s",
            3000,
            of_figure=True,
        ),
        Goal("import_again", "the same document once more / the same insert", "findings/s", None),
        Goal("import_started", "one with grades, to the last started workflow / bare starts", "starts/s", 0.9),
        Goal(
            "import_memory",
            "worker and reader at their most / the worker after it",
            "MiB",
            300,
            "at most",
            of_figure=True,
        ),
        Goal("memory", "worker's resident memory per cached open case / bare workflow", "KiB", 1.3, "at most"),
        Goal("start", "workflows started after issue / bare start_workflow, 50 at once", "starts/s", 0.9),
        Goal("fire", "10,000 cases due at once, breach recorded / bare timers; one turn each", "timers/s", 0.8),
    )
}
