"""What the completion of tellerctl offers on bash's command line: everything
that its help names, and nothing else."""

import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from daemon import SOURCE, TOP, Tap  # noqa: E402

FUNCTIONS = os.path.join(SOURCE, "etc", "completions", "tellerctl")
COMMON = {"--config", "--state", "--json", "--help", "--version"}

# Each line is completed on its own, the last word being the one under the
# cursor; what is offered comes back on a line, parted by tabs.
DRIVER = """
. "$1"
while IFS=$'\\t' read -ra words; do
	COMP_WORDS=("${words[@]//<>/}") COMP_CWORD=$((${#words[@]} - 1))
	COMPREPLY=()
	_tellerctl
	(IFS=$'\\t'; echo "${COMPREPLY[*]}")
done
"""


def offered(lines, cwd):
    """A set of words for each line, a list of words each."""
    text = "".join("\t".join(w or "<>" for w in ["tellerctl", *line]) + "\n"
                   for line in lines)
    run = subprocess.run(
        ["bash", "-c", DRIVER, "bash", FUNCTIONS],
        input=text, capture_output=True, text=True, cwd=cwd, timeout=120,
        env=dict(os.environ, PATH=TOP + ":" + os.environ["PATH"]))
    if run.returncode or run.stderr:
        raise RuntimeError(f"bash ended with {run.returncode}: {run.stderr}")
    return [set(line.split("\t")) - {""}
            for line in run.stdout.split("\n")[:-1]]


def commands():
    """(words of the command, words of its usage) of all that help names."""
    text = subprocess.run([os.path.join(TOP, "tellerctl"), "help"], check=True,
                          capture_output=True, text=True).stdout
    for line in re.findall(r"^  tellerctl (.*)$", text, re.M):
        words = line.split()
        n = 2 if words[1:2] and re.fullmatch("[a-z]+", words[1]) else 1
        yield words[:n], words[n:]


def check_words(tap, cwd):
    names = list(commands())
    nouns = {name[0] for name, _ in names}
    tap.equal(offered([[""]], cwd)[0], nouns, "nouns")
    verbs = [n for n in sorted(nouns)
             if any(len(name) == 2 and name[0] == n for name, _ in names)]
    tap.equal(dict(zip(verbs, offered([[n, ""] for n in verbs], cwd))),
              {n: {name[1] for name, _ in names if name[0] == n}
               for n in verbs}, "the verbs of each noun")
    got = offered([[*name, "--"] for name, _ in names], cwd)
    expected = [set(re.findall(r"--[a-z-]+", " ".join(usage))) | COMMON
                for _, usage in names]
    for (name, _), ours, theirs in zip(names, got, expected):
        if ours - {"--force"} != theirs:
            tap.ok(False, f"options of {' '.join(name)}",
                   f"got {sorted(ours)}\nexpected {sorted(theirs)}")
    tap.ok(len(got) > 40, "every command was looked at", len(got))


CASES = [
    (["fa"], {"faq"}, "a noun that is begun"),
    (["faq", "ex"], {"export"}, "a verb that is begun"),
    (["help", "faq", "ex"], {"export"}, "what help is wanted of"),
    (["faq", "import", "--app"], {"--approve"}, "an option that is begun"),
    (["faq", "import", "my"], {"my file.csv"}, "a file that is read"),
    (["backup", ""], {"my file.csv", "a pack"}, "a file that is written"),
    (["backup", "--f"], {"--force"}, "--force where a file is written"),
    (["faq", "import", "--f"], set(), "and nowhere else"),
    (["intents", "new", "x", "--from", ""], {"a pack"}, "a directory"),
    (["test", "a"], {"a pack"}, "a pack by its place"),
    (["--state", "", ], {"a pack"}, "what all commands have, before a noun"),
    (["--state", "faq", "faq", "imp"], {"import"}, "a value is no noun"),
    (["--state", "=", "faq", "faq", "imp"], {"import"}, "nor behind ="),
    (["faq", "lint", "--pack", "="], {"a pack"}, "a value behind ="),
    (["conversations", "list", "--limit", ""], set(), "a number is not known"),
    (["status", ""], set(), "nothing where nothing belongs"),
    (["nonsense", ""], set(), "nothing for what is not there"),
]


def check_lines(tap, cwd):
    got = offered([line for line, _, _ in CASES], cwd)
    for (_, expected, words), ours in zip(CASES, got):
        tap.equal(ours, expected, words)


tap = Tap()
with tempfile.TemporaryDirectory() as cwd:
    with open(os.path.join(cwd, "my file.csv"), "w"):
        pass
    os.mkdir(os.path.join(cwd, "a pack"))
    if shutil.which("bash"):
        check_words(tap, cwd)
        check_lines(tap, cwd)
    else:
        tap.skip("bash completes tellerctl", "bash is missing")
tap.done()
