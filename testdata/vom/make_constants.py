#!/usr/bin/env python3
"""Makes a VDL package out of the expressions of the golden vectors, and the list of its constants for the test.

usage: make_constants.py VECTORS.json OUT.vdl OUT.inc

Only the field valueExpr is read: what the compiler makes of the expression must come to the recorded bytes and type by
itself. Case N is the N-th vector.
"""

import json
import sys


def main():
    vectors, vdl, cases = sys.argv[1:]
    with open(vectors, encoding="utf-8") as file:
        expressions = [record["valueExpr"] for record in json.load(file)]
    with open(vdl, "w", encoding="utf-8") as out:
        out.write("// Made by make_constants.py; do not edit.\npackage constants\n\n")
        out.write('import "v.io/v23/vom/testdata/types"\n\n')
        for number, expression in enumerate(expressions):
            out.write(f"const Case{number} = {expression}\n")
    with open(cases, "w", encoding="utf-8") as out:
        for number in range(len(expressions)):
            out.write(f"CASE({number}, ::constants::Case{number})\n")


main()
