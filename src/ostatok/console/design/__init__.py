"""The components of the design system, on one page."""
