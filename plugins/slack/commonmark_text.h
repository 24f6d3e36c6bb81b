/* Words, code and links within a line of CommonMark. */
#ifndef SLACK_COMMONMARK_TEXT_H
#define SLACK_COMMONMARK_TEXT_H

#include <stdbool.h>
#include <stdio.h>

/* What stands beside some words. */
enum beside {
	BESIDE_END, /* of the line, or what begins it: a quote, an item */
	BESIDE_MARK,
	BESIDE_LINK,
	BESIDE_WORDS /* that are not known, such as somebody's name */
};

/* ASCII, whatever the locale. */
bool commonmark_is_blank(char);
bool commonmark_is_sign(char);

/* Words that stay what they are: what would be mark-up is escaped, a line's end
 * is a blank. */
void commonmark_add_words(FILE *out, const char *text, enum beside before,
			  enum beside after);
/* Within one line; of nothing a blank. */
void commonmark_add_code(FILE *out, const char *code);
/* With the words of a label, or, without one, the address itself. */
void commonmark_add_link(FILE *out, const char *url, const char *label);
/* A block of code, which begins and ends a line. */
void commonmark_add_block(FILE *out, const char *code);

#endif
