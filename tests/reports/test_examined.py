"""What the doctor says of templates and fonts."""

from pathlib import Path

from services.doctor.checks import Finding, Result, examine
from services.doctor.deployment import Deployment
from services.doctor.reports import REPORTS
from services.reports.form import Form
from services.reports.minutes.form import Minutes
from services.reports.paper import ours, own
from services.settings import Settings, Sources
from tests.reports.test_forms import template

TEMPLATE, DEFAULT = own(Form), ours(Form, "docx")


async def examined(**given: Path) -> dict[str, Finding]:
    sources = Sources.read(given, {}, None)
    found = await examine(REPORTS, Deployment(Settings.of(sources), sources, "", {}))
    return {one.name: one for one in found}


async def test_templates_are_tried(tmp_path: Path) -> None:
    assert (await examined())["report templates"].result is Result.OK
    for tenant in ("alpha", "beta"):
        (tmp_path / tenant).mkdir()
        (tmp_path / tenant / TEMPLATE).write_bytes(DEFAULT.read_bytes())
    well = (await examined(report_templates=tmp_path))["report templates"]
    assert (well.result, well.found) == (Result.OK, f"alpha, beta ({tmp_path})")
    (tmp_path / "gamma").mkdir()
    (tmp_path / "gamma" / own(Minutes)).write_bytes(template("{{ quorum }} of {{ sitting }}"))
    well = (await examined(report_templates=tmp_path))["report templates"]
    assert (well.result, well.found) == (Result.OK, f"alpha, beta, gamma ({tmp_path})")
    (tmp_path / "beta" / TEMPLATE).write_bytes(template("{%p for one in actions %}", "{{ one.ownr }}", "{%p endfor %}"))
    bad = (await examined(report_templates=tmp_path))["report templates"]
    assert bad.result is Result.FAIL
    assert f"beta/{TEMPLATE}" in bad.found
    assert "{{ one.ownr }}" in bad.found


async def test_folders_that_are_not_there(tmp_path: Path) -> None:
    found = await examined(report_templates=tmp_path / "none", report_fonts=tmp_path / "none")
    assert {one.result for one in found.values()} == {Result.FAIL}
    assert "CLOSEOUT_REPORT_FONTS" in found["report fonts"].mend
