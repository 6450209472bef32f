"""Who was called, and who promised what."""

from datetime import date, datetime
from typing import Any

import pytest

from ostatok.parties import call_notes, wall
from ostatok.parties.access import Member, Role
from ostatok.parties.models import AuditRecord, CallNote, Client, Organization
from tests.parties.house import House

pytestmark = pytest.mark.django_db

NOW = datetime.fromisoformat("2026-11-22T09:00:00+00:00")
FRIDAY = date(2026, 11, 27)


def _member(organization: Organization, role: Role = Role.CLERK) -> Member:
    return Member(user_id=organization.memberships.get().user_id, name="olga@x.test", roles={organization.pk: role})


def _write(house: House, member: Member, **what: Any) -> CallNote:
    client = Client.objects.get(organization=house.left)
    return call_notes.write(member, client, origin="10.0.0.1", now=NOW, **what)


def test_a_promise_is_kept_with_its_day_and_who_heard_it(house: House) -> None:
    member = _member(house.left)
    with wall.raised_for(member):
        note = _write(house, member, kind=CallNote.Kind.PROMISED, text=" will pay ", promised_until=FRIDAY)
    note.refresh_from_db()
    assert (note.text, note.promised_until, note.by_id, note.at) == ("will pay", FRIDAY, member.user_id, NOW)


def test_the_audit_says_that_there_is_a_note_and_not_what_it_says(house: House) -> None:
    _write(house, _member(house.left), kind=CallNote.Kind.NOTE, text="ill until Friday")
    record = AuditRecord.objects.get(action="call_note.note")
    assert (record.subject, record.changes) == ("c1", {})


def test_only_a_promise_has_a_day_and_only_a_note_needs_words(house: House) -> None:
    clerk = _member(house.left)
    with pytest.raises(call_notes.CallNoteRefused, match="promise"):
        _write(house, clerk, kind=CallNote.Kind.CALLED, promised_until=FRIDAY)
    with pytest.raises(call_notes.CallNoteRefused, match="text"):
        _write(house, clerk, kind=CallNote.Kind.NOTE, text=" ")
    assert _write(house, clerk, kind=CallNote.Kind.CALLED).pk


def test_a_promise_is_for_a_day_that_is_not_over_where_the_client_is(house: House) -> None:
    clerk = _member(house.left)
    Organization.objects.filter(pk=house.left.pk).update(timezone="Pacific/Auckland")
    there = date(2026, 11, 22)
    for day in (None, date(2026, 11, 21)):
        with pytest.raises(call_notes.CallNoteRefused, match="day"):
            _write(house, clerk, kind=CallNote.Kind.PROMISED, promised_until=day)
    assert _write(house, clerk, kind=CallNote.Kind.PROMISED, promised_until=there).pk


def test_who_only_looks_and_who_is_elsewhere_write_none(house: House) -> None:
    for member in (_member(house.left, Role.LOOK), _member(house.left, Role.AUDITOR), _member(house.right)):
        with pytest.raises(call_notes.CallNoteRefused, match="may not"):
            _write(house, member, kind=CallNote.Kind.CALLED)
