#!/bin/sh
# A plugin exports teller_plugin and nothing else, is linked without SQLite,
# and runs no code of its own before the host has read it.
# shellcheck source=tests/lint/lint.sh
. "$(dirname "$0")/lint.sh"

built=${top_builddir:-$top}
cc=${CC:-cc}

# Bytes of addresses of functions that run when the object is loaded.
constructors() {
	readelf -SW "$1" | awk '
		{ sub(/^ *\[ *[0-9]+\] */, "") }
		$1 ~ /^\.(preinit_array|init_array|ctors)$/ { print $1, $5 }'
}

exports() {
	for object in "$1"/plugins/.libs/*.so; do
		[ -e "$object" ] || continue
		names=$(nm -D --defined-only "$object" |
			awk '{ print $NF }' | sort | tr '\n' ' ')
		[ "$names" = "teller_plugin " ] ||
			echo "${object#"$1"/}: exports $names"
	done
}

sqlite() {
	for object in "$1"/plugins/.libs/*.so; do
		[ -e "$object" ] || continue
		readelf -dW "$object" | grep -q 'NEEDED.*sqlite' &&
			echo "${object#"$1"/}: is linked with SQLite"
	done
}

# What the tool chain itself puts there is seen in an object with no code.
early() {
	for object in "$1"/plugins/.libs/*.so; do
		[ -e "$object" ] || continue
		[ "$(constructors "$object")" = "$(constructors \
			"$scratch/plain.so")" ] ||
			echo "${object#"$1"/}: has a constructor"
	done
}

# compile TO: standard input as a shared object.
compile() {
	# CC may come with options.
	# shellcheck disable=SC2086
	$cc -shared -fPIC -x c -o "$1" - -Wl,--no-as-needed
}

# breaks RULE WORDS <SOURCE: the rule complains of a plugin made of this.
breaks() {
	rm -rf "$scratch/tree"
	mkdir -p "$scratch/tree/plugins/.libs"
	if ! compile "$scratch/tree/plugins/.libs/x.so"; then
		fail "a breach is found: $2" "$cc cannot make it"
		return
	fi
	found=$("$1" "$scratch/tree" 2>&1)
	case $found in
	plugins/.libs/x.so:*) pass "a breach is found: $2" ;;
	*) fail "a breach is found: $2" "the rule printed: $found" ;;
	esac
}

for tool in nm readelf; do
	if ! command -v $tool >/dev/null; then
		skip "what plugins export" "$tool is missing (binutils)"
		finish
	fi
done
echo 'extern int nothing;' | compile "$scratch/plain.so" || exit 1

top=$built
if [ -z "$(ls "$built"/plugins/.libs/*.so 2>/dev/null)" ]; then
	skip "what plugins export" "no plugin is built"
elif [ "${SANITIZERS:-no}" != no ]; then
	skip "what plugins export" "sanitizers add to it"
else
	holds exports "a plugin exports teller_plugin and nothing else"
	holds sqlite "a plugin is linked without SQLite"
	holds early "a plugin has no constructor"
fi

breaks exports "a second name" <<'EOF'
int teller_plugin, helper;
EOF
breaks exports "none at all" <<'EOF'
static int teller_plugin;
int *f(void) __attribute__((visibility("hidden")));
int *f(void) { return &teller_plugin; }
EOF
breaks early "a constructor" <<'EOF'
__attribute__((constructor)) static void f(void) { }
EOF
finish
