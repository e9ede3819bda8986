"""Photographs parts of a report for the documentation: picture.py REPORT FOLDER."""

import os
import sys

from browser import Browser


def main():
    report, folder = sys.argv[1:]
    view = Browser()
    try:
        view.size(1240)
        view.media('light')
        view.open(report)
        view.screenshot(os.path.join(folder, 'report.png'), until='#conversations')
        view.screenshot(os.path.join(folder, 'report-findings.png'), since='#alerts', until='#found table')
        view.media('dark')
        view.screenshot(os.path.join(folder, 'report-matrix.png'), since='#matrix', until='#matrix .legend')
    finally:
        view.close()


main()
