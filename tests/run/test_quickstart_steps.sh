#!/bin/sh
# What etc/quickstart.sh does, in a tree and with tools that are not real and
# write down how they were called.
top=${top_srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
n=0

# ---- The tree and the tools --------------------------------------------------

tree=$scratch/tree
bin=$scratch/bin
calls=$scratch/calls
export calls scratch

# tool NAME <BODY: a command that writes down its call, then runs the body.
tool() {
	{
		echo '#!/bin/sh'
		# Meant for the tool.
		# shellcheck disable=SC2016
		echo 'echo "${0##*/} $*" >>"$calls"'
		cat
	} >"$bin/$1"
	chmod +x "$bin/$1"
}

# fresh UID: a new tree, as that user; the tests' library is not there, others
# neither, until apt-get installs them.
fresh() {
	rm -rf "$tree" "$bin" "$scratch/installed" "$scratch/cmocka"
	: >"$calls"
	mkdir -p "$tree/etc" "$tree/intents/banking" "$tree/plugins/.libs" "$bin"
	: >"$tree/plugins/.libs/web.so"
	cp "$top/etc/quickstart.sh" "$tree/etc/"
	for real in awk cat chmod cp dirname env find getconf grep ls mkdir \
		mktemp printf rm sh sleep sort tail touch tr; do
		ln -s "$(command -v $real)" "$bin/$real" 2>/dev/null
	done
	echo "echo $1" | tool id
	tool pkg-config <<'EOF'
case $* in
*cmocka) test -e "$scratch/cmocka" ;;
*) test -e "$scratch/installed" ;;
esac
EOF
	for name in autoconf automake cc curl libtoolize python3; do
		echo 'exit 0' | tool $name
	done
	tool apt-get <<'EOF'
case $* in
*install*cmocka*) touch "$scratch/installed" "$scratch/cmocka" ;;
*install*) touch "$scratch/installed" ;;
esac
EOF
	tool sudo <<'EOF'
[ "$1" != -n ] || shift
exec "$@"
EOF
	tool make <<'EOF'
touch tellerd
EOF
	cat >"$tree/autogen.sh" <<'EOF'
#!/bin/sh
echo autogen >>"$calls"
touch Makefile.in
cat >configure <<'END'
#!/bin/sh
echo configure >>"$calls"
echo "abs_top_builddir = $PWD" >Makefile
if [ -e "$scratch/cmocka" ]; then
	echo "CMOCKA_LIBS = -lcmocka" >>Makefile
fi
END
chmod +x configure
EOF
	cat >"$tree/tellerd" <<'EOF'
#!/bin/sh
echo "tellerd $*" >>"$calls"
sleep 0.3
EOF
	sed 's/tellerd/tellerctl/' "$tree/tellerd" >"$tree/tellerctl"
	chmod +x "$tree/autogen.sh" "$tree/tellerd" "$tree/tellerctl"
}

# quickstart ARGUMENT...: run it there; leaves $status and $said.
quickstart() {
	said=$(PATH=$bin sh "$tree/etc/quickstart.sh" "$@" 2>&1 </dev/null)
	status=$?
}

# result WORDS COMMAND...: one test, passed if the command succeeds.
result() {
	n=$((n + 1))
	words=$1
	shift
	if "$@"; then
		echo "ok $n - $words"
	else
		echo "not ok $n - $words"
		echo "# $* failed; quickstart ended with $status, said:"
		printf '%s\n' "$said" | sed 's/^/#   /'
		sed 's/^/# called: /' "$calls"
	fi
}

called() {
	grep -q -- "^$1" "$calls"
}

not_called() {
	! called "$1"
}

heard() {
	case $said in
	*"$1"*) return 0 ;;
	*) return 1 ;;
	esac
}

# A port that nobody listens on.
port=20000
while cat /proc/net/tcp /proc/net/tcp6 2>/dev/null |
	grep -q ":$(printf %04X "$port") "; do
	port=$((port + 1))
done

# ---- What is true ------------------------------------------------------------

fresh 0
quickstart check
result "root without a terminal is not asked" [ "$status" -eq 0 ]
result "the missing packages are named" heard "libevent-dev "
result "the missing packages are installed" called \
	"apt-get -q install -y --no-install-recommends .*libsqlite3-dev"
result "with those that only tests need" called ".*libcmocka-dev"
result "the tests are run" called "make .*check"

: >"$calls"
quickstart build
result "a second run succeeds" [ "$status" -eq 0 ]
result "a second run installs nothing" not_called apt-get
result "a second run makes no configure" not_called autogen
result "a second run does not configure" not_called configure
result "a second run lets make see what is old" called make

