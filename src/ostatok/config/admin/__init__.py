"""Django's admin at `/admin/`, for the installation's superuser: every table to look at, none to change.

Changes go through descriptions and the console, which check and record them
(docs/decisions/0044-the-admin-only-looks.md).
"""
