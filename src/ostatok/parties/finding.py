"""What a text typed into a search finds among the people of an operator: a few thousand rows at most, so no index."""

from django.db.models import Q


def users(text: str, *, at: str = "") -> Q:
    """Users whose name or address holds the text; `at` leads to them, as `user__`."""
    return Q(**{f"{at}name__icontains": text}) | Q(**{f"{at}email__icontains": text})


def contacts(text: str) -> Q:
    """Contacts whose name holds the text."""
    return Q(name__icontains=text)
