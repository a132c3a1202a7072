import time
from datetime import datetime, UTC
from uuid import uuid4
from activities.ledger.postgres import PostgresLedger
from activities.readmodels import READ_MODELS
from workflows.registry import REGISTRY
from workflows.policy_book import PolicyBook
from workflows.people import Actor, Role
from workflows.decider import Command
from activities.ledger.protocol import Report
from services.api import reporting
from services.api.reporting import Delivery
from services.auth import Caller
from services.intake import Found
from workflows import findings
from tests.api.conftest import FINDING
from tests.ledger.conftest import *
from tests.ledger.conftest import NOW
async def test_speed(server, tenant):
    ledger = await PostgresLedger.open(server.app, REGISTRY, PolicyBook.load(), READ_MODELS)
    sm = Actor(id="sm", roles=frozenset({Role.SCHEME_MANAGER}))
    await ledger.transact(tenant, "client/acme", Command(id="r", name="register", body={"key":"acme","name":"Acme"}, actor=sm), NOW)
    actor = Actor(id="key:1", kind="key", roles=frozenset({Role.INTEGRATION}), source="scanner")
    def reports(n, **ch):
        d = Delivery(Caller(tenant, actor), NOW, "r", "n", str(uuid4()), False, clients={"acme":"acme"})
        out=[]
        for i in range(n):
            f,_ = findings.read(FINDING|{"source":{"system":"a","external_id":str(i)}}|ch)
            out.append(reporting.report(d, Found(i, f)))
        return out
    for label, ch in (("new",{}),("same",{}),("same",{}),("changed",{"title":"Other"}),("same",{"title":"Other"})):
        rs = reports(3000, **ch)
        t=time.perf_counter(); c0=time.process_time()
        from collections import Counter
        out = await ledger.report(tenant, rs, datetime.now(UTC))
        dt=time.perf_counter()-t
        print(label, Counter(o.result for o in out), f"{3000/dt:.0f}/s cpu {time.process_time()-c0:.1f}", flush=True)
    await ledger.close()
