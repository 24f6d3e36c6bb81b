#!/bin/sh
# From a fresh clone to a working desk, or to every test: see usage() below.
# Builds in the top directory itself, keeps state in ./state, and does nothing
# twice: what is installed, configured or built is left as it is.
set -eu

usage() {
	cat <<'EOF'
usage: etc/quickstart.sh demo|check|build [OPTION...]

  demo   build tellerd and start a bank's desk on this machine
  check  build tellerd and run every test
  build  build tellerd

What is missing is installed from the distribution first (apt-get).

  --yes           install without asking
  --port N        demo: the port to listen on (8080)
  --listen ADDR   demo: the address to listen on (127.0.0.1)
  --state DIR     demo: where conversations are kept (./state)
  --pack NAME     demo: what the desk knows, one of intents/ (banking,
                  insurance)
  --faq FILE.csv  demo: answers of your own, imported and approved
  --help          this text
EOF
}

say() {
	printf '%s\n' "$*"
}

die() {
	printf 'quickstart: %s\n' "$*" >&2
	exit 1
}

misused() {
	printf 'quickstart: %s; --help says what there is\n' "$*" >&2
	exit 2
}

# ---- What was asked for ------------------------------------------------------

verb=
yes=no
port=8080
listen=127.0.0.1
state=
pack=banking
faq=

while [ $# -gt 0 ]; do
	option=$1
	shift
	case $option in
	--port=* | --listen=* | --state=* | --pack=* | --faq=*)
		value=${option#*=}
		option=${option%%=*}
		;;
	--port | --listen | --state | --pack | --faq)
		[ $# -gt 0 ] || misused "$option needs a value"
		value=$1
		shift
		;;
	esac
	case $option in
	demo | check | build)
		[ -z "$verb" ] || misused "$verb or $option, not both"
		verb=$option
		;;
	--yes | -y) yes=yes ;;
	--port) port=$value ;;
	--listen) listen=$value ;;
	--state) state=$value ;;
	--pack) pack=$value ;;
	--faq) faq=$value ;;
	--help | -h)
		usage
		exit 0
		;;
	*) misused "unknown: $option" ;;
	esac
done
[ -n "$verb" ] || misused "say what: demo, check or build"

case $port in
'' | *[!0-9]* | ??????*) misused "--port $port: not a number from 1 to 65535" ;;
esac
if [ "$port" -lt 1 ] || [ "$port" -gt 65535 ]; then
	misused "--port $port: not a number from 1 to 65535"
fi

