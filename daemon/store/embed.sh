#!/bin/sh
# Write the migrations named on the command line, in order, as a C array to
# stdout:  embed.sh db/*.sql >schema.c
# A file is called NNNN-name.sql; numbers begin at 1 and leave no gap.
set -eu
LC_ALL=C
export LC_ALL

cat <<'END'
/* Made by embed.sh from db/NNNN-*.sql. */
#include "store/schema.h"

const struct migration store_migrations[] = {
END
number=0
for file in "$@"; do
	number=$((number + 1))
	name=$(basename "$file" .sql)
	case $name in
	"$(printf %04d "$number")"-*) ;;
	*)
		echo "embed.sh: $file: migration $number was expected" >&2
		exit 1
		;;
	esac
	printf '\t{%d, "%s",\n' "$number" "$name"
	awk '{
		gsub(/\\/, "\\\\")
		gsub(/"/, "\\\"")
		gsub(/\t/, "\\t")
		printf "\t \"%s\\n\"\n", $0
	}' "$file"
	printf '\t},\n'
done
cat <<'END'
};
const size_t store_n_migrations =
	sizeof store_migrations / sizeof *store_migrations;
END
