"""Every route there is, from the resolver."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver, reverse


@dataclass(frozen=True, kw_only=True)
class Route:
    """A route by its name with its namespaces, or by its pattern where it has none."""

    name: str
    named: bool
    arguments: frozenset[str]
    takes_posts: bool

    def path(self, values: Mapping[str, object]) -> str:
        """Its path, with these values of its arguments."""
        if not self.named:
            return f"/{self.name}"
        return reverse(self.name, kwargs={argument: values[argument] for argument in self.arguments})


def every() -> dict[str, Route]:
    """All routes by their names."""
    return {route.name: route for route in _below(get_resolver(), "", ())}


def _below(resolver: URLResolver, prefix: str, spaces: tuple[str, ...]) -> Iterator[Route]:
    for one in resolver.url_patterns:
        whole = prefix + str(one.pattern)
        if isinstance(one, URLPattern):
            name = ":".join([*spaces, one.name]) if one.name else whole
            yield Route(
                name=name,
                named=bool(one.name),
                arguments=frozenset(one.pattern.regex.groupindex),
                takes_posts=hasattr(getattr(one.callback, "view_class", None), "post"),
            )
        else:
            yield from _below(one, whole, (*spaces, one.namespace) if one.namespace else spaces)
