"""What machines ask: is the process alive, may it get requests, and its metrics."""

import hmac
from collections.abc import Iterable, Iterator
from typing import Final

from django.conf import settings
from django.db import Error, connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from ostatok.config import schema
from ostatok.delivery import gauges

_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
#: What this process knows of the schema.
watch: Final = schema.Watch()


def alive(_request: HttpRequest) -> HttpResponse:
    """200 while the process answers at all; nothing else is looked at, so that no outage restarts it."""
    return JsonResponse({"status": "alive"})


def ready(_request: HttpRequest) -> HttpResponse:
    """200 when the database answers and has the schema of this version, otherwise 503."""
    try:
        current = watch.is_current()
    except Error:
        return JsonResponse({"status": "the database does not answer"}, status=503)
    if not current:
        return JsonResponse({"status": "the database lacks migrations"}, status=503)
    return JsonResponse({"status": "ready"})


def metrics(request: HttpRequest) -> HttpResponse:
    """Figures of the outbox for Prometheus; closed without the token of OSTATOK_METRICS_TOKEN."""
    token = settings.OSTATOK_METRICS_TOKEN
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not token or not hmac.compare_digest(given.encode(), token.encode()):
        raise Http404
    registry = CollectorRegistry()
    registry.register(_Figures())
    return HttpResponse(generate_latest(registry), content_type=_TYPE)


class _Figures(Collector):
    def collect(self) -> Iterable[Metric]:
        return _families()


def _families() -> Iterator[Metric]:
    with connection.cursor() as cursor:
        now = gauges.read(cursor)
    deliveries = GaugeMetricFamily("ostatok_deliveries", "Deliveries that are not settled yet", labels=["state"])
    for state, count in now.deliveries.items():
        deliveries.add_metric([state], count)
    yield deliveries
    yield GaugeMetricFamily("ostatok_oldest_due_seconds", "Age of the oldest delivery due", value=now.oldest_due)
    yield GaugeMetricFamily("ostatok_circuits_open", "Providers left alone because they fail", value=now.circuits_open)
    yield GaugeMetricFamily("ostatok_workers", "Workers alive", value=now.workers)
