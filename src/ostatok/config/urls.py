"""Where everything is: the faces under their prefixes, signing in, and what machines ask."""

from django.conf import settings
from django.urls import include, path

from ostatok.config import health
from ostatok.config.admin import tables
from ostatok.web import home

urlpatterns = [
    path("", home.Home.as_view(), name="home"),
    path("console/", include("ostatok.console.urls")),
    path("cabinet/", include("ostatok.cabinet.urls")),
    path("api/v1/", include("ostatok.api.urls")),
    path("account/", include("ostatok.web.signing_in.urls")),
    path("web/", include("ostatok.web.urls")),
    path("admin/", tables.site.urls),
    path("healthz", health.alive),
    path("readyz", health.ready),
    path("metrics", health.metrics),
]

handler400 = "ostatok.web.errors.bad_request"
handler403 = "ostatok.web.errors.forbidden"
handler404 = "ostatok.web.errors.not_found"
handler500 = "ostatok.web.errors.broken"

if settings.DEBUG:
    urlpatterns += [path("console/design/", include("ostatok.console.design.urls"))]
