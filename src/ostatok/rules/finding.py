"""What a text typed into a search finds among the rules: some hundreds at most, so no index."""

from django.db.models import Q


def rules(text: str) -> Q:
    """Rules whose name, or the codes of whose audience, hold the text."""
    return Q(name__icontains=text) | Q(audience__icontains=text)
