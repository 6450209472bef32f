"""`ostatok rotate-secrets`: after OSTATOK_SECRET_KEY was changed, so that the old key may go."""

import sys
from collections.abc import Iterator

import click
from django.conf import settings

from ostatok.cli import main
from ostatok.web.signing_in import sealing
from ostatok.web.signing_in.sealing import Renewal


@click.command(cls=main.Command)
@click.option("--dry-run", is_flag=True, help="Only tell what it would do.")
@main.json_option
def command(dry_run: bool) -> None:
    """Encrypt anew, with OSTATOK_SECRET_KEY, what is encrypted with a key of OSTATOK_SECRET_KEY_FALLBACKS.

    Safe to repeat and to interrupt. Says when the old key is no longer needed; exit status 1 if no key opens a secret.
    """
    done = sealing.renew(dry_run=dry_run)
    main.report(
        {
            "dry_run": dry_run,
            "secrets": done.secrets,
            "renewed": 0 if dry_run else done.renewed,
            "old": done.left,
            "unreadable": list(done.lost),
            "old_keys_needed": done.left > 0,
        },
        list(_lines(done, dry_run=dry_run)),
    )
    if done.lost:
        sys.exit(1)


def _lines(done: Renewal, *, dry_run: bool) -> Iterator[str]:
    yield f"secrets: {done.secrets:,}, {'to encrypt' if dry_run else 'encrypted'} anew: {done.renewed:,}"
    for email in done.lost:
        yield f"no key opens a secret of {email}: ostatok reset-second-factor {email}"
    if done.left and not dry_run:
        yield f"encrypted with an old key meanwhile: {done.left:,}. Is a host still running with it? Run this again."
    elif done.left:
        yield "Old keys are still needed."
    elif settings.SECRET_KEY_FALLBACKS:
        yield "No secret needs an old key any more: OSTATOK_SECRET_KEY_FALLBACKS may go."
    else:
        yield "There is no old key."
