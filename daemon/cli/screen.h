/* What tellerctl says, for a person or a program, and for any terminal: control
 * characters in what customers wrote come out as \u001b, in words as in JSON.
 */
#ifndef CLI_SCREEN_H
#define CLI_SCREEN_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

struct err;

/* What tellerctl ends with when something failed. */
#define EXIT_FAILED 1

enum screen_form {
	SCREEN_WORDS,
	SCREEN_TALK,	 /* words; on a terminal its rows end at blanks */
	SCREEN_JSON,	 /* one document */
	SCREEN_JSON_LINE /* the same on one line, as others follow */
};

/* Show a result; print() is its command's.  0, or -1 and *err: it cannot be
 * written. */
int screen_show(const json_t *result, enum screen_form,
		void (*print)(const json_t *, FILE *), FILE *out, struct err *);
/* Say why something failed: words on stderr, and with is_json the document
 * {"error", "exit"} to out. */
void screen_fail(const char *words, int exit_code, bool is_json, FILE *out);

#endif
