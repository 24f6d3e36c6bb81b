#!/bin/sh
# Put the files named on the command line together as one script, to stdout:
# build.sh widget.css locale/en.json ... settings.js ... widget.js >widget.js
# A style sheet and the locales become STYLE and LOCALES; the modules stand in
# the order of the command line, in one scope, so no two of them may have a name
# of their own in common.  Comments and indents are left out.
set -eu
LC_ALL=C
export LC_ALL

fail() {
	echo "build.sh: $*" >&2
	exit 1
}

# A text within backquotes.  What a quote has on either side of it is squeezed,
# what is in quotes stays.
style() {
	grep -q '[`\\$]' "$1" && fail "$1: has one of \` \\ \$"
	printf 'const STYLE = `'
	awk '
	function squeeze(text) {
		gsub(/, /, ",", text)
		gsub(/ > /, ">", text)
		sub(/ [{]$/, "{", text)
		return text
	}
	{ sub(/^[ \t]+/, "") }
	/;$/ { sub(/: /, ":") }
	/^\/\*/ { in_comment = 1 }
	!in_comment && NF {
		n = split($0, parts, "\"")
		line = squeeze(parts[1])
		for (i = 2; i <= n; i++)
			line = line "\"" (i % 2 ? squeeze(parts[i]) : parts[i])
		# A value that goes on in the next line.
		if (line !~ /[;{},]$/)
			line = line "\n"
		# The last of a block needs no end of its own.
		if (line == "}")
			sub(/;$/, "", held)
		printf "%s", held
		held = line
	}
	/\*\/$/ { in_comment = 0 }
	END { printf "%s", held }' "$1"
	printf '`;\n'
}

locales() {
	printf 'const LOCALES = {\n'
	for file; do
		name=${file##*/}
		printf '%s:' "${name%.json}"
		sed 's/^[[:space:]]*//; s/": "/":"/' "$file"
		printf ',\n'
	done
	printf '};\n'
}

# An import that goes over two lines ends with ";", as all of them do.  What is
# squeezed is at an end of a line or behind its first words, where no quotes are,
# or in a line that has neither a quote nor a pattern.
modules() {
	awk '
	function squeeze() {
		gsub(/, /, ",")
		gsub(/ => /, "=>")
		gsub(/ = /, "=")
		gsub(/ === /, "===")
		gsub(/ && /, "\\&\\&")
		gsub(/ [|][|] /, "||")
	}
	{ sub(/^[ \t]+/, "") }
	/^import / { in_import = 1 }
	/^\/\*/ { in_comment = 1 }
	!in_import && !in_comment && NF {
		sub(/^export /, "")
		sub(/[ \t]+\/\* [^*]* \*\/$/, "")
		sub(/ [{]$/, "{")
		if (/^((const|let) )?[A-Za-z_.#]+ = /)
			sub(/ = /, "=")
		sub(/^[}] else/, "}else")
		sub(/^if [(]/, "if(")
		sub(/^for [(]/, "for(")
		sub(/^while [(]/, "while(")
		if (!/["`\047\/]/)
			squeeze()
		printf "%s%s", $0, /[;{,(]$/ ? "" : "\n"
	}
	/;$/ { in_import = 0 }
	/\*\/$/ { in_comment = 0 }' "$@"
}

# What two modules declare at their outermost level.
check_names() {
	twice=$(awk '
	sub(/^(export )?(async )?(const|let|class|function) /, "") {
		gsub(/[\[\]]/, "")
		match($0, /^[A-Za-z_$][A-Za-z0-9_$]*(, [A-Za-z_$][A-Za-z0-9_$]*)*/)
		n = split(substr($0, 1, RLENGTH), names, ", ")
		for (i = 1; i <= n; i++)
			if (seen[names[i]]++)
				print names[i] " (" FILENAME ")"
	}' "$@")
	[ -z "$twice" ] || fail "declared twice: $twice"
}

styles=''
texts=''
scripts=''
for file; do
	case $file in
	*.css) styles="$styles $file" ;;
	*.json) texts="$texts $file" ;;
	*.js) scripts="$scripts $file" ;;
	*) fail "$file: what kind of file is that?" ;;
	esac
done
# shellcheck disable=SC2086 # our own names, without blanks
{
	check_names $scripts
	echo '(() => {'
	echo '"use strict";'
	echo 'if (window.tellerd) return;'
	style $styles
	locales $texts
	modules $scripts
	echo '})();'
}
