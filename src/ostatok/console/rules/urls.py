"""Where the pages of this area are."""

from django.urls import path

from ostatok.console.rules import editing, switching, views

urlpatterns = [
    path("rules/", views.Rules.as_view(), name="rules"),
    path("rules/new/", editing.RulePage.as_view(), name="new_rule"),
    path("rules/new/try/", editing.Trying.as_view(), name="try_new_rule"),
    path("rules/<int:pk>/", views.OneRule.as_view(), name="rule"),
    path("rules/<int:pk>/edit/", editing.RulePage.as_view(), name="edit_rule"),
    path("rules/<int:pk>/edit/try/", editing.Trying.as_view(), name="try_rule"),
    path("rules/<int:pk>/who/", views.Who.as_view(), name="rule_preview"),
    path("rules/<int:pk>/switch/", switching.Switch.as_view(), name="switch_rule"),
    path("rules/<int:pk>/switching/", switching.Progress.as_view(), name="rule_switching"),
    path("rules/<int:pk>/delete/", switching.DeleteRule.as_view(), name="delete_rule"),
    path("rules/<int:pk>/shadow/", views.Shadow.as_view(), name="rule_shadow"),
    path("rules/<int:pk>/shadow/export/", views.ExportShadow.as_view(), name="export_shadow"),
]
