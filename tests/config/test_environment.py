"""The table of variables, what their values mean, and the page that documents them."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from ostatok.config import database, environment
from ostatok.config.environment import BadVariable

ROOT = Path(__file__).parents[2]


def test_the_manual_lists_every_variable_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `([A-Z_]+)` \| (.*?) \|", (ROOT / "docs/operate.md").read_text(), re.MULTILINE))

    assert rows == {
        variable.name: f"`{variable.default}`" if variable.default else "—" for variable in environment.VARIABLES
    }


def test_every_variable_that_the_code_names_is_in_the_table() -> None:
    named = {
        name
        for path in (ROOT / "src").rglob("*.py")
        for name in re.findall(
            r"environment\.\w+\(\s*\"([A-Z_]+)\"|environ(?:\.get\(|\[)\"([A-Z_]+)\"", path.read_text()
        )
    }

    assert {first or second for first, second in named} - {"DJANGO_SETTINGS_MODULE"} <= {
        variable.name for variable in environment.VARIABLES
    }


def test_durations_are_read_in_their_units() -> None:
    environ = {"OSTATOK_RETRY_SCHEDULE": "0, 5s,30min, 2h,1d"}

    assert environment.durations("OSTATOK_RETRY_SCHEDULE", environ) == (
        timedelta(0),
        timedelta(seconds=5),
        timedelta(minutes=30),
        timedelta(hours=2),
        timedelta(days=1),
    )


@pytest.mark.parametrize("value", ["soon", "5 parsecs", "1h,,2h", "-5s", "1.5h"])
def test_a_duration_that_is_none_is_refused(value: str) -> None:
    with pytest.raises(BadVariable, match=r"^OSTATOK_RETRY_SCHEDULE must list"):
        environment.durations("OSTATOK_RETRY_SCHEDULE", {"OSTATOK_RETRY_SCHEDULE": value})


@pytest.mark.parametrize("value", ["31d", "0s,721h", "999999999d"])
def test_a_duration_of_more_than_thirty_days_is_refused(value: str) -> None:
    with pytest.raises(BadVariable, match=r"^OSTATOK_RETRY_SCHEDULE must not hold a duration of more than 30d$"):
        environment.durations("OSTATOK_RETRY_SCHEDULE", {"OSTATOK_RETRY_SCHEDULE": value})


def test_a_duration_of_thirty_days_is_taken() -> None:
    environ = {"OSTATOK_RETRY_SCHEDULE": "30d"}

    assert environment.durations("OSTATOK_RETRY_SCHEDULE", environ) == (timedelta(days=30),)


def test_an_empty_variable_counts_as_absent() -> None:
    assert environment.read("OSTATOK_HOME", {"OSTATOK_HOME": ""}) == "var"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            "postgresql://ann:p%40ss@db.example:6432/billing?sslmode=verify-full",
            {"NAME": "billing", "USER": "ann", "PASSWORD": "p@ss", "HOST": "db.example", "PORT": "6432"}
            | {"OPTIONS": {"sslmode": "verify-full"}},
        ),
        ("postgres://%2Frun%2Fpg/x", {"NAME": "x", "HOST": "/run/pg", "OPTIONS": {}}),
        ("postgresql:///x?host=/run/pg", {"NAME": "x", "HOST": "/run/pg", "OPTIONS": {}}),
        ("postgresql://one:1,two:2/x", {"NAME": "x", "HOST": "one,two", "PORT": "1,2", "OPTIONS": {}}),
    ],
)
def test_an_address_means_what_it_means_to_libpq(url: str, expected: dict[str, object]) -> None:
    assert database.parse(url) == {"ENGINE": "django.db.backends.postgresql", **expected}


def test_another_database_of_the_same_server_keeps_the_rest_of_the_address() -> None:
    url = "postgresql://ann@%2Frun%2Fpg:5432/ostatok?sslmode=disable"

    assert database.with_name(url, "test_ё") == "postgresql://ann@%2Frun%2Fpg:5432/test_%D1%91?sslmode=disable"
