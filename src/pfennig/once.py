"""Attributes that are worked out when they are first asked for."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

V = TypeVar("V")


class Once(Generic[V]):
    """Decorates a method: it becomes an attribute that is worked out when it is first asked for, and then kept.

    Before Python 3.12 `functools.cached_property` works out an attribute for one object at a time. If that waits, for
    instance for a row or for its turn to write, all other threads wait for it, also the one that it waits for. Here
    threads that ask the same object at the same time may work it out twice.
    """

    def __init__(self, work_out: Callable[[Any], V]) -> None:
        self.work_out, self.__doc__ = work_out, work_out.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, instance: None, owner: type) -> "Once[V]": ...

    @overload
    def __get__(self, instance: object, owner: type) -> V: ...

    def __get__(self, instance: object | None, owner: type) -> "Once[V] | V":
        if instance is None:
            return self
        value = vars(instance)[self.name] = self.work_out(instance)
        return value
