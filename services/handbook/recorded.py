"""Which events a function of the rules may record, read from its source: the events that it and its helpers make."""

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator
from functools import cache
from types import FunctionType, ModuleType
from typing import Any

from workflows.decider import Event


@cache
def events_of(function: Callable[..., Any]) -> tuple[type[Event], ...]:
    """The events, in the order in which the source names them."""
    return tuple(dict.fromkeys(_made(function, set())))


def _made(function: Callable[..., Any], seen: set[object]) -> Iterator[type[Event]]:
    if function in seen:
        return
    seen.add(function)
    for called in _called(function):
        if isinstance(called, type) and issubclass(called, Event):
            yield called
        elif isinstance(called, FunctionType) and called.__module__.startswith("workflows."):
            yield from _made(called, seen)


def _called(function: Callable[..., Any]) -> Iterator[object]:
    """What a function calls by a name of its module, but for calls of which only one field is used."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    part_only = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and id(node) not in part_only]
    names = inspect.unwrap(function).__globals__
    for call in sorted(calls, key=lambda node: (node.lineno, node.col_offset)):
        match call.func:
            case ast.Name(id=name):
                yield names.get(name)
            case ast.Attribute(value=ast.Name(id=module), attr=name) if isinstance(names.get(module), ModuleType):
                yield getattr(names[module], name, None)
