"""`lifecycle`, `lifecycle_row`: whole lives of five commands, from a reported finding to its withdrawal, 50 at once.

A command goes the product's own way (`Engine.send`): the first one starts the workflow. Both sides wait for its end.
"""

from collections.abc import Mapping
from uuid import uuid4

from bench import cases
from bench.baselines import client as bare
from bench.harness import Result, crowd, result
from bench.site import BARE, Site
from workflows.stubs import Address

AT_ONCE = 50


async def measure(site: Site) -> list[Result]:
    """Lives a second: the product's, the bare workflow's, and those of the bare workflow that writes rows."""

    async def ours() -> Mapping[str, float]:
        streams = await cases.report(site.ledger, site.tenant, site.size.lives)
        return {"rate": (await crowd(len(streams), AT_ONCE, lambda i: live(site, streams[i]))).rate}

    async def updates() -> Mapping[str, float]:
        return {"rate": (await crowd(site.size.lives, AT_ONCE, lambda _: live_bare(site, "bare"))).rate}

    async def rows() -> Mapping[str, float]:
        return {"rate": (await crowd(site.size.lives, AT_ONCE, lambda _: live_bare(site, "bare_row"))).rate}

    whole, bare_updates, bare_rows = await site.rounds.turns(ours, updates, rows)
    return [
        result("lifecycle", whole["rate"], bare_updates["rate"]),
        result("lifecycle_row", whole["rate"], bare_rows["rate"]),
    ]


async def live(site: Site, stream: str) -> None:
    """One life of a reported case, which has no workflow yet."""
    for n, command in enumerate(cases.life()):
        answer = await site.engine.send(site.tenant, stream, command, alive=n > 0)
        if answer.refusal is not None:
            raise RuntimeError(f"{command.name}: {answer.refusal.detail}")
    workflow = Address(tenant=site.tenant, stream=stream).workflow_id
    await site.client.get_workflow_handle(workflow).result()


async def live_bare(site: Site, workflow: str) -> None:
    """One life of a bare workflow."""
    life = f"{workflow}/{site.tenant}/{uuid4().hex}"
    first, *others = cases.life()
    await bare.start_with_update(site.client, workflow, life, BARE, first)
    for command in others:
        await bare.update(site.client, life, command)
    await site.client.get_workflow_handle(life).result()
