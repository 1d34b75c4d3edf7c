"""``python -m photonic``."""

from photonic.cli import main

if __name__ == "__main__":
    main()
