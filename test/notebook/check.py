"""Runs the code cells of a notebook as a script, compares what they answer with what is saved, and says so as TAP.

Without Jupyter: the last expression of a cell is its result, and plt.show() gives a picture, as they do there.
"""
import ast
import base64
import contextlib
import copy
import io
import re
import sys
import traceback

import matplotlib

matplotlib.use("Agg")
import matplotlib.image
import matplotlib.pyplot as plt
import nbformat
import numpy as np
import psycopg

number = failed = 0


def ok(good, name, *remarks):
    global number, failed
    number += 1
    failed += not good
    print("ok" if good else "not ok", number, "-", name, flush=True)
    if not good:
        for remark in remarks:
            print("\n".join("# " + line for line in str(remark).splitlines()), flush=True)


# --- what a cell gives

def take_pictures():
    """The figures that are open, as (description, PNG)."""
    pictures = []
    for figure in map(plt.figure, plt.get_fignums()):
        file = io.BytesIO()
        figure.savefig(file, format="png", bbox_inches="tight")
        pictures.append((repr(figure), file.getvalue()))
    plt.close("all")
    return pictures


def run_cell(source, names):
    """Runs source in names; gives what it printed, its pictures, and its last value."""
    tree = ast.parse(source)
    last = None
    if tree.body and isinstance(tree.body[-1], ast.Expr):
        last = ast.Expression(tree.body.pop().value)
    pictures = []
    plt.show = lambda: pictures.extend(take_pictures())
    printed = io.StringIO()
    value = None
    with contextlib.redirect_stdout(printed):
        exec(compile(tree, "cell", "exec"), names)
        if last is not None:
            value = eval(compile(last, "cell", "eval"), names)
    return printed.getvalue(), pictures, value


# --- what is saved

def saved_text(cell):
    return "".join(output.text for output in cell.outputs if output.output_type == "stream")


def saved_pictures(cell):
    return [(output.data["text/plain"], base64.b64decode(output.data["image/png"]))
            for output in cell.outputs if "image/png" in output.get("data", {})]


def saved_value(cell):
    for output in cell.outputs:
        if output.output_type == "execute_result":
            return output.data
    return None


# --- their comparison

def unlike(saved, now, what):
    return [] if saved == now else [f"{what} that is saved:", saved, f"{what} that comes:", now]


def unlike_pictures(saved, now):
    """The same sizes, and the same picture but for the edges of letters."""
    if [description for description, _ in saved] != [description for description, _ in now]:
        return [f"{len(saved)} pictures are saved, {len(now)} come"]
    for (description, one), (_, other) in zip(saved, now):
        one, other = (matplotlib.image.imread(io.BytesIO(png)) for png in (one, other))
        if one.shape != other.shape:
            return [f"{description}: {one.shape} is saved, {other.shape} comes"]
        if np.abs(one - other).mean() > 0.005:
            return [f"{description}: another picture"]
        if other[..., :3].std() < 0.05:
            return [f"{description}: an empty picture"]
    return []


def differences(cell, answer):
    printed, pictures, value = answer
    saved = saved_value(cell)
    found = unlike(saved_text(cell), printed, "text") + unlike_pictures(saved_pictures(cell), pictures)
    if (saved is None) != (value is None):
        return found + ["a value is saved" if value is None else "no value is saved"]
    if saved is not None:
        found += unlike(saved["text/plain"], repr(value), "value")
        html = getattr(value, "_repr_html_", lambda: None)()
        found += unlike(saved.get("text/html"), html, "table")
    return found


# --- the tests

def check_form(path, notebook):
    try:
        nbformat.validate(notebook)
        problem = ""
    except nbformat.ValidationError as error:
        problem = error
    ok(not problem, "the notebook is valid", problem)

    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    counts = [cell.execution_count for cell in cells]
    ok(counts == list(range(1, len(cells) + 1)), "its cells were run in order, each once", counts)

    outputs = [output for cell in cells for output in cell.outputs]
    bad = [output for output in outputs if output.output_type == "error" or output.get("name") == "stderr"]
    ok(outputs and not bad, "no output is an error or a warning", bad)

    text = open(path, encoding="utf-8").read()
    ok(len(text) < 300_000, "the file is smaller than 300 kB", len(text))
    paths = re.findall(r"(?<![\w<.])/[a-z_]+/[\w./-]*", re.sub(r'"image/png": "[^"]*"', "", text))
    ok(not paths, "it has no path of a machine", paths)
    ok(not any(cell.metadata for cell in notebook.cells), "cells have no metadata, such as times of execution")

    bare = [cell.id for before, cell, after in zip(notebook.cells, notebook.cells[1:], notebook.cells[2:])
            if before.cell_type == cell.cell_type == after.cell_type == "code"]
    ok(notebook.cells[0].cell_type == notebook.cells[-1].cell_type == "markdown" and not bare,
       "prose stands at both ends and between the cells", bare)


