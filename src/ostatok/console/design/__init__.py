"""The living page of the design system: every component in every state. There in debug mode only."""