# Paths are the caller's; the work is done at the top of the sources.
absolute() {
	case $1 in
	/*) printf '%s\n' "$1" ;;
	*) printf '%s/%s\n' "$PWD" "$1" ;;
	esac
}
if [ -n "$faq" ]; then
	faq=$(absolute "$faq")
	[ -r "$faq" ] || die "--faq $faq: cannot be read"
fi
[ -z "$state" ] || state=$(absolute "$state")
cd "$(dirname "$0")/.."
top=$PWD
state=${state:-$top/state}
case $top in
*[[:space:]]*)
	die "$top: make cannot build below a name with blanks in it:" \
		"rename that directory, or clone to another place"
	;;
esac

# ---- What is needed ----------------------------------------------------------

# Made to its end: autogen.sh makes the one first, and the other last.
has_configure() {
	[ -x configure ] && [ -e Makefile.in ]
}

# How it is looked for, its name, the package of Debian that brings it.
needs() {
	cat <<'EOF'
command cc gcc
header stdio.h libc6-dev
command make make
command pkg-config pkg-config
module jansson libjansson-dev
module libcrypto libssl-dev
module sqlite3 libsqlite3-dev
module yaml-0.1 libyaml-dev
module libutf8proc libutf8proc-dev
module libevent_openssl libevent-dev
module libcurl libcurl4-openssl-dev
module libcmark libcmark-dev
header libstemmer.h libstemmer-dev
file /usr/share/zoneinfo/UTC tzdata
EOF
	# A release comes with its configure script.
	has_configure || cat <<'EOF'
command autoconf autoconf
command automake automake
command libtoolize libtool
EOF
}

# What the verb is poorer without.
wants() {
	case $verb in
	demo) echo command curl curl ;;
	check)
		echo command python3 python3
		echo module cmocka libcmocka-dev
		;;
	esac
}

is_there() {
	case $1 in
	command) command -v "$2" >/dev/null ;;
	file) [ -e "$2" ] ;;
	module) pkg-config --exists "$2" 2>/dev/null ;;
	header) printf '#include <%s>\n' "$2" | cc -E - >/dev/null 2>&1 ;;
	esac
}

# Of the lines on standard input, "name package" of what is missing.
missing() {
	while read -r kind name package; do
		is_there "$kind" "$name" || echo "$name $package"
	done
}

packages() {
	printf '%s\n' "$1" | awk 'NF { print $2 }' | sort -u | tr '\n' ' '
}

# May we install?  Asked on a terminal; elsewhere the command was the answer.
may_install() {
	[ "$yes" = no ] && [ -t 0 ] && [ -t 1 ] || return 0
	printf 'Install them now? [Y/n] '
	read -r answer || return 1
	case $answer in
	'' | [Yy]*) return 0 ;;
	*) return 1 ;;
	esac
}

# apt_get ARGUMENT...: as root, through sudo if we are not.
apt_get() {
	if [ "$(id -u)" -eq 0 ]; then
		env DEBIAN_FRONTEND=noninteractive apt-get -q "$@"
	elif [ -t 0 ]; then
		sudo env DEBIAN_FRONTEND=noninteractive apt-get -q "$@"
	else
		sudo -n env DEBIAN_FRONTEND=noninteractive apt-get -q "$@"
	fi
}

install_missing() {
	lacking=$({ needs; wants; } | missing)
	[ -n "$lacking" ] || return 0
	# The list is of plain names.
	# shellcheck disable=SC2046
	set -- $(packages "$lacking")
	say "Missing on this machine:"
	printf '%s\n' "$lacking" | awk '{ printf "  %-22s (%s)\n", $2, $1 }'
	if ! command -v apt-get >/dev/null; then
		say "There is no apt-get here: install them in this system's way."
	elif [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then
		say "There is no sudo here.  As root: apt-get install $*"
	elif may_install; then
		apt_get update ||
			say "apt-get update failed; trying with the lists there are"
		apt_get install -y --no-install-recommends "$@" ||
			say "apt-get install $* failed"
	fi
	lacking=$(needs | missing)
	[ -z "$lacking" ] ||
		die "cannot go on without: $(packages "$lacking")"
	lacking=$(wants | missing)
	[ -z "$lacking" ] || say "Going on without: $(packages "$lacking")"
}

# ---- Building ----------------------------------------------------------------

# logged WORDS COMMAND...: run it with its output in quickstart.log.
logged() {
	say "$1"
	shift
	if ! "$@" >quickstart.log 2>&1; then
		tail -n 30 quickstart.log >&2
		die "$* failed; all it said is in $top/quickstart.log"
	fi
}

# Is the Makefile of this directory, which may have been moved or copied, and,
# where the tests are to run, made when what they are built with was there?
is_configured() {
	grep -qxF "abs_top_builddir = $top" Makefile 2>/dev/null || return 1
	[ "$verb" != check ] || grep -q '^CMOCKA_LIBS = .' Makefile ||
		! is_there module cmocka
}

# Once there is a Makefile, make itself repeats what has become old.
build() {
	has_configure || logged "Making configure ..." ./autogen.sh
	is_configured || logged "Configuring ..." ./configure
	if [ -x tellerd ]; then
		say "Building ..."
	else
		say "Building, which takes some minutes the first time ..."
	fi
	cores=$(getconf _NPROCESSORS_ONLN 2>/dev/null) || cores=1
	make -s --no-print-directory -j "$cores" all ||
		die "the build failed, see above"
}

# ---- The demo ----------------------------------------------------------------

# Is someone listening on that port, of our address or of all?  The tables of
# the kernel hold addresses in hexadecimal, the last byte first.
is_taken() {
	[ -r /proc/net/tcp ] || return 1
	cat /proc/net/tcp /proc/net/tcp6 2>/dev/null |
		awk -v port="$(printf %04X "$port")" -v address="$listen" '
		BEGIN {
			if (address == "localhost")
				address = "127.0.0.1"
			if (split(address, part, ".") == 4)
				ours = sprintf("%02X%02X%02X%02X", part[4],
					part[3], part[2], part[1])
		}
		$4 == "0A" {
			split($2, local, ":")
			if (local[2] == port && (ours == "" ||
			    ours == "00000000" || local[1] == ours ||
			    local[1] ~ /^0+$/))
				taken = 1
		}
		END { exit !taken }'
}

# Is a directory, with all above it, ours or root's, and closed to others?
is_ours() {
	dir=$1
	while [ -z "$(find "$dir" -prune \( ! -user 0 ! -user "$(id -u)" -o \
		-perm /022 ! \( -user 0 -perm -1000 \) \))" ]; do
		[ "$dir" != / ] || return 0
		dir=$(dirname "$dir")
	done
	return 1
}

# The daemon loads no plugin that others could change.  Where the tree is
# another user's, or open to a group, it gets copies that are its own for as
# long as the process with that id lives.  Who removes them holds none of our
# descriptors, nor, by exec, a copy that a shell keeps of one: a parent may read
# from us until all have closed, and look only then whether we have ended.
own_plugins() {
	own=$(mktemp -d) || die "cannot make a directory for the plugins"
	(umask 022 && cp plugins/.libs/*.so "$own") ||
		die "cannot copy the plugins to $own"
	(
		exec </dev/null >/dev/null 2>&1
		remove_after "$1" "$own" &
	)
}

remove_after() {
	trap '' HUP INT TERM
	while kill -0 "$1" 2>/dev/null; do
		sleep 1
	done
	rm -rf "$2"
}

# What to ask the desk of a pack, whose process has that id;
# tests/run/test_demo.py holds the packs to it.
to_try() {
	case $1 in
	banking)
		typo="Waht does a curent acount cost?"
		stolen="My card was stolen"
		first="How long does a transfer take?"
		next="and what does it cost?"
		;;
	insurance)
		typo="Are burst pips coverd?"
		stolen="My car was stolen"
		first="How do I make a claim?"
		next="and how long does it take?"
		;;
	*) return 0 ;;
	esac
	cat <<EOF
  Five things to try at $url/
    1. A typo:         $typo
    2. A theft:        $stolen
    3. Off the topic:  What is the weather like in Dublin?
    4. A follow-up:    $first
       and then:       $next
    5. A crash:        kill -9 $2
       in mid-chat; start the demo again, and the chat goes on
EOF
}

# Waits until the daemon with that process id is ready, hands it the answers
# to import, and says where to go.
announce() {
	tries=0
	until curl -fs -o /dev/null --noproxy '*' --max-time 2 "$url/readyz"; do
		kill -0 "$1" 2>/dev/null || return 0
		tries=$((tries + 1))
		if [ "$tries" -ge 300 ]; then
			say "tellerd does not answer at $url/readyz yet."
			return 0
		fi
		sleep 0.2
	done
	if [ -n "$faq" ]; then
		./tellerctl --state "$state" faq import --approve "$faq" ||
			say "--faq $faq was NOT imported, see above."
	fi
	quote=
	case $top$state in
	*[!A-Za-z0-9/._+-]*) quote="'" ;;
	esac
	cat <<EOF

  The desk is open:  $url/
  Close it:          Ctrl-C

$(to_try "$pack" "$1")

  In another terminal, first
    export PATH=$quote$top$quote:"\$PATH" TELLERD_STATE=$quote$state$quote
  and then
    tellerctl chat          to be a customer there
    tellerctl desk watch    to see who waits for a person
    tellerctl desk watch ID --claim --actor Ann    to be that person

EOF
}

demo() {
	case $listen in
	*:*) where="[$listen]:$port" ;;
	*) where=$listen:$port ;;
	esac
	url=http://$where
	case $listen in
	0.0.0.0) url=http://127.0.0.1:$port ;;
	::) url="http://[::1]:$port" ;;
	esac
	unset RUNTIME_DIRECTORY
	config=$top/etc/demo-$pack.yaml
	[ -e "$config" ] || config=$top/etc/demo.yaml
	set -- --config "$config" --state "$state" \
		--set "http.listen=$where" --set "desk.pack=$pack"
	if ! is_ours "$top/plugins/.libs"; then
		own_plugins $$
		set -- "$@" --set "daemon.plugin_dir=$own"
	fi
	# The daemon takes this process's place, so that signals and its end
	# are its own; who announces it is no child of it.
	if command -v curl >/dev/null; then
		(announce $$ &)
	elif [ -n "$faq" ]; then
		die "--faq needs curl, to see when tellerd is ready"
	else
		say "The desk will be open at $url/"
	fi
	exec ./tellerd "$@"
}

# ---- All of it ---------------------------------------------------------------

if [ "$verb" = demo ]; then
	if is_taken; then
		die "port $port of $listen is taken, perhaps by an earlier" \
			"demo: choose another by --port"
	fi
	if [ ! -d "intents/$pack" ]; then
		known=$(cd intents && echo *)
		die "--pack $pack: there is no such pack; there are: $known"
	fi
fi
install_missing
build
case $verb in
demo) demo ;;
# Most tests wait now and then: one more than there are cores.
check) make --no-print-directory -j "$((cores + 1))" check ;;
build) say "Built: $top/tellerd, $top/tellerctl" ;;
esac
