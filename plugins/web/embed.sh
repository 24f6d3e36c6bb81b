#!/bin/sh
# Write the files named on the command line as a C table to stdout:
# embed.sh page_files page/index.html page/page.css ... >page_files.c
# index.html is served at /, every other file at its name.
set -eu
LC_ALL=C
export LC_ALL

media_type() {
	case $1 in
	*.css) echo "text/css; charset=utf-8" ;;
	*.html) echo "text/html; charset=utf-8" ;;
	*.js | *.js.gz) echo "text/javascript; charset=utf-8" ;;
	*.svg) echo "image/svg+xml" ;;
	*)
		echo "embed.sh: $1: what kind of file is that?" >&2
		exit 1
		;;
	esac
}

cat <<'END'
/* Made by embed.sh. */
/* clang-format off */
#include "page.h"

END
table=$1
shift
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
printf '\nconst struct page_file %s[] = {\n%s\t{0},\n};\n' "$table" "$rows"
