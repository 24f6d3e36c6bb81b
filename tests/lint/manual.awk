# Commands of a manual page in mdoc: each list item of the section COMMANDS
# whose head begins with .Ic is one.  Prints its usage as `tellerctl help` does,
# or, with -v check=1, the arguments that are in the head and not explained
# below it.

function finish_command(  i) {
	if (usage == "")
		return
	if (!check)
		print usage
	for (i = 1; check && i <= n; i++)
		if (!(names[i] in explained))
			print usage ": does not say what " names[i] " is"
	usage = ""
}

# The words of one line of a head: "Op Fl -limit Ar N" is "[--limit N]".
function add(line,  words, i, count, part, is_optional) {
	count = split(line, words, " ")
	for (i = 1; i <= count; i++) {
		if (words[i] == "Op") {
			is_optional = 1
		} else if (words[i] == "Fl") {
			names[++n] = "-" words[++i]
			part = part " -" words[i]
		} else if (words[i] == "Ar") {
			if (part !~ / --/)
				names[++n] = words[i + 1]
			part = part " " words[++i]
		} else if (words[i] != "Ic") {
			part = part " " words[i]
		}
	}
	part = substr(part, 2)
	usage = usage (usage == "" ? "" : " ") (is_optional ? "[" part "]" : part)
}

/^\.Sh / { finish_command(); is_inside = $2 == "COMMANDS"; next }
!is_inside { next }
/^\.It Xo$/ { finish_command(); is_head = 1; n = 0; split("", explained); next }
/^\.It Ic / {
	finish_command()
	n = 0
	split("", explained)
	add(substr($0, 5))
	next
}
/^\.Xc$/ { is_head = 0; next }
is_head { add(substr($0, 2)); next }
usage != "" && /^\./ {
	for (i = 1; i < NF; i++) {
		if ($i == "Fl" || $i == ".Fl")
			explained["-" $(i + 1)]
		if ($i == "Ar" || $i == ".Ar")
			explained[$(i + 1)]
	}
}
END { finish_command() }
