"""The root of every error that Ostatok raises on purpose."""


class OstatokError(Exception):
    """Something the caller can understand and mend; its text is fit to be shown."""
