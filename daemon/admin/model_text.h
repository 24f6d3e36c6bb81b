/* A text to measure a model by. */
#ifndef ADMIN_MODEL_TEXT_H
#define ADMIN_MODEL_TEXT_H

#include <stdint.h>

struct err;
struct opened;
struct token_list;

/* The tokens of a file, of stdin for "-", taken as it stands; the number of
 * its words, which are what white space parts, unless words_r is NULL.  0, or
 * -1 and *err. */
int model_read_text(const struct opened *, const char *path,
		    struct token_list *, int64_t *words_r, struct err *);

#endif
