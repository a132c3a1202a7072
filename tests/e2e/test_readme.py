"""What the README says, done as it says it: `closeout up`, then curl alone."""

import asyncio
import os
import re
from pathlib import Path

from tests.e2e.conftest import Site, policies

README = Path(__file__).parents[2] / "README.md"


async def test_the_walk_of_the_readme(tmp_path: Path) -> None:
    [script] = re.findall(r"<!-- walk -->\n```bash\n(.*?)```", README.read_text(), re.DOTALL)
    site = Site(tmp_path / "data", policies(tmp_path / "policies"))
    async with site.running() as (up, _):
        env = os.environ | {"READY": str(tmp_path / "ready.json")}
        bash = await asyncio.create_subprocess_exec(
            "bash", "-euo", "pipefail", "-c", script, env=env, stdout=-1, stderr=asyncio.subprocess.STDOUT
        )
        out, _ = await bash.communicate()
        assert bash.returncode == 0, out.decode()
        assert "'closed'" in out.decode()
        assert "nonconformity.closed" in out.decode()
        assert set(up.ready.pids) == {"postgres", "temporal", "mailbox", "worker", "api"}
