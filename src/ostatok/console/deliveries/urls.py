"""Where the pages of this area are."""

from django.urls import path

from ostatok.console.deliveries import again, dead, views

urlpatterns = [
    path("deliveries/", views.Deliveries.as_view(), name="deliveries"),
    path("deliveries/dead/", dead.DeadDeliveries.as_view(), name="dead_deliveries"),
    path("deliveries/replay/", again.Replay.as_view(), name="replay"),
    path("deliveries/<int:pk>/", views.OneDelivery.as_view(), name="delivery"),
    path("deliveries/<int:pk>/letter/", views.Letter.as_view(), name="delivery_letter"),
    path("deliveries/<int:pk>/again/", again.Retry.as_view(), name="retry_delivery"),
]
