"""What is told while a server is away: the alerts that are made for it count what callers are refused."""

import httpx

from tests.observe.conftest import Watched
from tests.observe.test_readiness import stopped, until_ready

UNAVAILABLE = 'closeout_commands_total{command="comment",kind="nonconformity",result="unavailable",rule=""}'


async def counted(watched: Watched) -> float:
    lines = (await watched.get("api", "/metrics")).text.splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(UNAVAILABLE))


async def test_a_command_while_the_ledger_is_away_is_counted_and_told(watched: Watched) -> None:
    await until_ready(watched, "api")
    before = await counted(watched)
    token = next(person.token for person in watched.up.ready.people if person.role == "auditor")
    headers = {"Authorization": f"Bearer {token}", "X-Request-Id": "while-it-is-away"}
    async with httpx.AsyncClient(base_url=watched.up.ready.api, headers=headers, trust_env=False, timeout=20) as http:
        known = await http.get("/v1/me")
        assert known.status_code == 200
        async with stopped(watched.up.ready.pids["postgres"]):
            answer = await http.post("/v1/nonconformities/none/comment", json={"text": "Anybody there?"})
            assert answer.status_code == 503
            assert await counted(watched) == before + 1
    await until_ready(watched, "api")
    [line] = watched.lines(
        "api", lambda line: line["event"] == "command not recorded" and line["correlation_id"] == "while-it-is-away"
    )
    assert line["command"] == "comment"
    assert "the ledger cannot answer now" in line["error"]
