"""Where stories are told over HTTP."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from tests.api.conftest import Office
from tests.api.houses import House, built
from tests.api.telling import World
from tests.rules.stories import Story


@dataclass
class Stage:
    """Where stories are told: houses by their rules, and worlds that nothing changed since their steps were walked."""

    office: Office
    stack: AsyncExitStack
    houses: dict[str, House] = field(default_factory=dict)
    worlds: dict[str, World] = field(default_factory=dict)

    async def world(self, story: Story, *, shared: bool = False) -> World:
        """The world before the story's last command; a shared one for a story that must change nothing."""
        name = repr((story.steps, story.policy, story.fresh))
        if shared and name in self.worlds:
            return self.worlds[name]
        world = World(await self._house(story))
        await world.open()
        await world.walk(story.steps)
        if shared:
            self.worlds[name] = world
        return world

    async def _house(self, story: Story) -> House:
        name = repr((story.policy, story.fresh))
        if name not in self.houses:
            self.houses[name] = await self.stack.enter_async_context(built(self.office, story))
        return self.houses[name]


@asynccontextmanager
async def staged(office: Office) -> AsyncIterator[Stage]:
    """A stage over the session's servers."""
    async with AsyncExitStack() as stack:
        yield Stage(office, stack)
