/* What libyaml says is wrong, in the words of whoever wrote the file. */
#ifndef CONF_YAML_WORDS_H
#define CONF_YAML_WORDS_H

#include <stddef.h>

struct err;
struct yaml_parser_s;

/* What the parser refused in text: "name:line: words".  Returns -1. */
int yaml_words_set(struct err *, const struct yaml_parser_s *, const char *name,
		   const char *text, size_t len);

/* The first character of text that no file of ours may hold, in words, and
 * where it is; NULL: there is none. */
const char *yaml_words_character(const char *text, size_t len, char words[64],
				 size_t *at_r);

/* The line, from 1, of the byte at `at`; an LF, a CR or both end a line. */
int yaml_words_line(const char *text, size_t at);

#endif
