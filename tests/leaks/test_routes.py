async def test_try(three):
    for one in three:
        print({k: len(v) for k, v in one.things.items()}, len(one.secrets), len(one.entry), one.cursors, one.positions[:2])
        print(one.things["delivery"], one.things["key"], one.things["hook"], one.things["person"])
