"""`closeout simulate`, as a user runs it: what it prints, where it says what is wrong, and how it ends."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from services.simulation import simulate
from workflows.policy_book import PACKAGED
from workflows.simulator.scenario import ScenarioError

EXAMPLES = Path(__file__).parents[2] / "examples"
COMMITTEE = EXAMPLES / "a-major-and-its-committee.toml"


def ended(*asked: str) -> subprocess.CompletedProcess[str]:
    """The command line."""
    command = [sys.executable, "-m", "services.cli", "simulate", *asked]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603


def test_the_calendar_as_a_table() -> None:
    run = ended("--scenario", str(COMMITTEE))
    assert (run.returncode, run.stderr) == (0, "")
    for text in (
        "times in Europe/Vienna",
        "deadline missed: closure",
        "closure: P90D from issue",
        "submit-plan refused: correction_missing",
        "from here on nobody acts",
        "expiry announced",
        "as expected",
    ):
        assert text in run.stdout


def test_the_calendar_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert simulate(None, COMMITTEE, "2030-06-30", as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert (told["holds"], told["failures"], told["zone"]) == (True, [], "Europe/Vienna")
    assert (told["started"], told["until"]) == ("2030-03-04T08:00:00.000000Z", "2030-06-30T21:59:59.999999Z")
    assert {line["cause"] for line in told["calendar"]} == {"command", "clock", "reaction", "refused"}
    assert max(line["at"] for line in told["calendar"]) <= "2030-07"
    missed = next(line for line in told["calendar"] if line["event"] == "nonconformity.deadline_missed")
    assert missed["why"][0].startswith("P14D from issue 2030-03-04 09:00:00 CET: 2030-03-18 23:59:59 CET")


def test_what_does_not_come_about_is_said_with_file_line_and_field() -> None:
    run = ended(str(PACKAGED / "dnv.toml"), "--scenario", str(COMMITTEE))
    assert run.returncode == 1
    first, *_ = run.stderr.splitlines()
    assert first.startswith("a-major-and-its-committee.toml:34: steps.1.expect.deadlines.plan: 2030-03-18 is expected")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('until = "90000 years"', "2: until: '90000 years' is longer than a hundred years, or no duration"),
        ('until = "P90000Y"', "2: until: 'P90000Y' is longer than a hundred years, or no duration"),
        ("start = 9999-12-30", "2: start: the year 9999 lies outside 1970 to 2199"),
        ('start = "9999-12-30T00:00:00"', "2: start: the year 9999 lies outside 1970 to 2199"),
    ],
)
def test_no_time_is_too_long_for_a_message(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "far.toml"
    file.write_text(f'title = "Far"\n{text}\n[[steps]]\nat = "+1 day"\n')
    run = ended("--scenario", str(file))
    assert (run.returncode, run.stderr) == (2, f"far.toml:{says}\n")


@pytest.mark.parametrize("at", ["9999-12-31", "+90000 years", "P999999D after start"])
def test_a_step_in_no_time_of_ours_is_named(tmp_path: Path, at: str) -> None:
    file = tmp_path / "far.toml"
    file.write_text(f'title = "Far"\n[[steps]]\nat = "{at}"\n')
    run = ended("--scenario", str(file))
    assert run.returncode == 2
    assert run.stderr.startswith("far.toml:3: steps.1.at: ")


def test_steps_that_lead_out_of_our_time_fail_where_they_do(tmp_path: Path) -> None:
    file = tmp_path / "far.toml"
    file.write_text('title = "Far"\n[[steps]]\nat = "+100 years"\n[[steps]]\nat = "+100 years"\n')
    run = ended("--scenario", str(file))
    assert (run.returncode, run.stderr) == (1, "far.toml:5: steps.2.at: the year 2230 lies outside 1970 to 2199\n")


def test_the_last_day_of_the_calendar_is_of_our_time() -> None:
    run = ended("--scenario", str(COMMITTEE), "--until", "9999-12-31")
    assert (run.returncode, run.stderr) == (
        2,
        "--until 9999-12-31: a date such as 2030-12-31 is expected, up to 2199\n",
    )


@pytest.mark.parametrize("policy", sorted(PACKAGED.glob("*.toml")), ids=lambda path: path.stem)
def test_every_packaged_policy_can_be_simulated(policy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert simulate(policy, EXAMPLES / "nobody-answers.toml", None, as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert len(told["policies"]) == 1
    assert {one["thing"] for one in told["left"]} >= {"certificate QMS-1", "NC-2030-0001", "NC-2030-0002"}


def test_files_that_cannot_be_used(tmp_path: Path) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_text('title = "So"\n[[steps]]\nwho = "auditor"\ndoes = "report"\n')
    run = ended("--scenario", str(broken))
    assert (run.returncode, run.stdout, run.stderr) == (2, "", "broken.toml:4: steps.1.does: There is no such field.\n")
    policy = tmp_path / "policy.toml"
    policy.write_text('name = "x"\n')
    run = ended(str(policy))
    assert (run.returncode, run.stdout) == (2, "")
    assert "policy.toml" in run.stderr
    assert "version" in run.stderr


@pytest.mark.parametrize(("until", "why"), [("soon", "a date such as"), ("2029-12-31", "the scenario begins on 2030")])
def test_an_end_that_is_none(until: str, why: str) -> None:
    with pytest.raises(ScenarioError, match=why):
        simulate(None, COMMITTEE, until, as_json=True)
