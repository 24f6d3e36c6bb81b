# TELLER_LIBRARY(NAME, MODULES, PACKAGE)
# Find a library by pkg-config: NAME_CFLAGS, NAME_LIBS.  What is missing is
# gathered, so that one run of configure names all of it.
AC_DEFUN([TELLER_LIBRARY], [
PKG_CHECK_MODULES([$1], [$2], [],
	[teller_missing_words="$teller_missing_words
  $2"
	teller_missing_packages="$teller_missing_packages $3"])
])

# TELLER_LIBRARY_WITHOUT_PC(NAME, HEADER, LIBRARY, FUNCTION, PACKAGE)
# The same for a library that has no .pc file: NAME_LIBS.
AC_DEFUN([TELLER_LIBRARY_WITHOUT_PC], [
teller_found=no
AC_CHECK_HEADER([$2], [AC_CHECK_LIB([$3], [$4], [teller_found=yes])])
AS_IF([test "$teller_found" = yes],
	[$1_LIBS="-l$3"],
	[teller_missing_words="$teller_missing_words
  $3 ($2)"
	teller_missing_packages="$teller_missing_packages $5"])
AC_SUBST([$1_LIBS])
])

# TELLER_MISSING_LIBRARIES
# Fail if a library is missing, naming the packages of Debian to install.
AC_DEFUN([TELLER_MISSING_LIBRARIES], [
AS_IF([test -n "$teller_missing_words"],
	[AC_MSG_ERROR([these libraries are missing, or too old:$teller_missing_words
On Debian they come with:
  apt-get install$teller_missing_packages])])
])

# TELLER_COMPILER_FLAGS
# TELLER_CFLAGS: the language, the warnings, the chosen run-time checks.
# TELLER_PROGRAM_LDFLAGS: what only programs are linked with.
# TELLER_PLUGIN_LDFLAGS: what plugins are linked with.
AC_DEFUN([TELLER_COMPILER_FLAGS], [
TELLER_CFLAGS="-std=gnu11 -pthread -Wall -Wextra -Wshadow -Wstrict-prototypes dnl
-Wmissing-prototypes"
TELLER_PROGRAM_LDFLAGS=
TELLER_PLUGIN_LDFLAGS="-Wl,-z,defs"
AS_IF([test "$enable_werror" = yes],
	[TELLER_CFLAGS="$TELLER_CFLAGS -Werror"])
AS_CASE([$enable_sanitizers],
	[address], [teller_sanitize=address,undefined],
	[thread], [teller_sanitize=thread],
	[teller_sanitize=])
AS_IF([test -n "$teller_sanitize"],
	[TELLER_CFLAGS="$TELLER_CFLAGS -fsanitize=$teller_sanitize dnl
-fno-sanitize-recover=all -fno-omit-frame-pointer"
	# With clang the run-time library is in the program, not in the plugin.
	TELLER_PLUGIN_LDFLAGS=])
AS_IF([test "$enable_fuzzing" = yes],
	[TELLER_CFLAGS="$TELLER_CFLAGS -fsanitize=fuzzer-no-link"
	TELLER_PROGRAM_LDFLAGS="-fsanitize=fuzzer"])

AC_MSG_CHECKING([whether $CC can do what was asked for])
teller_cflags=$CFLAGS
CFLAGS="$CFLAGS $TELLER_CFLAGS"
AC_LINK_IFELSE([AC_LANG_PROGRAM([[]], [[]])], [AC_MSG_RESULT([yes])],
	[AC_MSG_RESULT([no])
	AC_MSG_ERROR([$CC cannot compile with $TELLER_CFLAGS: choose another by CC=clang or CC=gcc, or leave out --enable-sanitizers and --enable-fuzzing])])
CFLAGS=$teller_cflags

AC_SUBST([TELLER_CFLAGS])
AC_SUBST([TELLER_PROGRAM_LDFLAGS])
AC_SUBST([TELLER_PLUGIN_LDFLAGS])
AC_SUBST([enable_sanitizers])
])

# TELLER_SYSTEMD_DIR(VARIABLE, MODULE_VARIABLE, DEFAULT)
# A directory of systemd's: what --with-MODULE_VARIABLE says, else DEFAULT below
# the prefix, where systemd looks as well, unless the prefix is the system's own
# and systemd.pc knows better.
AC_DEFUN([TELLER_SYSTEMD_DIR], [
AC_ARG_WITH([$2],
	[AS_HELP_STRING([--with-$2=DIR], [instead of PREFIX/$3])],
	[$1=$withval],
	[$1='${prefix}/$3'
	AS_IF([test "$prefix" = /usr],
		[PKG_CHECK_VAR([teller_$2], [systemd], [$2],
			[$1=$teller_$2])])])
AC_SUBST([$1])
])
