"""What commands about extent at other sites record."""

from workflows.decider import Context
from workflows.nonconformity import commands as c
from workflows.nonconformity import events as e
from workflows.nonconformity.case import Case
from workflows.nonconformity.records.common import Events


def record_extent(case: Case, body: c.RecordExtent, context: Context) -> Events:
    """Affected or not."""
    return (e.ExtentRecorded(site=body.site, affected=body.affected, text=body.text),)
