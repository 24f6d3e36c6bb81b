"""Make classes_table.c: the letters and numbers of Unicode, as ranges.

    python3 daemon/model/classes.py >daemon/model/classes_table.c

\\p{L} and \\p{N} of the package `regex`, by which the reference's tokenizer
splits; the counts are those of Unicode 17.  The result is in the sources, so
that no build needs that package and no update of a library changes a token.
"""

import subprocess

import regex

LETTERS, NUMBERS = 145672, 1924


def ranges(name, expected):
    pattern = regex.compile(r"\p{%s}" % name)
    found = [c for c in range(0x110000)
             if not 0xD800 <= c <= 0xDFFF and pattern.match(chr(c))]
    assert len(found) == expected, f"{name}: {len(found)} characters"
    first = last = found[0]
    for c in found[1:] + [None]:
        if c != last + 1 if c is not None else True:
            yield first, last
            first = c
        last = c


def main():
    rows = [(first, last, "CLASS_LETTER")
            for first, last in ranges("L", LETTERS)]
    rows += [(first, last, "CLASS_NUMBER")
             for first, last in ranges("N", NUMBERS)]
    text = ["/* Made by classes.py: letters and numbers of Unicode 17. */",
            '#include "model/classes.h"', "",
            "const struct class_range class_ranges[] = {"]
    text += ["{0x%X, 0x%X, %s}," % row for row in sorted(rows)]
    text += ["};", "", "const size_t class_n_ranges =",
             "sizeof class_ranges / sizeof *class_ranges;", ""]
    print(subprocess.run(["clang-format-14"], input="\n".join(text), text=True,
                         check=True, capture_output=True).stdout, end="")


if __name__ == "__main__":
    main()
