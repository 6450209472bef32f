"""Money and units, clock, SQL blocks, errors: pure Python that knows neither Django nor the outside."""
