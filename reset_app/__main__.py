"""`python -m reset_app` is `pinreset`."""

from reset_app.cli import main

main()
