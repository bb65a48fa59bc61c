"""`python -m burncurve` is the command."""

from burncurve.cli import main

if __name__ == "__main__":
    main()
