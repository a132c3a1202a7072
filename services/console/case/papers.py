"""The papers of a case: what its page, and whoever decides on it, see of finding, plan, evidence and what was said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from activities.directory.files import File
from services.api import files
from services.api.context import Api
from services.console.case.decisions import Decided, decisions
from services.console.forms.subject import Subject
from services.console.pictures import fishbone
from services.console.pictures import gantt as chart
from services.console.pictures.differences import differences
from services.console.things import history
from services.evidence import previews as showing
from workflows.findings import Finding
from workflows.nonconformity.case import Case
from workflows.nonconformity.completions import Stated, stated
from workflows.nonconformity.correspondence import Exchange, exchanges


@dataclass(frozen=True)
class Papers:
    """What templates show of a case; `files` are those that its evidence names, `previews` as what each is shown."""

    id: str
    case: Case
    finding: Finding | None
    stated: Sequence[Stated]
    told: history.Told
    names: Mapping[str, str]
    left: Mapping[str, datetime]
    fish: fishbone.Fishbone | None
    gantt: chart.Gantt | None
    exchanges: Sequence[Exchange]
    versions: Mapping[str, Sequence[tuple[history.Version, Sequence[Any]]]]
    files: Mapping[str, File]
    previews: Mapping[str, showing.Kind | None]
    decisions: Sequence[Decided]

    def beside(self) -> dict[str, Any]:
        """The same for a page with names of its own that tells something else: what happened is its `history`."""
        return {name: one for name, one in vars(self).items() if name not in ("names", "told")} | {"history": self.told}


async def papers(api: Api, tenant: str, found: Subject, zone: ZoneInfo) -> Papers:
    """The papers of a case as its reader's clock runs. Raises Unavailable."""
    case: Case = found.state
    return filed(found, zone, {file.sha256: file for file in reversed(await files.of_case(api, case, tenant))})


def filed(found: Subject, zone: ZoneInfo, kept: Mapping[str, File]) -> Papers:
    """The same of a case whose uploaded files are known, by their SHA-256."""
    case: Case = found.state
    told = history.told(found.stream.name, found.history)
    return Papers(
        id=found.standing.id,
        case=case,
        finding=case.finding,
        stated=stated(case),
        told=told,
        names=found.names,
        left=found.left,
        fish=_fish(case),
        gantt=chart.gantt(case.actions, told.planned_at, found.standing.now, zone),
        exchanges=exchanges((*case.answered, *case.questions), (*case.settled, *case.complaints)),
        versions={of: _compared(told.versions_of(of)) for of in ("plan", "evidence")},
        files=kept,
        previews={sha256: showing.kind(file) for sha256, file in kept.items()},
        decisions=decisions(found.history, zone),
    )


def _fish(case: Case) -> fishbone.Fishbone | None:
    analysis = case.analysis
    if analysis is None or analysis.method != "ishikawa":
        return None
    return fishbone.fishbone(analysis.causes, case.finding.title if case.finding else "")


def _compared(versions: Sequence[history.Version]) -> list[tuple[history.Version, Sequence[Any]]]:
    """Versions, the latest first, each with how it differs from the one before it."""
    before = [None, *versions]
    pairs: list[tuple[history.Version, Sequence[Any]]] = [
        (version, differences(earlier.content, version.content) if earlier else [])
        for earlier, version in zip(before, versions, strict=False)
    ]
    return pairs[::-1]
