"""What the readers of other systems' formats share: values at a path, texts within bounds, references, keys, items."""

import hashlib
import json
import re
from collections.abc import Hashable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from services.intake.items import Context, Found, Rejected
from workflows import findings, standards
from workflows.findings import MANY, REQUIREMENTS, TITLE, Flag, Problem, Unfit, moment

_DETAILS = 2000
_TAG = 200
_KEY_BYTES = 900
"""Below the bound of an external id, so that a number may still follow."""
_SLASHED = re.compile(r"(?P<standard>\S.*?)\s+v(?P<edition>[\d.]+)/(?P<clause>\S+)")
_HUB = re.compile(r"(?:standards/)?(?P<standard>[a-z0-9-]+)/v/(?P<edition>[^/]+)(?:/(?P<control>[^/]+))?")
_WEAKNESS = re.compile(r"CWE[-_ ]?0*(?P<number>\d{1,6})\b", re.IGNORECASE | re.ASCII)
_BARE = re.compile(r"0*(?P<number>\d{1,6})", re.ASCII)
_EXTERNAL = "external/"
_CWE = "CWE"
_OURS = ("ISO", "IEC", "SOC 2")
_NOTHING: tuple[Any, ...] = (None, "", [], {})
OWNERS = ("department", "dept", "owner", "team")
"""The tags of a resource by which its department is known, the first that there is."""


def at(one: Any, *steps: str) -> Any:
    """The value at a path of keys, None where there is none."""
    for step in steps:
        one = one.get(step) if isinstance(one, dict) else None
    return one


def text_at(one: Any, *steps: str) -> str | None:
    """The text at a path of keys, None where there is none or a blank one."""
    value = at(one, *steps)
    return value.strip() or None if isinstance(value, str) else None


def word_at(one: Any, *steps: str) -> str | None:
    """One of the format's fixed words, in capitals."""
    word = text_at(one, *steps)
    return word.upper() if word else None


def list_at(one: Any, *steps: str) -> list[Any]:
    """The list at a path of keys, an empty one where there is none."""
    value = at(one, *steps)
    return value if isinstance(value, list) else []


def whole_at(one: Any, *steps: str) -> int | None:
    """The whole number at a path of keys, None where there is none."""
    value = at(one, *steps)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def cut(value: str | None, limit: int, pointer: str, flags: list[Flag]) -> str | None:
    """A text within its bound in characters; that it had to be cut is flagged."""
    if value is None or len(value) <= limit:
        return value
    flags.append(Flag(code="cut", pointer=pointer))
    return value[: limit - 1] + "…"


def when(flags: list[Flag], *stated: Any) -> datetime | None:
    """The first of several times that can be read; what was assumed for it, or that there is none, is flagged."""
    said = [one for one in stated if one not in _NOTHING]
    for one in said:
        try:
            found = moment(one)
        except ValueError:
            continue
        if found.flag:
            flags.append(Flag(code=found.flag, pointer="/detected_at"))
        return found.at
    flags.append(Flag(code="time_unread" if said else "undated", pointer="/detected_at"))
    return None


