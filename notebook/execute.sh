#!/bin/sh
# Runs outliers.ipynb from its first cell to its last, and saves what comes with it; see usage below.

usage()
{
	cat <<'EOF'
usage: notebook/execute.sh [NOTEBOOK]

Makes the day of flows in a database of its own, on the server that PGHOST,
PGPORT and PGUSER name, runs NOTEBOOK (default notebook/outliers.ipynb), saves
it with all outputs, and drops the database.  Needs Debian's python3-nbclient,
python3-ipykernel, python3-psycopg, python3-pandas and python3-matplotlib.
EOF
}

here=$(dirname "$(readlink -f "$0")")

case ${1-} in
-h | --help)
	usage
	exit 0
	;;
-*)
	usage >&2
	exit 2
	;;
esac
[ $# -le 1 ] || { usage >&2; exit 2; }

notebook=$(readlink -f "${1:-$here/outliers.ipynb}")
database=flowstore_notebook_$$
trap 'psql -Xq -d postgres -c "DROP DATABASE IF EXISTS $database"' EXIT
trap 'exit 1' HUP INT TERM
sh "$here/load.sh" "$database" >/dev/null || exit 1

PGDATABASE=$database PYDEVD_DISABLE_FILE_VALIDATION=1 /usr/bin/python3 - "$notebook" <<'EOF'
import os
import sys

import nbclient
import nbformat

path = sys.argv[1]
notebook = nbformat.read(path, as_version=4)
try:
    nbclient.NotebookClient(notebook, kernel_name="python3", record_timing=False, timeout=300).execute()
except nbclient.exceptions.CellExecutionError as error:
    sys.exit(f"{os.path.basename(path)} is left as it was: {error}")

# what another machine would write differently
notebook.metadata = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
for cell in notebook.cells:
    cell.metadata.clear()
nbformat.validate(notebook)
with open(path + ".new", "w", encoding="utf-8") as file:
    nbformat.write(notebook, file)
os.replace(path + ".new", path)
EOF
