"""What OpenAPI says of bodies, queries and answers that the routes read and write themselves."""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from services.api import links

REF = "#/components/schemas/{model}"
PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string", "description": "stable; for a refusal, the rule's name"},
        "correlation_id": {"type": "string", "description": "the answer's X-Request-Id; leads to the log"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "detail"],
                "properties": {"pointer": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
}
ANSWER = {
    "type": "object",
    "required": ["seq", "status", "events", "head"],
    "properties": {
        "seq": {"type": "integer"},
        "status": {"type": "string"},
        "events": {"type": "array", "items": {"type": "object"}},
        "head": {"type": "string"},
    },
}
STANDING = {
    "seq": {"type": "integer"},
    "head": {"type": "string"},
    "allowed": {
        "type": "array",
        "items": {
            "type": "object",
            "required": ["command"],
            "properties": {"command": {"type": "string"}, "why_not": {"type": "string"}},
        },
    },
    "signable": {
        "type": "object",
        "additionalProperties": {
            "type": "object",
            "required": ["sha256", "meaning"],
            "properties": {"sha256": {"type": "string"}, "meaning": {"type": "string"}},
        },
    },
}
"""What every detail ends with."""

DETAIL = {
    "type": "object",
    "required": ["id", "status", *STANDING],
    "properties": {"id": {"type": "string"}, "status": {"type": "string"}, **STANDING},
}
ENTRY = {
    "type": "object",
    "required": ["key", "name", "status", "merged_into", *STANDING],
    "properties": {
        "key": {"type": "string"},
        "name": {"type": "string"},
        "status": {"enum": ["registered", "merged"]},
        "merged_into": {"type": ["string", "null"], "description": "the key of the client that took its place"},
        **STANDING,
    },
}
AUDIT = {
    "type": "object",
    "required": ["key", "client", "stage", "status", "standing", "deadlines", "cases", *STANDING],
    "properties": {
        "key": {"type": "string"},
        "client": {"type": "string"},
        "stage": {"type": "string"},
        "status": {"type": "string"},
        "standing": {
            "type": "object",
            "required": ["recommendation", "about", "reasons"],
            "properties": {
                "recommendation": {"enum": ["recommended", "recommended_on_plan", "not_recommended"]},
                "about": {"type": "string"},
                "reasons": {"type": "array", "items": {"type": "object"}},
            },
        },
        "deadlines": {"type": "array", "items": {"type": "object"}},
        "cases": {"type": "array", "items": {"type": "object"}},
        "left_open": {"type": ["array", "null"], "items": {"type": "object"}},
        **STANDING,
    },
}
CERTIFICATE = {
    "type": "object",
    "required": ["key", "client", "status", "standards", "suspension", "reductions", "cases", *STANDING],
    "properties": {
        "key": {"type": "string"},
        "client": {"type": "string"},
        "status": {"type": "string"},
        "standards": {"type": "array", "items": {"type": "string"}},
        "suspension": {"type": ["object", "null"]},
        "reductions": {"type": "array", "items": {"type": "object"}},
        "cases": {"type": "array", "items": {"type": "string"}},
        **STANDING,
    },
}
POLICY = {
    "type": "object",
    "required": ["name", "in_force", "versions"],
    "properties": {
        "name": {"type": "string"},
        "in_force": {"type": ["object", "null"], "description": "the newest version whose time has come"},
        "versions": {"type": "array", "items": {"type": "object", "required": ["version", "effective_from"]}},
    },
}
EVENTS = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["seq", "type", "v", "at", "recorded_at", "actor", "data", "hash", "prev"],
        "properties": {"seq": {"type": "integer"}, "v": {"type": "integer"}, "data": {"type": ["object", "null"]}},
    },
}
PAGE = {
    "type": "object",
    "required": ["items", "next"],
    "properties": {
        "items": {"type": "array", "items": {"type": "object"}},
        "next": {"type": ["string", "null"], "description": "the `cursor` of the page after this one"},
    },
}
ETAG = {"ETag": {"description": "the sequence number, in quotes, as If-Match takes it", "schema": {"type": "string"}}}
IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "the command's id: a repeat is answered with what was recorded",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}
THING: Mapping[str, Any] = {"type": "object"}
SECRET_SHOWN = {"const": True, "description": "of a repeat: the first answer had the secret"}
IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "description": "the sequence number that you saw, in quotes",
    "schema": {"type": "string", "pattern": '^([*]|"?[0-9]{1,10}"?)$'},
}
PROBLEMS: Mapping[str, str] = {
    "400": "Not readable.",
    "401": "Nobody known, or to sign: authenticate afresh.",
    "403": "Role or independence refuses.",
    "404": "Unknown, or invisible to the caller.",
    "409": "The state or a guard refuses: `code` is the rule.",
    "412": "If-Match or the signature is not over the present.",
    "413": "Too large.",
    "415": "Unknown format.",
    "416": "It has none of the bytes that are wanted.",
    "422": "Not of the expected shape, or a key used for another request.",
    "429": "More requests than the key may make: Retry-After says when to repeat it.",
    "503": "Engine or database away: safe to repeat, a write with the same key.",
}
READING = ("401", "403", "429", "503")
WRITING = (*READING, "400", "409", "412", "413", "415", "422")
_MODEL = "x-model"
"""Where a route leaves the model of its body; replaced by a reference when the document is made."""

