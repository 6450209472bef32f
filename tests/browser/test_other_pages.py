"""Pages that not everybody comes by: the components on show, and the way to a second factor."""

from collections.abc import Iterator

import pytest

from ostatok.parties.access import Role
from ostatok.parties.models import User
from ostatok.web.signing_in import second_factor
from tests import faces
from tests.browser.conftest import Opener, empty
from tests.browser.test_every_page import faults
from tests.cli import serving
from tests.cli.serving import Served
from tests.faces import World

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def built(tables: str) -> Iterator[World]:
    """The world of the faces, with a clerk who has no second factor yet."""
    world = faces.build()
    world.staff["north", Role.CLERK].authenticator_set.all().delete()  # type: ignore[attr-defined]
    yield world
    empty()


@pytest.fixture(scope="module")
def debugged(tables: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The pages as a developer serves them."""
    directory = tmp_path_factory.mktemp("debugged")
    with serving.started(
        *("serve", "--no-worker", "--processes", "1"),
        log=directory / "log",
        DATABASE_URL=tables,
        OSTATOK_HOME=str(directory),
        OSTATOK_DEBUG="1",
    ) as served:
        serving.announced(served, "answers at")
        yield served
        assert served.stop()[0] == 0


def test_the_components_on_show_are_sound(look: Opener, debugged: Served, built: World) -> None:
    window = look(debugged, user=built.staff["north", Role.OWNER])

    assert window.go("/console/design/") == 200
    assert faults(window) == []


@pytest.mark.parametrize("path", ["/account/2fa/", "/account/2fa/totp/activate/"])
def test_the_way_to_a_second_factor_is_sound(path: str, look: Opener, site: Served, built: World) -> None:
    window = look(site, user=built.staff["north", Role.CLERK])

    assert window.go("/console/") == 200
    assert window.page.url.endswith("/account/2fa/")
    assert window.go(path) == 200
    assert window.page.url.endswith(path)
    assert faults(window) == []


def test_faults_would_be_found(look: Opener, site: Served, built: World) -> None:
    window = look(site)
    window.go("/account/login/")
    window.page.evaluate(
        """() => {
            const image = document.createElement('img');
            image.width = 5000;
            document.querySelector('main').append(image);
        }"""
    )

    found = faults(window)

    assert any(each.startswith("image-alt") for each in found)
    assert any(each.startswith("too wide for a phone") for each in found)
    assert any(each.startswith("too wide: ") for each in found)


def test_what_the_policy_forbids_is_complained_of(look: Opener, site: Served, built: World) -> None:
    window = look(site)
    window.go("/account/login/")
    window.page.evaluate("() => document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\">')")
    window.page.wait_for_function("() => document.querySelector('p[style]')")

    assert any("Content Security Policy" in each for each in window.complaints)
    window.complaints.clear()


@pytest.mark.parametrize("path", ["/admin/", "/admin/parties/client/?q=1", "/admin/parties/client/{pk}/change/"])
def test_djangos_admin_works_under_the_policy(sit: Opener, debugged: Served, built: World, path: str) -> None:
    user = User.objects.filter(is_superuser=True).first() or User.objects.create_superuser("root@ostatok.test")
    if not second_factor.had_by(user):
        faces.totp(user)
    window = sit(debugged, user=user)

    assert window.go(path.format(pk=built.clients["romashka"].pk)) == 200
    assert window.complaints == []
