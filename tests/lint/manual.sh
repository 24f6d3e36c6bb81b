#!/bin/sh
# The manual pages say what the programs do: each command, option, setting and
# service is there, and nothing else is.
# shellcheck source=tests/lint/lint.sh
. "$(dirname "$0")/lint.sh"

built=${top_builddir:-$top}
cc=${CC:-cc}

# But of pages that are not installed where mandoc looks for them; references()
# knows ours.
pages() {
	files "$1" doc -- '*.[1-8]' |
		over "$1" mandoc -T lint -W style 2>/dev/null |
		grep -v 'referenced manual not found'
}

# Pages of ours that a page refers to.
references() {
	# shellcheck disable=SC2016
	files "$1" doc -- '*.[1-8]' | over "$1" awk '
		$1 == ".Xr" && $2 ~ /^teller/ { print FILENAME, $2 "." $3 }' |
		while read -r page name; do
			[ -e "$top/doc/$name" ] ||
				echo "$page: there is no page $name"
		done
}

# compare PAGE WHAT: what should be there (expected), what is (present); both
# in the scratch directory, a line each.
compare() {
	for list in expected present; do
		LC_ALL=C sort -u "$scratch/$list" >"$scratch/$list-sorted"
	done
	LC_ALL=C comm -3 "$scratch/expected-sorted" "$scratch/present-sorted" |
		sed "s|^	\(.*\)|$1: has what is not $2: \1|
			t
			s|^|$1: $2 is missing: |"
}

# ---- tellerctl(1)

commands() {
	page=$1/doc/tellerctl.1
	"$built/tellerctl" help | sed -n 's/^  tellerctl //p' \
		>"$scratch/expected"
	awk -f "$lint/manual.awk" "$page" >"$scratch/present"
	compare doc/tellerctl.1 "a command"
}

arguments() {
	awk -v check=1 -f "$lint/manual.awk" "$1/doc/tellerctl.1" |
		sed 's|^|doc/tellerctl.1: |'
}

# Options that stand between brackets on the line of usage, and have an item of
# the page; some are accepted and not on that line.
# options PAGE ACCEPTED...: usage on standard input.
options() {
	page=$1
	shift
	{
		grep -o -e '--[a-z-]*'
		printf '%s\n' "$@"
	} >"$scratch/expected"
	awk '/^\.Sh / { is_inside = $2 == "DESCRIPTION" }
		is_inside && /^\.It Fl -[a-z]/ { print "-" $3 }' \
		"$page" >"$scratch/present"
	compare "doc/${page##*/}" "an option"
}

common_options() {
	"$built/tellerctl" help | sed -n 1p |
		options "$1/doc/tellerctl.1" --force --help --version
}

daemon_options() {
	"$built/tellerd" --help | options "$1/doc/tellerd.8" --help
}

# ---- tellerd.yaml(5)

# Those that are installed.
plugins() {
	sed -n 's|^plugin_LTLIBRARIES += plugins/\(.*\)\.la$|\1|p' \
		"$top/Makefile.am"
}

# Copies of the plugins that are ours alone: from a build tree that others may
# write tellerctl would not load them.
copy_plugins() {
	mkdir -m 700 "$scratch/plugins"
	for plugin in $(plugins); do
		install -m 600 "$built/plugins/.libs/$plugin.so" \
			"$scratch/plugins"
	done
	echo "daemon: {plugin_dir: $scratch/plugins}" >"$scratch/options.yaml"
}