def shown(value: Any) -> str:
    """A value as a line of evidence: a text as it is, anything else as JSON of 2,000 characters at most."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)[:_DETAILS]


def rest(one: Mapping[str, Any], known: frozenset[str]) -> Iterator[str]:
    """What an object holds beside the fields that have a place of their own, a line each: nothing is lost."""
    yield from (f"{key}: {shown(value)}" for key, value in one.items() if key not in known and value not in _NOTHING)


def labelled(*pairs: tuple[str, Any]) -> Iterator[str]:
    """A line for each label that has a value."""
    yield from (f"{label}: {shown(value)}" for label, value in pairs if value not in _NOTHING)


def link(name: str | None, address: str | None) -> list[dict[str, str]]:
    """An attachment that is an address on the web; none for anything else, such as a command."""
    if not address or len(address) > TITLE * 4 or not address.casefold().startswith(("http://", "https://")):
        return []
    return [{"url": address, **({"name": name[:200]} if name else {})}]


def attached(links: Iterable[dict[str, str]], flags: list[Flag]) -> list[dict[str, str]]:
    """Attachments, each once and within the bound of their number."""
    once = list({one.get("url") or json.dumps(one, sort_keys=True): one for one in links}.values())
    if len(once) > MANY:
        flags.append(Flag(code="cut", pointer="/attachments"))
    return once[:MANY]


def fits(reference: standards.Reference) -> bool:
    """Whether a reference keeps the bounds of a requirement; beyond them it is prose."""
    names = (reference.standard, reference.clause)
    return all(0 < len(name.strip()) <= 200 for name in names) and len(reference.edition or "") <= 40


def required(found: Iterable[standards.Reference], flags: list[Flag]) -> list[dict[str, str | None]]:
    """Requirements, each once and within the bound of their number."""
    once = list(dict.fromkeys(reference for reference in found if fits(reference)))
    if len(once) > REQUIREMENTS:
        flags.append(Flag(code="cut", pointer="/requirements"))
    return [reference._asdict() for reference in once[:REQUIREMENTS]]


def related(line: str) -> Iterator[standards.Reference]:
    """What a line that is meant to name a requirement names: `PCI DSS v3.2.1/1.2.1`, `NIST.800-53.r5 AC-2`."""
    if found := _SLASHED.fullmatch(line[:TITLE]):
        yield standards.Reference(found["standard"], found["edition"], found["clause"])
    else:
        yield from standards.references(line[:TITLE])


def security_hub(path: str) -> standards.Reference | None:
    """The standard that Security Hub names by a path, `standards/pci-dss/v/3.2.1`; its control, where one follows."""
    found = _HUB.fullmatch(path[:TITLE])
    if found is None:
        return None
    title = found["standard"].replace("-", " ").title().replace("Aws", "AWS").replace("Pci Dss", "PCI DSS")
    return standards.Reference(title, found["edition"], found["control"] or "")


def mentioned(line: Any) -> Iterator[standards.Reference]:
    """What a tag or a remark names of the standards that we know; other words are no requirement."""
    if isinstance(line, str) and len(line) <= _TAG:
        yield from (one for one in standards.references(line) if one.standard.startswith(_OURS))


def weakness(said: Any, *, bare: bool = False) -> Iterator[standards.Reference]:
    """The weakness that a text begins with, `CWE-79 Cross-site Scripting`; where `bare`, a number alone is one."""
    said = str(said)[:TITLE].strip()
    if found := _WEAKNESS.match(said) or (_BARE.fullmatch(said) if bare else None):
        yield standards.Reference(_CWE, None, f"{_CWE}-{found['number']}")


def tagged(tag: Any) -> Iterator[standards.Reference]:
    """A requirement in a tag: `external/cwe/cwe-79`, `CWE-79: Cross-site Scripting`, `ISO 27001:2022 A.8.28`."""
    if not isinstance(tag, str):
        return
    _, _, named = tag.partition(_EXTERNAL)
    standard, mark, clause = named.partition("/")
    if not tag.startswith(_EXTERNAL) or not mark:
        yield from weakness(tag)
        yield from mentioned(tag)
    elif standard.upper() == _CWE:
        yield from weakness(clause, bare=True)
    else:
        yield from of_standard(standard.upper(), None, clause)


def of_standard(name: str, edition: str | None, clause: str) -> Iterator[standards.Reference]:
    """A requirement whose standard, edition and clause stand apart; none where name and edition contradict."""
    try:
        named = standards.standard(name[:TITLE], edition)
    except ValueError:
        return
    yield standards.Reference(*named, standards.clause(named.name, clause[:TITLE]))


def short(text: str) -> str:
    """A text's first 32 hexadecimal digits of SHA-256: for keys."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def key(*parts: str | None) -> str:
    """An external id of several parts; where it would be too long for one, the digest of them."""
    joined = "|".join((part or "").strip() for part in parts).strip()
    return joined if len(joined.encode("utf-8", "surrogatepass")) <= _KEY_BYTES else f"sha256:{short(joined)}"


class Spots:
    """Tells apart what one key names at several places of a document, so that none is lost to another's key.

    The first home (a file) keeps the key as it is: it stays the same when the file is renamed or its lines shift.
    """

    def __init__(self) -> None:
        self._homes: dict[str, str] = {}
        self._known: dict[str, dict[Hashable, int]] = {}

    def named(self, key: str, home: str, spot: Hashable) -> str:
        """The key of what stands at a spot of a home; the same for the same place, however often it is asked."""
        if self._homes.setdefault(key, home) != home:
            key = f"{key}@{short(home)[:12]}"
        known = self._known.setdefault(key, {})
        number = known.setdefault(spot, len(known) + 1)
        return key if number == 1 else f"{key}#{number}"


def rejected(index: int, external_id: str | None, code: str, detail: str, pointer: str = "") -> Rejected:
    """An item that cannot be read, for one reason."""
    return Rejected(index, external_id, [Problem(code=code, detail=detail, pointer=pointer)])


def finished(
    index: int,
    mapped: Mapping[str, Any],
    flags: Iterable[Flag],
    context: Context,
    *,
    system: str | None,
    revision: datetime | None = None,
    escaped: Iterable[str] = (),
    theirs: Mapping[str, str],
) -> Found | Rejected:
    """The item of fields in our shape; `theirs` are the pointers of the format's own fields in place of ours.

    The request's system holds before `system`, which is what the document calls its source.
    """
    try:
        finding, assumed = findings.read(mapped, context.system or system, context.client)
    except Unfit as unfit:
        problems = [
            problem.model_copy(update={"pointer": theirs.get(problem.pointer, problem.pointer)})
            for problem in unfit.problems
        ]
        return Rejected(index, mapped["source"]["external_id"], problems)
    return Found(index, finding, (*flags, *assumed), revision, list(escaped))
