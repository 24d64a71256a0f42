"""`python -m simulator` is `rumsim`."""

from simulator.cli import main

if __name__ == "__main__":
    main(prog_name="rumsim")
