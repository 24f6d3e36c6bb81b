#!/bin/sh
# Stands in for the unit tests where cmocka is missing: names what is skipped.
n=0
for test in $UNIT_TESTS; do
	n=$((n + 1))
	echo "ok $n - $test # SKIP cmocka is missing (libcmocka-dev)"
done
echo "1..$n"
