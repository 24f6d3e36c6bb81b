/* Errors as words for a person, travelling up to whoever can tell one. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdbool.h>

/* What went wrong, to what, and what to do.  Owned by the caller; zeroed,
 * it is no error.  Texts that do not fit are cut at a character's border. */
struct err {
	char text[512];
	bool is_misuse; /* what was asked for cannot be asked for */
};

/* Each returns -1, so that failing is one line: return err_set(err, ...);
 * err may be NULL: then only the -1 is left.  Control characters in the
 * result are replaced, so that the text is safe to log. */
int err_set(struct err *err, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* The same for what the one who asks has to mend: a value out of its range, two
 * that exclude each other. */
int err_misuse(struct err *err, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Put words before what err already says: "<prefix>: <text>". */
int err_prefix(struct err *err, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Like err_set(), followed by ": " and the words of errno. */
int err_errno(struct err *err, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
