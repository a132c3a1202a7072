"""One change to one function at a time, as mutmut makes them, and how it takes effect in a running process.

mutmut leaves alone what is decorated, which all guards are. So its operators are used here, and a change is put into
the functions that are there already, as their code: decorated, imported by name or held by a table, they change alike.
"""

import gc
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import FunctionType

import libcst as cst
from libcst.metadata import MetadataWrapper, ParentNodeProvider, PositionProvider
from mutmut.mutation.file_mutation import MutationVisitor, deep_replace
from mutmut.mutation.mutators import mutation_operators
from mutmut.mutation.pragma_handling import IgnoredCode

HEADED = (cst.BaseCompoundStatement, cst.SimpleStatementLine, cst.MatchCase, cst.ExceptHandler)
"""What a changed thing stands in directly: its lines are those of this thing, not of the blocks below."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """A changed function: `source` is its text; tests that run none of `lines` of the file cannot tell it apart.

    `begins` is where the definition may be said to begin: at its first decorator or at `def`.
    """

    module: str
    function: str
    path: str
    begins: frozenset[int]
    lines: range
    was: str
    now: str
    source: str

    def __str__(self) -> str:
        """Where it is and what is changed."""
        return f"{self.path}:{self.lines.start} {self.function}: {self.was}  =>  {self.now}"


class _Visitor(MutationVisitor):
    """mutmut's, which goes into decorated functions too."""

    def _skip_node_and_children(self, node: cst.CSTNode) -> bool:
        return not isinstance(node, cst.FunctionDef) and super()._skip_node_and_children(node)


def mutants(module: str) -> Iterator[Mutant]:
    """Every change to the functions and methods of a module."""
    path = Path(str(import_module(module).__file__))
    wrapper = MetadataWrapper(cst.parse_module(path.read_text()))
    positions, parents = wrapper.resolve(PositionProvider), wrapper.resolve(ParentNodeProvider)
    visitor = _Visitor(mutation_operators, IgnoredCode(set(), set(), set()))
    wrapper.visit(visitor)

    def lines(node: cst.CSTNode, function: cst.FunctionDef) -> range:
        """Of what stands in a statement and holds the node; of the function, for the value of a parameter."""
        while not isinstance(node, HEADED) and not isinstance(parents[node], HEADED):
            node = parents[node]
        whole = function if isinstance(node, cst.Parameters) else node
        begin, end = positions[whole].start.line, positions[whole].end.line
        return range(begin, begin + 1 if isinstance(node, HEADED) else end + 1)

    for mutation in visitor.mutations:
        function, node = mutation.contained_by_top_level_function, mutation.original_node
        if not isinstance(function, cst.FunctionDef):
            continue
        bare = function.with_changes(decorators=(), leading_lines=(), lines_after_decorators=())
        changed = deep_replace(bare, node, mutation.mutated_node)
        assert isinstance(changed, cst.FunctionDef)
        yield Mutant(
            module=module,
            function=function.name.value,
            path=str(path.relative_to(Path.cwd())),
            begins=frozenset(
                positions[part].start.line for part in (function, function.name, *function.decorators[:1])
            ),
            lines=lines(node, function),
            was=_short(wrapper.module.code_for_node(node)),
            now=_short(wrapper.module.code_for_node(mutation.mutated_node)),
            source=cst.Module([]).code_for_node(changed),
        )


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 120 else f"{line[:117]}..."


Functions = Mapping[tuple[str, int], Sequence[FunctionType]]
"""The functions of a process, by their file and first line."""


def functions() -> Functions:
    """All that were made from files of this tree."""
    found: dict[tuple[str, int], list[FunctionType]] = {}
    for item in gc.get_objects():
        if isinstance(item, FunctionType) and item.__code__.co_filename.startswith(str(Path.cwd())):
            path = str(Path(item.__code__.co_filename).relative_to(Path.cwd()))
            found.setdefault((path, item.__code__.co_firstlineno), []).append(item)
    return found


def install(mutant: Mutant, there: Functions) -> None:
    """Makes the change in this process; LookupError where the function is not there."""
    text = f"from __future__ import annotations\n{mutant.source}"
    made: dict[str, FunctionType] = {}
    exec(compile(text, mutant.path, "exec"), dict(vars(import_module(mutant.module))), made)  # noqa: S102 - that is the point
    changed = made[mutant.function]
    found = [item for line in mutant.begins for item in there.get((mutant.path, line), ())]
    found = [item for item in found if item.__name__ == mutant.function]
    if not found:
        raise LookupError(str(mutant))
    for item in found:
        item.__code__, item.__defaults__, item.__kwdefaults__ = (
            changed.__code__,
            changed.__defaults__,
            changed.__kwdefaults__,
        )
