"""OSCAL documents to read: one of each model, as a value, and the same as XML."""

from typing import Any

OBSERVATION = "8807eb6e-0c05-43bc-8438-799739615e34"
RISK = "0cfa750e-3553-47ba-a7ba-cf84a884d261"
FINDING = "45d8a6c2-1368-4bad-9ba0-7141f0a32889"
SUBJECT = "551b9706-d6a4-4d25-8207-f2ccec548b89"
RESOURCE = "d28873f7-0a45-476d-9cd3-1d2ec0b8bca1"

METADATA = {
    "title": "Monitoring June",
    "last-modified": "2026-06-02T10:00:00Z",
    "version": "7",
    "oscal-version": "1.1.2",
}


def observation(**changes: Any) -> dict[str, Any]:
    return {
        "uuid": OBSERVATION,
        "title": "Roles tested",
        "description": "Roles were listed.",
        "methods": ["TEST"],
        "subjects": [{"subject-uuid": SUBJECT, "type": "component"}],
        "relevant-evidence": [{"href": f"#{RESOURCE}", "description": "The list"}],
        "collected": "2026-06-01T08:31:20-04:00",
        **changes,
    }


def risk(*facets: tuple[str, str], status: str = "open", **changes: Any) -> dict[str, Any]:
    said = [{"name": name, "system": "http://fedramp.gov", "value": value} for name, value in facets]
    return {
        "uuid": RISK,
        "title": "Too much access",
        "description": "An engineer can delete logs.",
        "statement": "Nobody would know.",
        "status": status,
        **({"characterizations": [{"origin": {"actors": []}, "facets": said}]} if said else {}),
        **changes,
    }


def finding(**changes: Any) -> dict[str, Any]:
    return {
        "uuid": FINDING,
        "title": "Engineers may delete logs",
        "description": "The role permits it.",
        "target": {"type": "objective-id", "target-id": "ac-6.1_obj", "status": {"state": "not-satisfied"}},
        "related-observations": [{"observation-uuid": OBSERVATION}],
        "related-risks": [{"risk-uuid": RISK}],
        **changes,
    }


LOCAL = {"components": [{"uuid": SUBJECT, "type": "service", "title": "Cloud account", "description": "All of it."}]}
BACK = {
    "resources": [
        {
            "uuid": RESOURCE,
            "title": "Roles",
            "rlinks": [
                {
                    "href": "https://evidence.example/roles.csv",
                    "media-type": "text/csv",
                    "hashes": [{"algorithm": "SHA-256", "value": "AB" * 32}],
                }
            ],
            "base64": {"filename": "roles.txt", "media-type": "text/plain", "value": "cm9sZXM="},
        }
    ]
}


def results(*findings: Any, risks: Any = None, **changes: Any) -> dict[str, Any]:
    result = {
        "uuid": "a1d20136-37e0-42aa-9834-4e9d8c36d798",
        "title": "June",
        "description": "Automated.",
        "start": "2026-06-01T08:00:00Z",
        "local-definitions": LOCAL,
        "reviewed-controls": {"control-selections": [{}]},
        "observations": [observation()],
        "risks": [risk()] if risks is None else risks,
        "findings": list(findings),
        **changes,
    }
    body = {"uuid": "ec0dad37-54e0-40fd-a925-6d0bdea94c0d", "metadata": METADATA, "back-matter": BACK}
    return {"assessment-results": {**body, "results": [result]}}


def item(**changes: Any) -> dict[str, Any]:
    return {
        "uuid": FINDING,
        "title": "Take the right away",
        "description": "Budget is there.",
        "related-observations": [{"observation-uuid": OBSERVATION}],
        "related-risks": [{"risk-uuid": RISK}],
        **changes,
    }


def plan(*items: Any, risks: Any = None, **changes: Any) -> dict[str, Any]:
    return {
        "plan-of-action-and-milestones": {
            "uuid": "714210d2-f8df-448c-be3e-e2213816cf79",
            "metadata": METADATA,
            "system-id": {"identifier-type": "http://ietf.org/rfc/rfc4122", "id": "goodread"},
            "observations": [observation()],
            "risks": [risk()] if risks is None else risks,
            "poam-items": list(items),
            **changes,
        }
    }


XML = f"""<?xml version="1.0" encoding="UTF-8"?>
<assessment-results uuid="ec0dad37-54e0-40fd-a925-6d0bdea94c0d" xmlns="http://csrc.nist.gov/ns/oscal/1.0">
  <metadata>
    <title>Monitoring June</title><last-modified>2026-06-02T10:00:00Z</last-modified>
    <version>7</version><oscal-version>1.1.2</oscal-version>
  </metadata>
  <result uuid="a1d20136-37e0-42aa-9834-4e9d8c36d798">
    <title>June</title><description><p>Automated.</p></description><start>2026-06-01T08:00:00Z</start>
    <local-definitions>
      <component uuid="{SUBJECT}" type="service"><title>Cloud account</title>
        <description><p>All of it.</p></description></component>
    </local-definitions>
    <reviewed-controls><control-selection/></reviewed-controls>
    <observation uuid="{OBSERVATION}">
      <title>Roles tested</title><description><p>Roles were
        listed.</p></description>
      <method>TEST</method><subject subject-uuid="{SUBJECT}" type="component"/>
      <relevant-evidence href="#{RESOURCE}"><description><p>The list</p></description></relevant-evidence>
      <collected>2026-06-01T08:31:20-04:00</collected>
    </observation>
    <risk uuid="{RISK}">
      <title>Too much access</title><description><p>An engineer can delete logs.</p></description>
      <statement><p>Nobody would know.</p></statement><status>open</status>
    </risk>
    <finding uuid="{FINDING}">
      <title>Engineers may delete logs</title><description><p>The role permits it.</p></description>
      <target type="objective-id" target-id="ac-6.1_obj"><status state="not-satisfied"/></target>
      <related-observation observation-uuid="{OBSERVATION}"/><associated-risk risk-uuid="{RISK}"/>
    </finding>
  </result>
  <back-matter>
    <resource uuid="{RESOURCE}">
      <title>Roles</title>
      <rlink href="https://evidence.example/roles.csv" media-type="text/csv">
        <hash algorithm="SHA-256">{"AB" * 32}</hash></rlink>
      <base64 filename="roles.txt" media-type="text/plain">cm9s
        ZXM=</base64>
    </resource>
  </back-matter>
</assessment-results>
"""
