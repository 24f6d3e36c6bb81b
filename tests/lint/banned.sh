#!/bin/sh
# What has no place in the sources: calls, SQL outside the store, HTML made of
# text in the browser, marks of unfinished work.
# shellcheck source=tests/lint/lint.sh
. "$(dirname "$0")/lint.sh"

name='(^|[^A-Za-z0-9_>.])'

calls() {
	files "$1" daemon plugins tests -- '*.c' '*.h' |
		over "$1" awk -v strings=0 -f "$lint/code.awk" |
		grep -E "$name(strcpy|strcat|sprintf|vsprintf|strtok|gets|atoi|atol|atof|system|popen)[ ]*\("
}

# OpenBLAS has a thread before main() begins: a child would be without it.  What
# is no child of ours for longer than an instant is a person's editor, which
# tellerctl starts by posix_spawn(), and the daemon never.
processes() {
	files "$1" daemon plugins -- '*.c' '*.h' |
		over "$1" awk -v strings=0 -f "$lint/code.awk" |
		grep -v '^daemon/cli/edit\.c:.*[^a-z_]posix_spawn(' |
		grep -E "$name(fork|vfork|daemon|posix_spawnp?|exec[lv]p?e?)[ ]*\("
}

# Written for SQL in capitals, so that IMAP's "SELECT INBOX" is none.
sql() {
	files "$1" daemon plugins -- '*.c' '*.h' |
		over "$1" awk -v strings=1 -f "$lint/code.awk" |
		grep -v '^daemon/store/' |
		grep -E '(SELECT [a-z*(]|INSERT (OR [A-Z]+ )?INTO|UPDATE [a-z_]+ SET|DELETE FROM|(CREATE|DROP|ALTER) (TABLE|INDEX|VIRTUAL|TRIGGER)|PRAGMA [a-z]|BEGIN IMMEDIATE)'
}

scripts() {
	files "$1" plugins -- '*.js' '*.html' |
		over "$1" grep -nHE '(inner|outer)HTML|insertAdjacentHTML|document\.write|srcdoc|createContextualFragment|(^|[^A-Za-z0-9_.])(eval|Function)[ ]*\('
}

unfinished() {
	files "$1" daemon plugins tests etc -- '*.c' '*.h' '*.sh' '*.py' '*.js' |
		grep -v '^tests/lint/banned.sh$' |
		over "$1" grep -nHE '(^|[^A-Za-z0-9_])(TODO|FIXME|XXX)([^A-Za-z0-9_]|$)'
}

holds calls "no call that overruns, guesses or starts a shell"
holds processes "the daemon and its plugins start no process"
holds sql "SQL stands in the store alone"
holds scripts "no script of a plugin makes HTML of text"
holds unfinished "no mark of unfinished work"

finds calls daemon/base/x.c "strcpy" <<'EOF'
	strcpy(a, b);
EOF
finds calls tests/unit/x.c "atoi in a test" <<'EOF'
	int n = (atoi (text));
EOF
finds calls plugins/web/x.c "sprintf behind a comment" <<'EOF'
	/* a */ sprintf(a, "b");
EOF
accepts calls daemon/base/x.c "names that only look like it" <<'EOF'
	/* strcpy(a, b) and
	 * system("x") */
	my_strcpy(a, b); snprintf(a, 1, "strcpy(%d)", 1); vsnprintf(a);
	loop->system(1); // gets(a)
	char quote = '"'; char *words = "a \" strcat(a) ";
EOF
finds processes daemon/cli/x.c "fork" <<'EOF'
	pid_t pid = fork();
EOF
finds processes daemon/cli/edit.c "fork beside the editor" <<'EOF'
	pid_t pid = fork();
EOF
finds processes daemon/admin/x.c "posix_spawn" <<'EOF'
	posix_spawn(&pid, path, NULL, NULL, argv, environ);
EOF
accepts processes daemon/cli/edit.c "an editor" <<'EOF'
	errno = posix_spawn(&pid, "/bin/sh", NULL, NULL, argv, environ);
EOF
finds sql daemon/dialog/x.c "SELECT in dialog" <<'EOF'
	run("SELECT id "
	    "FROM reply");
EOF
finds sql plugins/email/x.c "PRAGMA in a plugin" <<'EOF'
	run("PRAGMA user_version");
EOF
accepts sql plugins/email/x.c "IMAP" <<'EOF'
	/* SELECT id FROM reply */
	write("a1 SELECT INBOX"); write("a1 SELECT \"%s\"");
EOF
accepts sql daemon/store/x.c "SQL in the store" <<'EOF'
	run("SELECT id FROM reply");
EOF
finds scripts plugins/web/x.js "innerHTML" <<'EOF'
element.innerHTML = text;
EOF
finds scripts plugins/web/x.html "eval" <<'EOF'
<script>eval(text)</script>
EOF
finds unfinished daemon/base/x.c "an open end" <<'EOF'
/* TODO: the rest */
EOF
finish
