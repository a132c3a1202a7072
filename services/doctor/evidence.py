"""Where files of evidence are kept."""

from services.doctor.checks import Answer, Check, fail, ok
from services.doctor.deployment import Deployment
from services.evidence.store import Store
from services.settings import BadSettings

MEND = (
    "mend CLOSEOUT_EVIDENCE_STORE, or what the cloud's own variables say: "
    "the bucket must let its objects be listed, read, written and deleted"
)


async def _store(deployment: Deployment) -> Answer:
    try:
        store = Store.of(deployment.settings)
    except BadSettings as error:
        return fail(str(error), MEND)
    await store.ask()
    return ok(store.url)


EVIDENCE = (Check("evidence", _store, MEND),)
