"""What is wrong, in the words of whoever reads: `{% load complaints %}`."""

from django import template

from ostatok.web import complaints

register = template.Library()


@register.filter
def complaint(message: str) -> str:
    """`{{ problem.message|complaint }}` → `такой переменной нет: clint_name`."""
    return complaints.said(message)
