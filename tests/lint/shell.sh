#!/bin/sh
# Shell scripts: what shellcheck says.
# shellcheck source=tests/lint/lint.sh
. "$(dirname "$0")/lint.sh"

words="shellcheck has nothing to say"
if ! command -v shellcheck >/dev/null; then
	skip "$words" "shellcheck is missing"
	finish
fi

# SC2317 takes functions that are called by a name in a variable for dead.
shell() {
	{
		files "$1" autogen.sh daemon etc intents plugins tests -- '*.sh'
		files "$1" .ci -- run
		files "$1" etc/completions -- tellerctl
	} | over "$1" shellcheck -x -e SC2317 -f gcc
}

holds shell "$words"
finds shell tests/run/x.sh "a variable without quotes" <<'EOF'
#!/bin/sh
rm $1
EOF
finish
