#!/bin/sh
# Write the files named on the command line as a C table to stdout:
# embed.sh page/index.html page/chat.css ... >page_files.c
# index.html is served at /, every other file at its name.
set -eu
LC_ALL=C
export LC_ALL

media_type() {
	case $1 in
	*.css) echo "text/css; charset=utf-8" ;;
	*.html) echo "text/html; charset=utf-8" ;;
	*.js) echo "text/javascript; charset=utf-8" ;;
	*.svg) echo "image/svg+xml" ;;
	*)
		echo "embed.sh: $1: what kind of file is that?" >&2
		exit 1
		;;
	esac
}

cat <<'END'
/* Made by embed.sh from plugins/web/page/. */
/* clang-format off */
#include "page.h"

END
rows=
number=0
for file in "$@"; do
	type=$(media_type "$file")
	name=$(basename "$file")
	[ "$name" != index.html ] || name=
	echo "static const unsigned char file_${number}[] = {"
	od -A n -v -t u1 "$file" |
		awk '{ for (i = 1; i <= NF; i++) printf "%s,", $i; print "" }'
	echo "};"
	rows="$rows	{\"/$name\", \"$type\", file_$number, sizeof file_$number},
"
	number=$((number + 1))
done
printf '\nconst struct page_file page_files[] = {\n%s\t{0},\n};\n' "$rows"
