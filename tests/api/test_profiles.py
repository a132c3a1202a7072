"""Column profiles over the API: what cannot be saved, and where it says so."""

from tests.api.conftest import Desk


async def test_a_profile_that_cannot_be_saved_says_where_and_by_which_rule(desk: Desk) -> None:
    at = "/v1/profiles/weekly"
    for content, line, column in ((b"x=", 1, 3), (b"{bad", 1, 2), (b'[fields]\ntitle = "\xff"', 2, 10)):
        answer = await desk.ask("auditor", "PUT", at, content=content)
        told = answer.json()
        assert (answer.status_code, told["code"]) == (400, "not_readable")
        assert (told["line"], told["column"]) == (line, column)
    deep = await desk.ask("auditor", "PUT", at, content=b'{"fields": ' + b"[" * 100_000)
    assert (deep.status_code, deep.json()["code"], deep.json()["path"]) == (400, "not_readable", "")
    for profile, pointer in (
        ({"encoding": "nonsense", "fields": {}}, "/encoding"),
        ({"delimiter": '"', "fields": {}}, "/delimiter"),
        ({"name": "n" * 201, "fields": {}}, "/name"),
        ({"fields": {"colour": "x"}}, "/fields/colour"),
        ({"fields": {"clause": "x"}}, "/fields/clause"),
        ({}, "/fields"),
        ({"fields": {"title": "a\x00"}}, "/fields/title"),
        ({"fields": {}, "skip": [{"column": "Status", "values": {"\x00": "resolved"}}]}, "/skip/0/values"),
    ):
        answer = await desk.ask("auditor", "PUT", at, profile)
        assert (answer.status_code, answer.json()["code"]) == (422, "shape")
        assert [one["pointer"] for one in answer.json()["errors"]] == [pointer]
