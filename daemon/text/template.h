/* Filling {{names}} of an approved text with values. */
#ifndef TEXT_TEMPLATE_H
#define TEXT_TEMPLATE_H

#include <stddef.h>

struct buf;
struct err;

/* The value of a name, or NULL: there is none. */
typedef const char *template_value_fn(const void *arg, const char *name,
				      size_t name_len);

/* Add text to out with each {{name}} (letters, digits, '_', '.') replaced.  A
 * name without a value, or an open {{, is an error that names it.  Values are
 * put in as they are and not looked at again.  0, or -1 and *err with out as it
 * was. */
int template_fill(struct buf *out, const char *text, template_value_fn *,
		  const void *arg, struct err *err);

#endif
