"""The policies of an installation: read from files, chosen for a case, kept with the closed days that it counts by."""

import json
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from workflows.calendars import OF_THE_CLIENT, frozen, is_known
from workflows.policy import Case, Policy
from workflows.sentences import Sentence
from workflows.shapes import sentence
from workflows.toml_lines import Place, line_of, place_of_fault

PACKAGED = Path(__file__).parent / "policies"


class PolicyError(ValueError):
    """A policy file that cannot be used: names the file, the line, the field and the rule."""


def read(path: Path) -> Policy:
    """One policy file; raises PolicyError that names file, line, field and rule of everything that is wrong."""
    text = ""
    try:
        text = path.read_text(encoding="utf-8")
        policy = Policy.model_validate(tomllib.loads(text))
    except OSError as error:
        raise PolicyError(f"{path.name}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        line, column, says = place_of_fault(error, text)
        raise PolicyError(f"{path.name}:{line}:{column}: not readable as TOML: {says}") from error
    except ValidationError as error:
        found = [(one["loc"], sentence(one)) for one in error.errors()]
        raise _faulty(path, text, [*found, *_unknown_places(tomllib.loads(text).get("calendar"))]) from error
    unknown = list(_unknown_places(policy.calendar.model_dump()))
    if unknown:
        raise _faulty(path, text, unknown)
    return policy


def _faulty(path: Path, text: str, faults: Iterable[tuple[Place, str]]) -> PolicyError:
    """Everything that is wrong in a file, a line each, in the order of the file."""
    told = sorted(faults, key=lambda fault: line_of(text, fault[0]))
    return PolicyError("\n".join(at_fault(path, text, *fault) for fault in told))


def at_fault(path: Path, text: str, place: Place, says: str) -> str:
    """What is wrong in a file, with the line and the field."""
    # Of a key at fault pydantic says the place of its value and then once more that it is the key.
    field = ".".join(_shown(str(step)) for step in place if step != "[key]") or "the file"
    return f"{path.name}:{line_of(text, place)}: {field}: {says}"


def _shown(key: str) -> str:
    """A key as it can be seen: in quotes, where it is blank, or holds what nobody sees."""
    return key if key and key == key.strip() and key.isprintable() else json.dumps(key)


def _unknown_places(calendar: object) -> Iterator[tuple[Place, str]]:
    """What a calendar names that nobody knows; of one that has not its shape, as far as can be told."""
    country, part = (calendar.get(name) if isinstance(calendar, dict) else None for name in ("country", "subdivision"))
    if country is None or country == OF_THE_CLIENT:
        if part is not None:
            yield ("calendar", "subdivision"), "A part of a country is named with its country."
    elif isinstance(country, str) and not is_known(country):
        yield ("calendar", "country"), f"No holidays are known of {country}."
    elif isinstance(country, str) and isinstance(part, str) and not is_known(country, part):
        yield ("calendar", "subdivision"), f"No holidays are known of {country}-{part}."


class Twins(NamedTuple):
    """Two files of which nobody could say which one holds."""

    first: Path
    second: Path
    says: str


def twins(read: Iterable[tuple[Path, Policy]]) -> Iterator[Twins]:
    """Files that are the same version of one policy for the same cases."""
    known: dict[object, Path] = {}
    for path, policy in read:
        first = known.setdefault(policy.identity, path)
        if first != path:
            both = f"{first.name} and {path.name} are both {policy.name} {policy.version}, for the same cases"
            yield Twins(first, path, f"{both}: give one another version, or take it away")


@dataclass(frozen=True, slots=True)
class PolicyBook:
    """The policies of an installation, each version of each."""

    policies: Sequence[Policy]

    @classmethod
    def load(cls, folder: Path | None = None) -> "PolicyBook":
        """The packaged policies and those of a folder (`*.toml`), which replace packaged ones of the same name.

        Raises PolicyError for two files that are the same version of one policy for the same cases, and unless one of
        all policies is for every case.
        """
        files = sorted(folder.glob("*.toml")) if folder else []
        own = [(path, read(path)) for path in files]
        faults = [twin.says for twin in twins(own)]
        if faults:
            raise PolicyError("\n".join(faults))
        replaced = {policy.name for _, policy in own}
        packaged = [policy for path in sorted(PACKAGED.glob("*.toml")) if (policy := read(path)).name not in replaced]
        book = cls([*packaged, *(policy for _, policy in own)])
        if not any(not (p.tenants or p.schemes or p.stages or p.grades) for p in book.policies):
            raise PolicyError(
                f"{folder or PACKAGED}: no policy applies to every tenant, scheme, stage and grade; one must"
            )
        return book

    def choose(self, case: Case, on: date) -> Policy:
        """The policy that is in force for a case on a day of the client's: the most specific, then the newest.

        A policy for a tenant goes before one for a scheme, that before one for a stage, that before one for a grade.
        """
        fitting = [policy for policy in self.policies if policy.effective_from <= on and policy.covers(case)]
        if not fitting:
            raise PolicyError(Sentence("no policy is in force on {on} for {case}", on=on, case=case.words()))
        return max(
            fitting,
            key=lambda p: (
                bool(p.tenants),
                bool(p.schemes),
                bool(p.stages),
                bool(p.grades),
                p.effective_from,
                p.version,
            ),
        )

    def named(self, name: str, on: date) -> Policy | None:
        """The newest version of a policy by its name that is in force on a day of the client's."""
        versions = [p for p in self.policies if p.name == name and p.effective_from <= on]
        return max(versions, key=lambda p: (p.effective_from, p.version), default=None)


def snapshot(policy: Policy, country: str | None, subdivision: str | None, at: datetime) -> Policy:
    """The policy as a case keeps it: with the closed days of the years around `at`, as they are known now.

    A calendar of `client` becomes the client's country and subdivision. Raises PolicyError for a country or subdivision
    that no calendar is known of.
    """
    try:
        calendar = frozen(policy.calendar, country, subdivision, at.year)
    except LookupError as error:
        raise PolicyError(
            Sentence("{policy} {version}: {error}", policy=policy.name, version=policy.version, error=error)
        ) from error
    return policy if calendar == policy.calendar else policy.model_copy(update={"calendar": calendar})
