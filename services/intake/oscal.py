"""OSCAL 1.0.4 to 1.2, as JSON, XML or YAML: one finding for each of assessment results, or each item of a POA&M.

The three are one model: XML and YAML are brought into the shape of its JSON, and read as that.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from services.intake import oscal_xml, text
from services.intake.canonical import bound, twice
from services.intake.items import Context, Item, Limits, Rejected, Unreadable
from services.intake.oscal_document import Scope
from services.intake.oscal_items import item
from services.intake.oscal_names import MODELS
from services.intake.parts import at, list_at, rejected

_RESULTS, _POAM = MODELS
_VERSION = re.compile(r"1\.[012](?:[.-].*)?", re.DOTALL)
_HEAD = 65_536
_XML_ROOT = re.compile(rf"<(?:!DOCTYPE\s+)?(?:[\w.-]+:)?(?:{'|'.join(MODELS)})[\s/>]")
_YAML_ROOT = re.compile(rf"""^(?:[&!]\S+\s+)?["']?(?:{"|".join(MODELS)})["']?[ \t]*:(?:\s|$)""", re.MULTILINE)


def read(document: bytes, context: Context) -> Iterator[Item]:
    """One item for each finding, result after result, or for each item of a POA&M.

    Raises Unreadable and TooLarge before the first item. A result that cannot be read is one rejected item.
    """
    model, path, root = _model(_value(document, context.limits))
    if model == _POAM:
        entries = _entries(root, "poam-items", path)
        bound(len(entries), context.limits)
        scope = _document(root, path, "poam-items")
        yield from (item(index, raw, scope, context) for index, raw in enumerate(entries))
        return
    results = _entries(root, "results", path)
    bound(sum(len(list_at(result, "findings")) or 1 for result in results), context.limits)
    scope, index = _document(root, path, "results"), 0
    for number, body in enumerate(results):
        for one in _result(index, f"{path}/results/{number}", body, scope, context):
            yield one
            index += 1


def claims(value: Any) -> bool:
    """Whether a JSON value is of one of the models, or the bare results that some tools write."""
    return isinstance(value, dict) and (any(model in value for model in MODELS) or _is_bare(value))


def looks(document: bytes) -> bool:
    """Whether bytes are XML or YAML of one of the models, by the root."""
    head = document[:_HEAD].decode(json.detect_encoding(document), "replace").lstrip("\ufeff \t\r\n")
    if _is_markup(head):
        return _XML_ROOT.search(head) is not None
    return not head.startswith(("{", "[")) and _YAML_ROOT.search(head) is not None


def _value(document: bytes, limits: Limits) -> Any:
    start = document[:64].decode(json.detect_encoding(document), "replace").lstrip("\ufeff \t\r\n")
    if _is_markup(start):
        return oscal_xml.value(document, limits)
    content = text.decoded(document, limits)
    if start.startswith(("{", "[")):
        return text.Content(content, limits).only()
    from services.intake import oscal_yaml  # noqa: PLC0415 - every reader starts anew, and few need it

    return oscal_yaml.value(content, limits)


def _is_markup(start: str) -> bool:
    """Whether a text begins as XML does; YAML may begin with `<<`, its key for what is merged."""
    return start.startswith("<") and not start.startswith("<<")


def _is_bare(value: Mapping[str, Any]) -> bool:
    first = next(iter(list_at(value, "results")), None)
    return isinstance(first, Mapping) and "reviewed-controls" in first


def _model(value: Any) -> tuple[str, str, Mapping[str, Any]]:
    """The model's name, where its body is in the document, and the body."""
    if isinstance(value, dict) and _is_bare(value):
        return _RESULTS, "", value
    named = [model for model in MODELS if isinstance(value, dict) and model in value]
    if len(named) != 1:
        which = "it has both" if named else "it has neither"
        detail = f"An OSCAL document is an object with one of {' and '.join(MODELS)}; {which}."
        raise Unreadable("no_model", detail, path="")
    if not isinstance(body := value[named[0]], dict):
        raise Unreadable("no_model", f"{named[0]} is empty, or no object.", path=f"/{named[0]}")
    if isinstance(value, text.Twice):
        raise _doubled(f"/{text.escaped(value.keys_twice[0])}")
    path = f"/{named[0]}"
    version = at(body, "metadata", "oscal-version")
    if version is not None and not _VERSION.fullmatch(str(version).strip()):
        detail = f"OSCAL {str(version)[:40]!r} is none of 1.0 to 1.2."
        raise Unreadable("unknown_version", detail, path=f"{path}/metadata/oscal-version")
    return named[0], path, body


def _entries(root: Mapping[str, Any], name: str, path: str) -> Sequence[Any]:
    entries = root.get(name)
    if not isinstance(entries, list):
        raise Unreadable("not_a_list", f"{name} is absent, or no list.", path=f"{path}/{name}")
    return entries


def _document(root: Mapping[str, Any], path: str, name: str) -> Scope:
    """What the whole document says beside its findings; a key that comes twice there leaves all of them in doubt."""
    shell, doubled = _shell(root, name)
    if doubled:
        raise _doubled(path + doubled)
    held, _ = text.held(shell)
    return Scope(held, held)


def _shell(one: Mapping[str, Any], name: str) -> tuple[dict[str, Any], str | None]:
    """An object without the list of that name, and where in it a key comes twice."""
    shell = {key: value for key, value in one.items() if key != name}
    doubled = f"/{text.escaped(one.keys_twice[0])}" if isinstance(one, text.Twice) else text.doubled(shell)
    return shell, doubled


def _doubled(pointer: str) -> Unreadable:
    problem = twice(pointer)
    return Unreadable(problem.code, problem.detail, path=problem.pointer)


def _result(index: int, path: str, body: Any, document: Scope, context: Context) -> Iterator[Item]:
    if not isinstance(body, dict):
        yield rejected(index, None, "not_an_object", "A result is an object.", path)
        return
    findings = body.get("findings")
    shell, doubled = _shell(body, "findings")
    if doubled:
        yield Rejected(index, None, [twice(path + doubled)])
    elif not isinstance(findings, list | None):
        yield rejected(index, None, "not_a_list", "findings is not a list.", f"{path}/findings")
    else:
        scope = Scope(document.document, text.held(shell)[0])
        yield from (item(index + offset, raw, scope, context) for offset, raw in enumerate(findings or []))