def check_cells(notebook, names):
    answers = {}
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        try:
            answers[cell.id] = run_cell(cell.source, names)
        except Exception:
            ok(False, f"cell {cell.id} runs", traceback.format_exc(limit=-3))
            return answers
        found = differences(cell, answers[cell.id])
        ok(not found, f"cell {cell.id} answers what is saved", *found)
    return answers


def check_comparison(notebook, answers):
    """A comparison that always agrees would prove nothing."""
    def noticed(change):
        cells = copy.deepcopy([cell for cell in notebook.cells if cell.id in answers])
        return sum(change(cell) is not False and bool(differences(cell, answers[cell.id])) for cell in cells)

    def change_text(cell):
        if not saved_text(cell):
            return False
        cell.outputs[0].text = re.sub(r"\d", "0", cell.outputs[0].text, count=1) + "\n"

    def change_value(cell):
        if saved_value(cell) is None:
            return False
        saved_value(cell)["text/plain"] += " "

    def drop_outputs(cell):
        if not cell.outputs:
            return False
        cell.outputs = []

    def change_picture(cell):
        if not saved_pictures(cell):
            return False
        output = next(output for output in cell.outputs if "image/png" in output.get("data", {}))
        picture = matplotlib.image.imread(io.BytesIO(base64.b64decode(output.data["image/png"])))
        file = io.BytesIO()
        matplotlib.image.imsave(file, picture[:, ::-1])
        output.data["image/png"] = base64.b64encode(file.getvalue()).decode()

    def having(what):
        return sum(bool(what(cell)) for cell in notebook.cells if cell.id in answers)

    for name, change, expected in (("text", change_text, having(saved_text)), ("value", change_value, having(saved_value)),
                                   ("picture", change_picture, having(saved_pictures)),
                                   ("output", drop_outputs, having(lambda cell: cell.outputs))):
        count = noticed(change)
        ok(0 < expected == count, f"the comparison notices another {name} in each of {expected} cells", count)


def check_findings(names):
    """What the notebook found is what was planted, asked without it."""
    with psycopg.connect() as db:
        planted = db.execute("SELECT kind, host(src), host(dst), since, until FROM planted").fetchall()
    at = {kind: (src, dst, since, until) for kind, src, dst, since, until in planted}

    truth = names["truth"]
    ok(len(planted) == 20 == len(truth) and truth.found_by.notna().all(), "all planted attacks are found", truth)
    ok(names["stray"].findings.sum() > 0 and names["stray"].of_nothing_planted.sum() == 0, "and nothing else", names["stray"])

    shifts = names["shifts"]
    told = [min((kind for kind in at if at[kind][2].replace(second=0, microsecond=0) <= t <= at[kind][3]
                 and kind in ("scan_horizontal", "syn_flood", "amplification")), default=None)
            for t in shifts[shifts.is_anomaly & (shifts.score.abs() > 8)].t]
    ok(told and None not in told and len(set(told)) == 3, "each shift of entropy is one of three planted attacks", told)

    ok((names["fan_out"].entity[:3] == at["scan_horizontal"][0]).all(), "the scanner has the farthest fan-out", names["fan_out"])
    sent = names["sent"].iloc[0]
    ok(sent.entity == at["exfiltration"][0] and sent["at"] == at["exfiltration"][2].replace(minute=0, second=0, microsecond=0),
       "what left the network is the farthest from its past", sent)

    pairs = set(zip(names["beacons"].src_addr, names["beacons"].dst_addr))
    beacons = {(src, dst) for kind, src, dst, *_ in planted if kind == "beacon"}
    ok(len(beacons) == 3 and beacons <= pairs, "the planted beacons are among the most regular pairs", beacons - pairs)


def main(path):
    notebook = nbformat.read(path, as_version=4)
    check_form(path, notebook)
    names = {"__name__": "__main__"}
    answers = check_cells(notebook, names)
    if len(answers) == sum(cell.cell_type == "code" for cell in notebook.cells):
        check_comparison(notebook, answers)
        check_findings(names)
    print(f"1..{number}")
    return failed > 0


sys.exit(main(sys.argv[1]))
