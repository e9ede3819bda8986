"""All of the test, or the parts that are named, in TAP."""

import sys
import traceback

import check_browser
import check_form
import check_numbers
import check_odd
import check_plans
import setup
from tap import Tap

PARTS = [check_numbers, check_form, check_plans, check_odd, check_browser]


def main():
    tap = Tap()
    chosen = [p for p in PARTS if len(sys.argv) < 2 or p.__name__ in sys.argv[1:]]
    setup.make()
    for part in chosen:
        try:
            part.check(tap)
        except Exception:  # what a part dies of is its failure, and the others go on
            tap.ok(False, f'{part.__name__} comes to its end', traceback.format_exc())
    return tap.end()


sys.exit(main())
