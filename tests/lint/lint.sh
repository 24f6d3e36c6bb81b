# shellcheck shell=sh
# Sourced by every lint.  A rule is a function that is given a directory like
# the top of the sources and prints what breaks it, "file:line: words" a line.
# `holds` asks it of our sources, `finds` of a tree in which it is broken: a
# rule that cannot fail says nothing.  TAP.

top=${top_srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}
# shellcheck disable=SC2034 # for those that source this
lint=$top/tests/lint
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
count=0
failures=0

pass() {
	count=$((count + 1))
	echo "ok $count - $1"
}

fail() {
	count=$((count + 1))
	failures=$((failures + 1))
	echo "not ok $count - $1"
	printf '%s\n' "$2" | sed 's/^/# /'
}

# skip WORDS REASON
skip() {
	count=$((count + 1))
	echo "ok $count - $1 # SKIP $2"
}

# holds RULE WORDS: no line of our sources breaks the rule.
holds() {
	broken=$("$1" "$top" 2>&1)
	if [ -z "$broken" ]; then
		pass "$2"
	else
		fail "$2" "$broken"
	fi
}

# finds RULE FILE WORDS <CONTENT: the rule complains of a tree with this file,
# and of nothing else in it.
finds() {
	rm -rf "$scratch/tree"
	mkdir -p "$scratch/tree/$(dirname "$2")"
	cat >"$scratch/tree/$2"
	found=$("$1" "$scratch/tree" 2>&1)
	case $found in
	*"$2:"*) pass "a breach is found: $3" ;;
	*) fail "a breach is found: $3" "the rule printed: $found" ;;
	esac
}

# accepts RULE FILE WORDS <CONTENT: the rule has nothing to say of this file.
accepts() {
	rm -rf "$scratch/tree"
	mkdir -p "$scratch/tree/$(dirname "$2")"
	cat >"$scratch/tree/$2"
	found=$("$1" "$scratch/tree" 2>&1)
	if [ -z "$found" ]; then
		pass "what is right is accepted: $3"
	else
		fail "what is right is accepted: $3" "$found"
	fi
}

# files DIRECTORY PART... -- PATTERN...: files of those parts of a tree whose
# names match, without what the build makes; paths relative to the tree.
files() {
	(
		cd "$1" || exit 1
		shift
		parts=
		while [ "$1" != -- ]; do
			[ -e "$1" ] && parts="$parts $1"
			shift
		done
		shift
		[ -n "$parts" ] || exit 0
		names=
		for pattern; do
			names="$names -o -name $pattern"
		done
		# Neither parts nor patterns have blanks; a pattern is for find.
		set -f
		# shellcheck disable=SC2086
		find $parts -type f \( ${names# -o } \) \
			! -path '*/.libs/*' ! -path daemon/store/schema.c |
			LC_ALL=C sort
	)
}

# over DIRECTORY COMMAND...: run the command in the tree with the files named
# on standard input; not at all if there are none.
over() {
	(
		cd "$1" || exit 1
		shift
		xargs -r "$@"
	)
}

finish() {
	echo "1..$count"
	[ "$failures" -eq 0 ]
	exit
}
