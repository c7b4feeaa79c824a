"""Routes that are compiled once for all applications of a process.

Falcon compiles a router with the first request to an application. Here almost every test has an application of its
own, and all of them have the same addresses: to say them, and to compile them, took longer than most requests.
"""

from dataclasses import dataclass, field
from typing import Any, ClassVar

import falcon.inspect
from falcon import routing

Address = tuple[str, str | None]


@dataclass(frozen=True)
class Place:
    """What stands at an address in the place of a door: the number of its route."""

    number: int

    def on_get(self, request: object, response: object, **parts: object) -> None:
        """Falcon wants one."""


@dataclass
class Routes:
    """The routes of one application, with doors of its own."""

    compiled: ClassVar[dict[tuple[Address, ...], routing.CompiledRouter]] = {}

    routes: list[tuple[str, object, dict[str, Any]]] = field(default_factory=list)
    responders: dict[int, dict[str, Any]] = field(default_factory=dict)
    options: routing.CompiledRouterOptions = field(default_factory=routing.CompiledRouterOptions)
    ways: routing.CompiledRouter | None = None

    def add_route(self, uri_template: str, resource: object, **more: Any) -> None:
        """Another route. Whether Falcon takes it is found out with the first request."""
        self.routes.append((uri_template, resource, more))
        self.ways = None

    def find(self, uri: str, req: object = None) -> tuple[Any, ...] | None:
        """What Falcon wants to know of an address: the door, its responders, the parts, and the template."""
        self.ways = self.ways or self.known()
        if (found := self.ways.find(uri)) is None:
            return None
        place, _, parts, template = found
        assert isinstance(place, Place)
        number = place.number
        if number not in self.responders:
            _, door, more = self.routes[number]
            self.responders[number] = routing.map_http_methods(door, suffix=more.get("suffix"))
            routing.set_default_responders(self.responders[number])
        return self.routes[number][1], self.responders[number], parts, template

    def known(self) -> routing.CompiledRouter:
        """The way to the number of each route. The first time Falcon has a look at the doors themselves."""
        addresses = tuple((template, more.get("suffix")) for template, _, more in self.routes)
        if addresses not in self.compiled:
            self.whole()
            ways = self.compiled[addresses] = routing.CompiledRouter()
            for number, (template, _) in enumerate(addresses):
                ways.add_route(template, Place(number))
        return self.compiled[addresses]

    def whole(self) -> routing.CompiledRouter:
        """The same routes as Falcon has them."""
        router = routing.CompiledRouter()
        for template, door, more in self.routes:
            router.add_route(template, door, **more)
        return router


@falcon.inspect.register_router(Routes)
def inspect(router: Routes) -> list[falcon.inspect.RouteInfo]:
    """What Falcon tells of them."""
    return falcon.inspect.inspect_compiled_router(router.whole())


def compile_once() -> None:
    """Lets every application that is made from now on have such routes."""
    routing.DefaultRouter = Routes  # type: ignore[assignment]
