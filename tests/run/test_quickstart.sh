#!/bin/sh
# What etc/quickstart.sh says before it does anything.
top=${top_srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}
quickstart=$top/etc/quickstart.sh
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
n=0

# says STATUS WORDS ARGUMENT...: it ends with that status and says these words.
says() {
	n=$((n + 1))
	status=$1
	words=$2
	shift 2
	said=$(sh "$quickstart" "$@" 2>&1 </dev/null)
	got=$?
	case $got:$said in
	"$status":*"$words"*) echo "ok $n - quickstart $*" ;;
	*)
		echo "not ok $n - quickstart $*"
		echo "# ended with $got, said:"
		printf '%s\n' "$said" | sed 's/^/# /'
		;;
	esac
}

says 0 "usage: etc/quickstart.sh demo|check|build" --help
says 2 "demo, check or build"
says 2 "unknown: start" start
says 2 "not both" demo check
says 2 "needs a value" demo --port
says 2 "not a number" demo --port 0
says 2 "not a number" demo --port=65536
says 2 "not a number" demo --port http
says 1 "cannot be read" demo --faq "$scratch/none.csv"
says 1 "there are: " demo --pack none

mkdir -p "$scratch/my tree/etc"
cp "$quickstart" "$scratch/my tree/etc/"
quickstart="$scratch/my tree/etc/quickstart.sh"
says 1 "rename that directory, or clone to another place" build
quickstart=$top/etc/quickstart.sh

# A port that is taken is named before anything is built.
n=$((n + 1))
if ! command -v python3 >/dev/null; then
	echo "ok $n - a taken port is named # SKIP python3 is missing"
elif [ ! -r /proc/net/tcp ]; then
	echo "ok $n - a taken port is named # SKIP /proc/net/tcp is missing"
else
	mkfifo "$scratch/port" "$scratch/end"
	python3 -c '
import socket, sys
s = socket.socket()
s.bind(("127.0.0.1", 0))
s.listen()
with open(sys.argv[1], "w") as f:
    f.write("%d\n" % s.getsockname()[1])
open(sys.argv[2]).read()
' "$scratch/port" "$scratch/end" &
	read -r port <"$scratch/port"
	n=$((n - 1))
	says 1 "port $port of 127.0.0.1 is taken" demo --port "$port"
	says 1 "port $port of 0.0.0.0 is taken" demo --port "$port" \
		--listen 0.0.0.0
	: >"$scratch/end"
	wait
fi
echo "1..$n"
