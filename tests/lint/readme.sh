#!/bin/sh
# What README.md names is there: files, tests that are run, commands.
# shellcheck source=tests/lint/lint.sh
. "$(dirname "$0")/lint.sh"

built=${top_builddir:-$top}

# Words in backquotes, each with the number of its line.
quoted() {
	awk '{
		n = split($0, part, "`")
		for (i = 2; i < n; i += 2)
			print NR, part[i]
	}' "$1/README.md"
}

# A source is named as it is, a program of the tests without its .c.
paths() {
	quoted "$1" | while read -r line name; do
		case $name in
		*[!A-Za-z0-9_./-]*) continue ;;
		daemon/* | db/* | doc/* | etc/* | intents/* | plugins/* | \
			tests/*) ;;
		*) continue ;;
		esac
		[ -e "$top/$name" ] || [ -e "$top/$name.c" ] ||
			echo "README.md:$line: there is no $name"
	done
}

# The last column of the table of threats.
tests() {
	quoted "$1" | grep ' tests/[a-z]*/' | while read -r line name; do
		grep -qE "^	$name( \\\\)?\$" "$top/Makefile.am" || [ -d \
			"$top/$name" ] ||
			echo "README.md:$line: nothing runs $name"
	done
}

# What tellerctl can do, a noun and perhaps a verb a line; and the same of the
# table of README.md, where a verb may stand behind the first one of its noun.
commands() {
	"$built/tellerctl" help | sed -n 's/^  tellerctl //p' |
		sed -E 's/^([a-z]+( [a-z]+)?).*/\1/' |
		LC_ALL=C sort -u >"$scratch/known"
	awk -v known="$scratch/known" '
		BEGIN { while ((getline line <known) > 0) there[line] }
		/^\| `tellerctl` \|/ { is_table = 1; next }
		!/^\|/ { is_table = 0 }
		is_table {
			split($0, cell, "|")
			n = split(cell[2], part, "`")
			noun = ""
			for (i = 2; i < n; i += 2) {
				name = noun " " part[i]
				if (!(name in there))
					name = part[i]
				split(name, word, " ")
				noun = word[1]
				print name
			}
		}' "$1/README.md" | LC_ALL=C sort -u >"$scratch/named"
	LC_ALL=C comm -3 "$scratch/known" "$scratch/named" |
		sed 's/^	\(.*\)/README.md: there is no command \1/
			t
			s/^/README.md: does not name the command /'
}

# breaks RULE WORDS SCRIPT: the rule complains of README.md as sed changes it.
breaks() {
	sed "$3" "$top/README.md" >"$scratch/page"
	finds "$1" README.md "$2" <"$scratch/page"
}

holds paths "files that README.md names are there"
breaks paths "a file that is not there" 's|daemon/cli/tellerd.c|daemon/teller.c|'
holds tests "tests that README.md names are run"
breaks tests "a test that nothing runs" 's|test_canaries.py|test_canary.py|'
words="README.md names every command, and no other"
if [ -x "$built/tellerctl" ]; then
	holds commands "$words"
	breaks commands "a command that is missing" 's/, .claim.,/,/'
	breaks commands "a command that is not there" 's/audit list/audit lust/'
else
	skip "$words" "tellerctl is not built"
fi
finish
