"""`python -m bot` is the command line."""

from bot.console.cli import main

if __name__ == "__main__":
    main()
