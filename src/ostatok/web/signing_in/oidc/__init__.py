"""Signing in by OpenID Connect: staff whom the installation's own provider knows."""