# Rows for manual-options.awk, of the daemon and of the plugins: each member of
# a JSON object is on a line of its own.
rows() {
	"$built/tellerctl" --config "$scratch/options.yaml" options --json |
		awk '
		{ sub(/,$/, "") }
		/^ *"[a-z]+": / {
			key = $1
			gsub(/[":]/, "", key)
			sub(/^ *"[a-z]+": /, "")
			is_text = sub(/^"/, "")
			sub(/"$/, "")
			gsub(/\\"/, "\"")
			value[key] = !is_text && $0 == "null" ? \
				(key == "default" ? "-" : "") : $0
		}
		/^ *}$/ && "path" in value {
			print value["path"] "\t" value["type"] "\t" \
				value["choices"] "\t" value["default"] "\t" \
				value["unit"] "\t" value["min"] "\t" \
				value["max"]
		}
		/^ *}$/ && "why" in value {
			print value["plugin"] "\t" value["why"]
		}
		/^ *}$/ { split("", value) }'
}

settings() {
	rows | awk -f "$lint/manual-options.awk" >"$scratch/expected"
	grep '^\.It Cm [a-z_]*\.[A-Za-z_.]* ' "$1/doc/tellerd.yaml.5" \
		>"$scratch/present"
	compare doc/tellerd.yaml.5 "a setting"
}

# Settings of plugins in the shipped file, whose section may be switched off
# whole; unit tests look closer at those of the daemon and of web.  How long a
# burst is stands there for who has any.
shipped() {
	rows | sed -n 's/^\(plugins\.[^	]*\)	.*/\1/p' |
		grep -v '\.burst$' >"$scratch/expected"
	awk '
		/^[a-z]/ { is_inside = $1 == "plugins:" }
		!is_inside { next }
		match($0, /^  (# )?[a-z_]+:$/) {
			plugin = $NF
			sub(/:$/, "", plugin)
			next
		}
		match($0, /^(  #   |    #?)[a-z_]+:( |$)/) {
			key = substr($0, RSTART, RLENGTH)
			gsub(/[ #:]/, "", key)
			if (key != "burst")
				print "plugins." plugin "." key
		}
		match($0, /^  #       [a-z_]+: /) {
			field = substr($0, RSTART, RLENGTH)
			gsub(/[ #:]/, "", field)
			print "plugins." plugin "." key ".NAME." field
		}' "$1/etc/tellerd.yaml" >"$scratch/present"
	compare etc/tellerd.yaml "a setting of a plugin"
}

# ---- tellerd-plugin(7), tellerd-pack(5)

# Functions of a table of the header, "services" or "plugin".
table() {
	awk -v table="^struct teller_($1) " '
		$0 ~ table && /\{$/ { is_table = 1 }
		/^};/ { is_table = 0 }
		is_table && match($0, /\(\*[a-z_]+\)/) {
			print substr($0, RSTART + 2, RLENGTH - 3)
		}' "$top/plugins/include/tellerd/plugin.h"
}

# Functions of both tables, each of which has an item of the page; it names no
# others.
services() {
	page=$1/doc/tellerd-plugin.7
	table 'services|plugin' >"$scratch/expected"
	awk '/^\.It Fn / {
		for (i = 3; i <= NF; i++)
			if ($i !~ /^(Fn|,)$/)
				print $i
	}' "$page" >"$scratch/present"
	compare doc/tellerd-plugin.7 "a function"
	# The call-back of receive() is an argument, TELLER_HAS() a macro.
	printf '%s\n' on_stored TELLER_HAS |
		LC_ALL=C sort - "$scratch/expected" >"$scratch/known"
	awk '/^\.Fn / { print $2 }' "$page" | LC_ALL=C sort -u |
		LC_ALL=C comm -13 "$scratch/known" - |
		sed 's|^|doc/tellerd-plugin.7: names no function: |'
}

# What the header names in capitals: kinds, states, flags, limits.
constants() {
	grep -o '\bTELLER_[A-Z0-9_]*\b' \
		"$top/plugins/include/tellerd/plugin.h" |
		grep -vx TELLER_HAS >"$scratch/expected"
	awk '/^\.Dv / || /^\.It Dv / || /^\.Pq Dv / {
		for (i = 2; i <= NF; i++)
			if ($i ~ /^TELLER_/)
				print $i
	}' "$1/doc/tellerd-plugin.7" >"$scratch/present"
	compare doc/tellerd-plugin.7 "a constant"
}

# Services that ABI 1.0 did not have, each with the version that brought it.
since() {
	awk '
		/^struct teller_services / { is_table = 1 }
		/^};/ { is_table = 0 }
		is_table && /\/\* Since ABI [0-9.]*[0-9]/ {
			version = $4
			sub(/\.$/, "", version)
		}
		is_table && match($0, /\(\*[a-z_]+\)/) {
			if (version != "")
				print substr($0, RSTART + 2, RLENGTH - 3), \
					version
			version = ""
		}' "$top/plugins/include/tellerd/plugin.h" >"$scratch/expected"
	awk '/^\.Sh / { is_inside = $2 == "SERVICES"; name = "" }
		is_inside && /^\.It Fn / { name = $3; next }
		is_inside && name != "" && /^\.Pq since ABI / { print name, $4 }
		{ name = "" }' "$1/doc/tellerd-plugin.7" >"$scratch/present"
	compare doc/tellerd-plugin.7 "a service since that version"
}

# Those that the page says are not there yet, and those that the host's table
# leaves out.
missing_services() {
	sed -n 's/^	\.\([a-z_]*\) = [a-z_]*,$/\1/p' \
		"$top/daemon/host/services.c" | LC_ALL=C sort >"$scratch/there"
	table services | LC_ALL=C sort |
		LC_ALL=C comm -23 - "$scratch/there" >"$scratch/expected"
	awk '/^\.S[sh] / { is_inside = $2 == "Not" }
		is_inside && /^\.Fn / { print $2 }' \
		"$1/doc/tellerd-plugin.7" >"$scratch/present"
	compare doc/tellerd-plugin.7 "a service that is NULL"
}

# What the pages have of errors and warnings is what the sources say; literals
# there go on over lines.
diagnostics() {
	files "$top" daemon -- '*.c' | over "$top" cat | tr '\n\t' '  ' |
		sed 's/" *"//g' >"$scratch/sources"
	# shellcheck disable=SC2016
	files "$1" doc -- '*.[1-8]' | over "$1" awk '
		/^\.Sh / { is_inside = $2 == "DIAGNOSTICS" }
		is_inside && /^\.It / {
			while (match($0, /Sy "[^"]*"/)) {
				print FILENAME "\t" \
					substr($0, RSTART + 4, RLENGTH - 5)
				$0 = substr($0, RSTART + RLENGTH)
			}
		}' | sed 's/[:,]$//' | while IFS='	' read -r page words; do
		grep -qF -e "$words" "$scratch/sources" ||
			echo "$page: nobody says: $words"
	done
}

texts() {
	sed -n 's/^	\[TEXT_[A-Z_]*\] = {"\([a-z_]*\)".*/\1/p' \
		"$top/daemon/nlu/texts.c" >"$scratch/expected"
	awk '/^\.S[sh] / { is_inside = $2 == "texts.yaml" }
		is_inside && /^\.It Cm / { print $3 }' \
		"$1/doc/tellerd-pack.5" >"$scratch/present"
	compare doc/tellerd-pack.5 "a text"
}

# Keys of the files of packs and of conversation tests: those that readers know
# have a word of the page, where a week is "monday to sunday", and its items are
# words that readers know.
pack_keys() {
	page=$1/doc/tellerd-pack.5
	readers="$(cd "$top" && echo daemon/nlu/*.c) daemon/faq/import_yaml.c
		daemon/dialog/script.c daemon/dialog/script_expect.c"
	# shellcheck disable=SC2086
	(cd "$top" && cat $readers) | tr '\n' ' ' >"$scratch/readers"
	{
		grep -oE '\{"[a-z_]+", YAML_' "$scratch/readers"
		grep -oE 'keys\[\] = \{[^}]*\}' "$scratch/readers"
		grep -oE '\[FORM_[A-Z_]+\] = \{?"[a-z_]+"' "$scratch/readers"
	} | grep -oE '"[a-z_]+"' | tr -d '"' | LC_ALL=C sort -u |
		grep -vxE '(tues|wednes|thurs|fri|satur)day' |
		while read -r key; do
			grep -qE "^\.(It |Pq |Brq Brq )?Cm (.* )?$key( |\$)" \
				"$page" ||
				echo "doc/tellerd-pack.5: a key is missing: $key"
		done
	awk '/^\.It Cm [a-z]/ {
		for (i = 3; i <= NF; i++)
			if ($i ~ /^[a-z_]+$/)
				print $i
	}' "$page" | while read -r key; do
		grep -qF "\"$key\"" "$scratch/readers" ||
			echo "doc/tellerd-pack.5: no reader knows $key"
	done
}

# The files of the page's example, which must be a pack that passes its own
# conversation.
example_pack() {
	rm -rf "$scratch/desk"
	mkdir -p "$scratch/desk/tiny/faq" "$scratch/desk/tiny/tests"
	awk -v to="$scratch/desk" '
		/^\.Pa tiny\/[^ ]* :$/ { file = to "/" $2; next }
		file != "" && /^\.Bd / { is_inside = 1; next }
		/^\.Ed$/ { is_inside = 0; file = "" }
		is_inside { print >file }' "$1/doc/tellerd-pack.5"
	said=$("$built/tellerctl" test "$scratch/desk/tiny" 2>&1) ||
		echo "doc/tellerd-pack.5: the example says: $said"
}

example_plugin() {
	awk '/^#include / { is_inside = 1 }
		/^\.Ed$/ { is_inside = 0 }
		is_inside' "$1/doc/tellerd-plugin.7" >"$scratch/quiet.c"
	# CC may come with options.
	# shellcheck disable=SC2086
	$cc -std=gnu11 -Wall -Wextra -Werror -fPIC -fvisibility=hidden -shared \
		-I"$top/plugins/include" -o "$scratch/quiet.so" \
		"$scratch/quiet.c" 2>&1 | sed 's|^|doc/tellerd-plugin.7: |'
}

# breaks RULE PAGE WORDS SCRIPT: the rule complains of the page when sed has
# changed it so.
breaks() {
	sed "$4" "$top/$2" >"$scratch/page"
	finds "$1" "$2" "$3" <"$scratch/page"
}

# ---- What holds

words="mandoc has nothing to say of the manual pages"
if command -v mandoc >/dev/null; then
	holds pages "$words"
	breaks pages doc/tellerd.8 "a list that does not end" 's/^\.El$//'
else
	skip "$words" "mandoc is missing"
fi
holds references "a page refers to pages that are there"
breaks references doc/tellerd.8 "a page that is not there" \
	's/^\.Xr tellerctl 1/.Xr tellerctl 8/'
holds arguments "each argument of a command is explained"
breaks arguments doc/tellerctl.1 "an argument without a word" \
	's/^\.It Fl -limit Ar N$/.It more/'
holds services "functions of plugins are in tellerd-plugin(7), and no others"
breaks services doc/tellerd-plugin.7 "a function that is not there" \
	's/^\.Fn post$/.Fn posted/'
breaks services doc/tellerd-plugin.7 "a function without an item" \
	's/^\.It Fn fetch$/.It fetch/'
holds constants "constants of plugins are in tellerd-plugin(7), and no others"
breaks constants doc/tellerd-plugin.7 "a constant that is missing" \
	's/^\.It Dv TELLER_GONE$/.It gone/'
holds since "and since when a service is there"
breaks since doc/tellerd-plugin.7 "a service of another version" \
	's/^\.Pq since ABI 1\.3$/.Pq since ABI 1.4/'
holds missing_services "services that are NULL are named, and no others"
breaks missing_services doc/tellerd-plugin.7 "a service that is there" \
	's/^\.Sh SETTINGS$/.Ss Not in this version\
.Fn fetch\
&/'
holds pack_keys "keys of a pack's files are in tellerd-pack(5), and no others"
breaks pack_keys doc/tellerd-pack.5 "a key that is missing" \
	's/^\.It Cm days_back$/.It days_back/'
breaks pack_keys doc/tellerd-pack.5 "a key that no reader knows" \
	's/^\.It Cm trunk_prefix$/.It Cm trunk_digits/'
holds diagnostics "the pages quote what is said"
breaks diagnostics doc/tellerd.8 "an error that nobody makes" \
	's/^\.It Sy "the database is damaged"/.It Sy "the database is torn"/'
holds texts "texts of a pack are in tellerd-pack(5), and no others"
breaks texts doc/tellerd-pack.5 "a text that is missing" \
	's/^\.It Cm waiting$/.It waiting/'
holds example_plugin "the example of tellerd-plugin(7) compiles"
breaks example_plugin doc/tellerd-plugin.7 "a call that is wrong" \
	's/sent(self->host, job->id, NULL)/sent(self->host, job)/'

words="the pages agree with the programs"
for program in tellerctl tellerd; do
	if [ ! -x "$built/$program" ]; then
		skip "$words" "$program is not built"
		finish
	fi
done
echo "desk: {packs_dir: $scratch/desk, pack: tiny}" >"$scratch/desk.yaml"
holds commands "the commands of tellerctl are in tellerctl(1), and no others"
breaks commands doc/tellerctl.1 "an option that is not there" \
	's/^\.Op Fl -drafts$/.Op Fl -all-drafts/'
breaks commands doc/tellerctl.1 "a command that is missing" \
	's/^\.It Ic status$/.It status/'
holds common_options "tellerctl's own options are in tellerctl(1)"
breaks common_options doc/tellerctl.1 "an option of all that is missing" \
	's/^\.It Fl -json$/.It json/'
holds daemon_options "the options of tellerd are in tellerd(8), and no others"
breaks daemon_options doc/tellerd.8 "an option that is not there" \
	's/^\.It Fl -version$/.It Fl -release/'
copy_plugins
holds settings "settings are in tellerd.yaml(5) as they are, and no others"
breaks settings doc/tellerd.yaml.5 "a setting that is not there" \
	's/^\.It Cm desk\.claim /.It Cm desk.lease /'
breaks settings doc/tellerd.yaml.5 "another default" \
	's/\(^\.It Cm desk\.claim .*\)3 min/\14 min/'
breaks settings doc/tellerd.yaml.5 "another limit" \
	's/\(^\.It Cm store\.wal_limit .*\)64 KiB/\132 KiB/'
breaks settings doc/tellerd.yaml.5 "a setting of a plugin with another type" \
	's/\(^\.It Cm plugins\.web\.page .*\)true or false/\1text/'
holds shipped "settings of plugins are in etc/tellerd.yaml, and no others"
breaks shipped etc/tellerd.yaml "a setting of a plugin that is missing" \
	's/^  #   timeout: .*//'
breaks shipped etc/tellerd.yaml "a setting of a plugin that is not there" \
	's/^    #page: /    #pages: /'
holds example_pack "the example of tellerd-pack(5) passes"
breaks example_pack doc/tellerd-pack.5 "an example that lacks a text" \
	's/^crashed: .*//'
finish