rm "$tree/Makefile.in"
: >"$calls"
quickstart build
result "what was broken off in making configure is made" called autogen

mv "$tree" "$scratch/moved"
tree=$scratch/moved
: >"$calls"
quickstart build
result "a tree that was moved is configured again" called configure
tree=$scratch/tree
rm -rf "$scratch/moved"

fresh 1000
quickstart build
result "another user installs through sudo" called "sudo -n env .* install"
result "what only tests need is left out of a build" not_called ".*cmocka"

fresh 0
quickstart build
: >"$calls"
quickstart check
result "tests that a build left out are configured" called configure
: >"$calls"
quickstart check
result "and not again" not_called configure

fresh 1000
rm "$bin/sudo"
quickstart build
result "without sudo nothing is installed" not_called apt-get
result "without sudo the command is shown" heard "As root: apt-get install"
result "what cannot be built fails" [ "$status" -eq 1 ]

fresh 0
rm "$bin/apt-get"
quickstart build
result "without apt-get the missing is named" heard "(libevent_openssl)"
result "without apt-get the missing ends it" [ "$status" -eq 1 ]

fresh 0
rm "$bin/apt-get"
touch "$scratch/installed"
quickstart build
result "without apt-get, but nothing missing, it builds" [ "$status" -eq 0 ]

fresh 0
echo 'exit 100' | tool apt-get
quickstart build
result "a failing apt-get ends it" [ "$status" -eq 1 ]
result "a failing apt-get leaves the names" heard "cannot go on without: "

fresh 0
echo 'echo "no such header"; exit 1' >"$tree/autogen.sh"
quickstart build --yes
result "a failing step shows its words" heard "no such header"

fresh 0
: >"$scratch/my faq.csv"
quickstart demo --port "$port" --pack banking --faq "$scratch/my faq.csv"
result "the demo's end is the daemon's" [ "$status" -eq 0 ]
result "the demo imports and approves answers" called \
	"tellerctl --state .*/tree/state faq import --approve .*/my faq.csv"
result "the demo listens where it was told" called \
	"tellerd .*--set http.listen=127.0.0.1:$port"
result "the demo has the pack it was told" called \
	"tellerd .*--set desk.pack=banking"

fresh 0
mkdir "$tree/intents/insurance"
: >"$tree/etc/demo-insurance.yaml"
quickstart demo --port "$port" --pack insurance
result "a pack with a demo of its own gets its settings" called \
	"tellerd --config .*/etc/demo-insurance.yaml"

fresh 0
mkdir "$tree/intents/mine"
quickstart demo --pack mien
result "a pack that is not there is refused" [ "$status" -eq 1 ]
result "with those that are" heard \
	"--pack mien: there is no such pack; there are: banking mine"
quickstart demo --port "$port" --pack mine
result "another pack gets the plain ones" called \
	"tellerd --config .*/etc/demo.yaml"

fresh 0
quickstart demo --port="$port" --state "$scratch/my state"
result "a path with blanks can be pasted" heard \
	"export PATH='$tree':\"\$PATH\" TELLERD_STATE='$scratch/my state'"
result "a customer has a line" heard "    tellerctl chat "
result "and who answers one" heard \
	"    tellerctl desk watch ID --claim --actor Ann "

fresh 0
quickstart demo --port="$port"
result "five things to try are shown" heard \
	"Five things to try at http://127.0.0.1:$port/"
result "the last with the process to kill" heard "5. A crash:        kill -9 "

fresh 0
mkdir "$tree/intents/mine"
quickstart demo --port="$port" --pack mine
result "of a pack of one's own it knows none" [ "${said#*Five things}" = "$said" ]

fresh 0
quickstart demo --port="$port" --listen ::1
result "an IPv6 address stands in brackets" called \
	"tellerd .*--set http.listen=\[::1\]:$port"
result "once it is ready, its address can be opened" heard \
	"The desk is open:  http://[::1]:$port/"

# A tree that a group may write.
fresh 0
chmod g+w "$tree/plugins/.libs"
touch "$scratch/installed"
cat >"$tree/tellerd" <<'EOF'
#!/bin/sh
ls -l "${*##*plugin_dir=}" >>"$calls"
EOF
quickstart demo --port="$port"
result "where a group may write the daemon gets plugins of its own" called \
	"-rw.r--r-- .* web.so"

fresh 0
rm "$bin/curl"
quickstart demo --port="$port"
result "without curl it still starts" called "tellerd "
result "without curl it says where" heard "open at http://127.0.0.1:$port/"
echo "1..$n"
