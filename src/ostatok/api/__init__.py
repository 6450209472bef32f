"""The face of programs: all that the console can do, under `/api/v1`."""
