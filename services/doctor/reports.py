"""What reports are made with: the tenants' templates, and further fonts."""

from services.doctor.checks import Answer, Check, fail, ok
from services.doctor.deployment import Deployment
from services.reports.apart import TEMPLATE, Asked
from services.reports.press import Press, Unrendered
from services.reports.sample import SAMPLE

MEND = "see docs/reports.md"


async def _templates(deployment: Deployment) -> Answer:
    folder = deployment.settings.report_templates
    if folder is None:
        return ok("ours for every tenant")
    if not folder.is_dir():
        return fail(f"{folder} is no folder", "set CLOSEOUT_REPORT_TEMPLATES to a folder of templates, or unset it")
    found = sorted(folder.glob(f"*/{TEMPLATE}"))
    for file in found:
        try:
            await Press().render(Asked(form=SAMPLE, format="docx", template=file))
        except Unrendered as error:
            return fail(f"{file}: {error}", "mend the template: docs/reports.md names its fields")
    return ok(f"{', '.join(file.parent.name for file in found) or 'none'} ({folder})")


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
