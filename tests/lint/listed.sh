#!/bin/sh
# What is not in Makefile.am is neither built, nor run, nor distributed.
# shellcheck source=tests/lint/lint.sh
. "$(dirname "$0")/lint.sh"

listed() {
	files "$1" daemon db etc intents plugins tests -- '*.c' '*.h' '*.awk' \
		'*.css' '*.csv' '*.html' '*.js' '*.json' '*.py' '*.service' \
		'*.sh' '*.socket' '*.sql' '*.yaml' '*.yml' |
		grep -v '^tests/fuzz/corpus/' |
		while read -r file; do
			name=$file
			case $file in
			# A part of a program that has several.
			tests/bench/*/*.c) ;;
			tests/*/test_*.c | tests/fuzz/fuzz_*.c | \
				tests/bench/*.c) name=${file%.c} ;;
			esac
			grep -qE "(^|[[:space:]=])$name([[:space:]]|\$)" \
				"$makefile" ||
				echo "$file: is not in Makefile.am"
		done
}

makefile=$top/Makefile.am
holds listed "every source, test and setting is in Makefile.am"
finds listed tests/unit/test_nothing.c "a test that nobody runs" <<'EOF'
int main(void) { return 0; }
EOF
finish
