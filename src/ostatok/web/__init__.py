"""What the faces share: the look, signing in, who asks, paging, changes, exports. It knows no face."""
