"""Static Analysis Results Interchange Format (SARIF 2.1.0): one finding for each result of each run."""

from collections.abc import Iterator, Mapping
from typing import Any

from services.intake import sarif_fields as fields
from services.intake import text
from services.intake.canonical import bound, twice
from services.intake.items import Context, Item, Reason, Rejected, Skipped, Unreadable
from services.intake.parts import Spots, finished, list_at, rejected, text_at
from services.intake.sarif_run import Run

_KINDS: Mapping[str, Reason | None] = {
    "fail": None,
    "pass": "passed",
    "notapplicable": "not_assessed",
    "informational": "not_assessed",
    "open": "not_assessed",
    "review": "not_assessed",
}
"""What a result says of its rule (SARIF 2.1.0, 3.27.9); of the last two a person must decide."""
_THEIRS = {"/title": "/message/text", "/source/system": "/tool/driver/name"}


def read(document: bytes, context: Context) -> Iterator[Item]:
    """One item for each result, run after run. Raises Unreadable and TooLarge before the first item.

    A run that cannot be read, or whose results lie in another file, is one rejected item in its place.
    """
    content = text.Content.of(document, context.limits)
    log = content.only()
    runs = _runs(log)
    bound(sum(len(list_at(run, "results")) or 1 for run in runs), context.limits)
    spots, index = Spots(), 0
    for number, body in enumerate(runs):
        for item in _run(index, number, body, spots, content, context):
            yield item
            index += 1
    if any(list_at(one, "results") for one in list_at(log, "inlineExternalProperties")):
        yield _elsewhere(index, "/inlineExternalProperties")


def claims(value: Any) -> bool:
    """Whether a JSON value is SARIF: it has runs, and a version or a schema of that format."""
    if not isinstance(value, dict) or not isinstance(value.get("runs"), list | None) or "runs" not in value:
        return False
    return str(value.get("version")).startswith("2.") or "sarif" in str(value.get("$schema")).casefold()


def _runs(log: Any) -> list[Any]:
    if not isinstance(log, dict) or "runs" not in log:
        raise Unreadable("no_runs", "A SARIF log is a JSON object with `runs`.", path="/runs")
    if isinstance(log, text.Twice):
        name = log.keys_twice[0]
        raise Unreadable("duplicate_key", f"{name[:40]!r} comes twice.", path=f"/{text.escaped(name)}")
    version = log.get("version")
    if version is not None and not str(version).startswith("2.1"):
        raise Unreadable("unknown_version", f"SARIF {str(version)[:40]!r} is not 2.1.0.", path="/version")
    if not isinstance(log["runs"], list | None):
        raise Unreadable("not_a_list", "runs is not a list.", path="/runs")
    return log["runs"] or []


def _run(index: int, number: int, body: Any, spots: Spots, content: text.Content, context: Context) -> Iterator[Item]:
    path = f"/runs/{number}"
    if not isinstance(body, dict):
        yield rejected(index, None, "not_an_object", "A run is a JSON object.", path)
        return
    results = body.get("results")
    shell = {name: value for name, value in body.items() if name != "results"}
    doubled = f"/{text.escaped(body.keys_twice[0])}" if isinstance(body, text.Twice) else content.doubled(shell)
    if doubled:
        yield Rejected(index, None, [twice(path + doubled)])
    elif results is not None and not isinstance(results, list):
        yield rejected(index, None, "not_a_list", "results is not a list.", f"{path}/results")
    elif not results and list_at(body, "externalPropertyFileReferences", "results"):
        yield _elsewhere(index, f"{path}/externalPropertyFileReferences/results")
    else:
        held, _ = content.held(shell)
        run = Run(number, held)
        for offset, raw in enumerate(results or []):
            yield _item(index + offset, raw, run, spots, content, context)


def _elsewhere(index: int, path: str) -> Rejected:
    detail = "Results lie outside of their run: inline them into it and send the whole log."
    return rejected(index, None, "external_results", detail, path)


def _item(index: int, raw: Any, run: Run, spots: Spots, content: text.Content, context: Context) -> Item:
    result, escaped = content.held(raw)
    if not isinstance(result, dict):
        return rejected(index, None, "not_an_object", "A SARIF result is a JSON object.")
    external_id = fields.external_id(run, result, spots)
    if doubled := content.doubled(raw):
        return Rejected(index, external_id, [twice(doubled)])
    kind = text_at(result, "kind") or "fail"
    if kind.casefold() not in _KINDS:
        return rejected(index, external_id, "unknown_status", f"{kind[:40]!r} is no kind of result.", "/kind")
    if (reason := _closed(result) or _KINDS[kind.casefold()]) is not None:
        return Skipped(index, external_id, reason)
    mapped, flags = fields.mapped(run, result)
    mapped["source"] = {"external_id": external_id}
    return finished(
        index,
        mapped,
        flags,
        context,
        system=(run.tool or "")[:100].strip() or None,
        revision=fields.revision(run),
        escaped=escaped,
        theirs=_THEIRS,
    )


def _closed(result: Mapping[str, Any]) -> Reason | None:
    """Gone since the baseline, or suppressed: one suppression does that which nobody has yet to accept."""
    if (text_at(result, "baselineState") or "").casefold() == "absent":
        return "resolved"
    states = [text_at(one, "status") or "accepted" for one in list_at(result, "suppressions") if isinstance(one, dict)]
    return "suppressed" if any(state.casefold() == "accepted" for state in states) else None
