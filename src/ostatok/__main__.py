"""`python -m ostatok` does what `ostatok` does."""

from ostatok.config.main import main

if __name__ == "__main__":
    main()