_bodies: dict[str, type[BaseModel]] = {}


def command_body(shape: type[BaseModel], *, created: bool = False) -> dict[str, Any]:
    """What OpenAPI says of a command: its body, its headers, its answer (201 where it is `created`)."""
    recorded = answers({"$ref": REF.format(model="CommandAnswer")}, ETAG, status="201" if created else "200")
    return body(shape) | {"parameters": [IDEMPOTENCY_KEY, IF_MATCH]} | recorded


def secretive(shape: type[BaseModel], *, created: bool = False, schema: Mapping[str, Any] = THING) -> dict[str, Any]:
    """What OpenAPI says of what makes a secret, and answers a repeat (200) without it; 201 where it is `created`."""
    again = {**schema, "properties": {**schema.get("properties", {}), "secret_shown": SECRET_SHOWN}}
    told = answers(again)["responses"] | (answers(schema, status="201")["responses"] if created else {})
    return body(shape) | {"parameters": [IDEMPOTENCY_KEY], "responses": told}


def answers(
    schema: Mapping[str, Any], headers: Mapping[str, Any] | None = None, status: str = "200", says: str = "Done."
) -> dict[str, Any]:
    """What OpenAPI says of a successful answer."""
    told = _json(says, dict(schema))
    return {"responses": {status: told | ({"headers": dict(headers)} if headers else {})}}


def body(shape: type[BaseModel]) -> dict[str, Any]:
    """What OpenAPI says of a request whose JSON body has this shape."""
    name = f"{shape.__module__}.{shape.__name__}"
    _bodies[name] = shape
    required = any(field.is_required() for field in shape.model_fields.values())
    return {"requestBody": {"required": required, "content": {"application/json": {"schema": {_MODEL: name}}}}}


def parameters(shape: type[BaseModel]) -> dict[str, Any]:
    """What OpenAPI says of a query of this shape."""
    described = shape.model_json_schema()
    return {
        "parameters": [
            {"name": name, "in": "query", "schema": schema, "required": False}
            for name, schema in described["properties"].items()
        ]
    }


def install(app: FastAPI) -> None:
    """Has the app describe itself, once."""

    def describe() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _described(app)
        return app.openapi_schema

    app.openapi = describe  # type: ignore[method-assign]


def _described(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    shapes = list(_bodies.values())
    references, definitions = models_json_schema([(shape, "validation") for shape in shapes], ref_template=REF)
    parts = document.setdefault("components", {})
    parts["schemas"] = {
        **parts.get("schemas", {}),
        **definitions.get("$defs", {}),
        "Problem": PROBLEM,
        "CommandAnswer": ANSWER,
    }
    parts["schemas"].pop("HTTPValidationError", None)
    parts["schemas"].pop("ValidationError", None)
    parts["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
    document["security"] = [{"bearer": []}]
    for path, operations in document["paths"].items():
        for operation in operations.values():
            _complete(operation, {name: references[shape, "validation"] for name, shape in _bodies.items()})
            operation["responses"] |= _problems(operation, path)
            operation["responses"]["default"] = _problem("What nobody foresaw.")
            if not path.startswith("/v1/"):
                operation["security"] = []
    links.add({one["operationId"]: one for operations in document["paths"].values() for one in operations.values()})
    return document


def _complete(operation: dict[str, Any], references: dict[str, Any]) -> None:
    for content in operation.get("requestBody", {}).get("content", {}).values():
        model = content["schema"].pop(_MODEL, None)
        if model is not None:
            content["schema"] = references[model]
    operation["responses"].pop("422", None)


def _problems(operation: dict[str, Any], path: str) -> dict[str, Any]:
    """The problems that an operation may answer (CONTRACT, HTTP), by status: what its place calls for, and its own."""
    statuses = PROBLEMS.keys() & operation["responses"].keys()
    if path.startswith("/v1/"):
        places = {parameter["in"] for parameter in operation.get("parameters", ())}
        statuses |= {*READING, *(WRITING if "requestBody" in operation else ())}
        statuses |= {"400", "422"} if "query" in places else set()
        statuses |= {"404"} if "path" in places else set()
    return {status: _problem(PROBLEMS[status]) for status in sorted(statuses)}


def _problem(says: str) -> dict[str, Any]:
    return _json(says, {"$ref": REF.format(model="Problem")}, "application/problem+json")


def _json(description: str, schema: dict[str, Any], media_type: str = "application/json") -> dict[str, Any]:
    return {"description": description, "content": {media_type: {"schema": schema}}}
