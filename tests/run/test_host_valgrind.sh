#!/bin/sh
# Loading, running and unloading plugins under valgrind: no wrong access, and
# no memory lost.
top=${top_builddir:-.}
n=0

# runs PROGRAM: all its tests pass, and valgrind finds nothing.
runs() {
	n=$((n + 1))
	if said=$(valgrind -q --leak-check=full --show-leak-kinds=definite \
		--errors-for-leak-kinds=definite --error-exitcode=9 \
		"$top/tests/unit/$1" 2>&1); then
		echo "ok $n - $1 under valgrind"
	else
		echo "not ok $n - $1 under valgrind"
		printf '%s\n' "$said" | grep -v '^ok ' | sed 's/^/# /'
	fi
}

if [ "${SANITIZERS:-no}" != no ]; then
	echo "1..0 # SKIP plugins under valgrind: sanitizers look already"
elif ! command -v valgrind >/dev/null; then
	echo "1..0 # SKIP plugins under valgrind: valgrind is missing (valgrind)"
elif ! [ -x "$top/tests/unit/test_host" ]; then
	echo "1..0 # SKIP plugins under valgrind: cmocka is missing (libcmocka-dev)"
else
	runs test_load
	runs test_host
	echo "1..$n"
fi
