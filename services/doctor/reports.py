"""What reports are made with: the tenants' templates, and further fonts."""

from collections.abc import Sequence

from services.doctor.checks import Answer, Check, fail, ok
from services.doctor.deployment import Deployment
from services.reports.apart import Asked, Printable
from services.reports.minutes.sample import SAMPLE as MINUTES
from services.reports.paper import own
from services.reports.press import Press, Unrendered
from services.reports.sample import SAMPLE as FORM

MEND = "see docs/reports.md"


async def _templates(deployment: Deployment) -> Answer:
    folder = deployment.settings.report_templates
    if folder is None:
        return ok("ours for every tenant")
    if not folder.is_dir():
        return fail(f"{folder} is no folder", "set CLOSEOUT_REPORT_TEMPLATES to a folder of templates, or unset it")
    samples: Sequence[Printable] = (FORM, MINUTES)
    papers = {file: paper for paper in samples for file in folder.glob(f"*/{own(type(paper))}")}
    for file in sorted(papers):
        try:
            await Press().render(Asked(paper=papers[file], format="docx", template=file))
        except Unrendered as error:
            return fail(f"{file}: {error}", "mend the template: docs/reports.md names its fields")
    tenants = sorted({file.parent.name for file in papers})
    return ok(f"{', '.join(tenants) or 'none'} ({folder})")


async def _fonts(deployment: Deployment) -> Answer:
    folder = deployment.settings.report_fonts
    if folder is not None and not folder.is_dir():
        return fail(f"{folder} is no folder", "set CLOSEOUT_REPORT_FONTS to a folder of fonts, or unset it")
    return ok(str(folder or "packaged"))


REPORTS = (
    # As long as rendering takes, which has a bound of its own.
    Check("report templates", _templates, MEND, patience=None),
    Check("report fonts", _fonts, MEND),
)
