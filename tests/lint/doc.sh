#!/bin/sh
# What the papers in doc/ name is there: files, options of configure, targets of
# make, and what pages can say to the widget, of which nothing is left out.
# shellcheck source=tests/lint/lint.sh
. "$(dirname "$0")/lint.sh"

# compare PAPER WHAT: what should be there (expected), what is (present); both
# in the scratch directory, a line each.
compare() {
	for list in expected present; do
		LC_ALL=C sort -u "$scratch/$list" >"$scratch/$list-sorted"
	done
	LC_ALL=C comm -3 "$scratch/expected-sorted" "$scratch/present-sorted" |
		sed "s|^	\(.*\)|$1: there is no $2 \1|
			t
			s|^|$1: does not name the $2 |"
}

# Words in backquotes, of prose, each with the number of its line.
quoted() {
	awk '/^    / { next } {
		n = split($0, part, "`")
		for (i = 2; i < n; i += 2)
			print NR, part[i]
	}' "$1"
}

# Those in the first cells of the tables behind a heading.
cells() {
	awk -v head="$2" '
		/^## / { is_inside = $0 == "## " head }
		is_inside && /^\| `/ {
			split($0, cell, "|")
			n = split(cell[2], part, "`")
			for (i = 2; i < n; i += 2)
				print part[i]
		}' "$1"
}

# Is there a file of that name: from the top, from daemon/, beside the paper, or
# anywhere if it stands without a directory?
is_there() {
	case $1 in
	*/*) ;;
	*) [ -e "$top/doc/$1" ] || grep -qxF "$1" "$scratch/names" && return ;;
	esac
	[ -e "$top/$1" ] || [ -e "$top/$1.c" ] || [ -e "$top/daemon/$1" ]
}

# A word in capitals in a name stands for any.
paths() {
	(cd "$top" && find daemon plugins tests etc db -type f) |
		sed 's|.*/||' >"$scratch/names"
	files "$1" doc -- '*.md' | while read -r paper; do
		quoted "$1/$paper" | while read -r line name; do
			case $name in
			*[!A-Za-z0-9_./-]* | [./]* | */.libs* | *[A-Z][A-Z]*.* | *NAME | \
				tests/fuzz/found) continue ;;
			daemon/* | db/* | etc/* | plugins/* | tests/*) ;;
			*.c | *.h | *.py | *.sh | *.awk | *.json | *.sql) ;;
			*) continue ;;
			esac
			is_there "$name" ||
				echo "$paper:$line: there is no $name"
		done
	done
}

# ---- HACKING.md

configure_options() {
	sed -n 's/^AC_ARG_ENABLE(\[\([a-z-]*\)\].*/--enable-\1/p
		s/^TELLER_SYSTEMD_DIR(\[[a-z]*\], \[\([a-z]*\)\].*/--with-\1/p
		s/^AC_ARG_WITH(\[\([a-z-]*\)\].*/--with-\1/p' \
		"$top/configure.ac" >"$scratch/expected"
	cells "$1/doc/HACKING.md" "The build" |
		sed -n 's/^\(--[a-z-]*\).*/\1/p' >"$scratch/present"
	compare doc/HACKING.md "option of configure"
}

targets() {
	{
		sed -n 's/^\.PHONY: //p' "$top/Makefile.am" | tr ' ' '\n'
		printf '%s\n' check distcheck
	} >"$scratch/expected"
	cells "$1/doc/HACKING.md" "The build" |
		sed -n 's/^make \([a-z-]*\).*/\1/p' >"$scratch/present"
	compare doc/HACKING.md "target of make"
}

# ---- widget.md

widget() {
	widget=$top/plugins/web/widget
	{
		sed -n 's/.*attributes\.\([a-z]*\).*/data-\1/p' \
			"$widget/settings.js"
		grep -oh -e '--tellerd-[a-z]*' "$widget/widget.css"
		sed -n 's/^window\.tellerd = .*({ \(.*\) });$/\1/p' \
			"$widget/widget.js" | tr , '\n' |
			sed 's/:.*//; s/ //g; s/$/()/'
		sed -n 's/.*emit(\([^,)]*\).*/\1/p' "$widget/widget.js" |
			grep -o '"[a-z]*"' | tr -d '"'
	} >"$scratch/expected"
	for head in "Attributes of the script" "Colours and measures" \
		window.tellerd; do
		cells "$1/doc/widget.md" "$head"
	done | sed 's/([^)]*)/()/' >"$scratch/present"
	compare doc/widget.md "name for pages"
}

# breaks RULE PAPER WORDS SCRIPT: the rule complains of the paper when sed has
# changed it so.
breaks() {
	sed "$4" "$top/$2" >"$scratch/page"
	finds "$1" "$2" "$3" <"$scratch/page"
}

holds paths "files that doc/ names are there"
breaks paths doc/HACKING.md "a file that is not there" \
	's|store/batch\.c|store/batches.c|'
breaks paths doc/HACKING.md "a file without its directory" \
	's|compose\.c|compost.c|'
holds configure_options "options of configure are in HACKING.md, and no others"
breaks configure_options doc/HACKING.md "an option that is not there" \
	's/^\(| .--enable-\)werror/\1error/'
holds targets "targets of make are in HACKING.md, and no others"
breaks targets doc/HACKING.md "a target that is missing" '/^| .make lint./d'
holds widget "what pages say to the widget is in widget.md, and nothing else"
breaks widget doc/widget.md "an attribute that is missing" '/^| .data-dir./d'
breaks widget doc/widget.md "an event that is not there" \
	's/^\(| .\)unread/\1unseen/'
breaks widget doc/widget.md "a function that is not there" \
	's/toggle()/turn()/'
finish
