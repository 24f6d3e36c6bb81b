#!/bin/sh
# Form: what .clang-format says.
# shellcheck source=tests/lint/lint.sh
. "$(dirname "$0")/lint.sh"

words="C is formatted as .clang-format says"
formatter=
for candidate in clang-format-14 clang-format; do
	if "$candidate" --version 2>/dev/null | grep -q 'version 14\.'; then
		formatter=$candidate
		break
	fi
done
if [ -z "$formatter" ]; then
	skip "$words" "clang-format 14 is missing (clang-format-14)"
	finish
fi

format() {
	files "$1" daemon plugins tests -- '*.c' '*.h' |
		over "$1" "$formatter" --dry-run -Werror --style="$style" 2>&1 |
		grep ': error:'
}

style="file"
holds format "$words"
# The tree with the breach has no .clang-format of its own.
style="{$(sed 's/$/,/' "$top/.clang-format" | tr '\n' ' ')}"
finds format daemon/base/x.c "blanks for a tab" <<'EOF'
int
f(void)
{
    return 1;
}
EOF
finish
