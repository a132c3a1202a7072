from typing import Any
from tests.console.test_overview import *
async def test_shots(browser, console, address):
    import random
    random.seed(4)
    long = "An uncommonly long name of something " * 5
    for key, name in (("northwind", "Northwind Traders International Holding B.V."), ("initech", "Initech GmbH")):
        await console.desk.ask("manager", "POST", "/v1/clients", {"key": key, "name": name})
    reqs = ["A.5.18","A.8.8","A.5.23","A.8.13","8.5.1","7.2","9.2","A.6.3","A.7.4","10.2","A.8.24","6.1.2","A.5.7","4.4"]
    cases = []
    for n in range(240):
        c = random.choice(reqs) if random.random()<.6 else random.choice(reqs[:3])
        std = "ISO/IEC 27001" if c.startswith("A") else random.choice(["ISO 9001","ISO/IEC 42001", "SOC 2 Trust Services Criteria"])
        started = random.random()**2*360
        closed = random.random() < .6
        cases.append({"grade": random.choice(["major","minor","minor","minor","ofi"]), "issued_at": ago(started+1), "client": random.choice(["acme","acme","globex","northwind","initech"]),
         "requirements": [f"{std} {c}" if n%40 else long], "standards": [std], "categories": [random.choice(["Training","Training","Procedure not followed","Roles unclear","", "Tooling"])] if random.random()<.8 else [],
         "department": random.choice(["IT","IT","Human resources","Operations",None,"Research and development of medical devices","Finance","ידע ומערכות"]),
         "audit_ref": f"AUD-2026-{n%17:03}", "recurrence_of": "x" if random.random()<.1 else None,
         **({"status":"closed","ended_at":ago(started*random.random()*.7)} if closed else {"due_at": ago(random.uniform(-60,20)), "due_kind": random.choice(["plan","evidence","closure","correction"])})})
    await stand(console, cases)
    for scheme in ("light", "dark"):
        context = await signed_in(browser, console, address, "reviewer", color_scheme=scheme)
        page = await context.new_page()
        for width in (1280, 360):
            await page.set_viewport_size({"width": width, "height": 900})
            await page.goto("/console/overview")
            if width == 1280 and scheme == "light":
                await page.locator("#requirements summary").click()
            await page.screenshot(path=f"/tmp/ovpg/{scheme}-{width}.png", full_page=True)
        await context.close()
    context = await signed_in(browser, console, address, "stranger")
    page = await context.new_page()
    await page.set_viewport_size({"width": 1280, "height": 700})
    await page.goto("/console/overview?since=2020-01-01&until=2020-02-01")
    await page.screenshot(path=f"/tmp/ovpg/empty.png", full_page=True)
