"""How the elements of OSCAL's XML are called in its JSON: the lists, the renamed ones, and the keys of bare values.

From the metaschemas of assessment results and POA&M, 1.0.4 to 1.2 (https://pages.nist.gov/OSCAL-Reference/models/).
"""

from collections.abc import Mapping

MODELS = ("assessment-results", "plan-of-action-and-milestones")
"""The root of a document: the models that hold findings."""

NAMESPACE = "http://csrc.nist.gov/ns/oscal/1.0"

_PLURALS = (
    "actions", "activities", "actors", "addr-lines", "addresses", "assessment-platforms", "associated-activities",
    "attestations", "authorized-privileges", "characterizations", "components", "constraints",
    "control-objective-selections", "control-selections", "dependencies", "document-ids", "email-addresses", "entries",
    "exclude-controls", "exclude-objectives", "exclude-subjects", "external-ids", "facets", "findings",
    "functions-performed", "guidelines", "hashes", "implemented-components", "include-controls", "include-objectives",
    "include-subjects", "inventory-items", "links", "location-uuids", "locations", "logged-by",
    "member-of-organizations", "methods", "mitigating-factors", "objectives-and-methods", "observations", "origins",
    "parties", "parts", "party-uuids", "poam-items", "port-ranges", "props", "protocols", "related-findings",
    "related-observations", "related-responses", "related-risks", "related-tasks", "relevant-evidence",
    "required-assets", "resources", "responsible-parties", "responsible-roles", "results", "risks", "rlinks",
    "role-ids", "roles", "sources", "statement-ids", "steps", "subjects", "tasks", "telephone-numbers", "tests",
    "threat-ids", "types", "urls", "users", "uses-components", "values", "with-ids",
)  # fmt: skip
_ODD = {
    "functions-performed": "function-performed",
    "logged-by": "logged-by",
    "objectives-and-methods": "objectives-and-methods",
    "relevant-evidence": "relevant-evidence",
    "uses-components": "uses-component",
}


def _singular(plural: str) -> str:
    if plural in _ODD:
        return _ODD[plural]
    for ending, one in (("ies", "y"), ("sses", "ss"), ("hashes", "hash")):
        if plural.endswith(ending):
            return plural.removesuffix(ending) + one
    return plural.removesuffix("s")


LISTS: Mapping[str, str] = {
    **{_singular(plural): plural for plural in _PLURALS},
    "assessment-task": "tasks",
    "associated-risk": "related-risks",
    "response": "remediations",
    "revision": "revisions",
}
"""The lists by the element of which each has an entry."""

GROUPS = frozenset({"revisions"})
"""Elements that only hold the entries of a list, which is called as they are."""

SINGLE = frozenset({("characterization", "origin"), ("location", "address")})
"""Elements, below another, that are no list there."""

BARE: Mapping[str, str] = {
    "document-id": "identifier",
    "external-id": "id",
    "system-id": "id",
    "telephone-number": "number",
    "threat-id": "id",
}
"""The keys of the text of elements that have attributes too; `value` for any other."""

EMPTY = frozenset({"include-all"})
"""Elements that stand for an empty object."""

MARKUP = frozenset(
    {
        "a", "b", "blockquote", "br", "code", "em", "h1", "h2", "h3", "h4", "h5", "h6", "i", "img", "insert", "li",
        "ol", "p", "pre", "q", "strong", "sub", "sup", "table", "td", "th", "tr", "ul",
    }
)  # fmt: skip
"""The elements of which texts are made; the JSON of OSCAL has them as Markdown."""
