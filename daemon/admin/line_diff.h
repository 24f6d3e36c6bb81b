/* What differs between two texts, line by line. */
#ifndef ADMIN_LINE_DIFF_H
#define ADMIN_LINE_DIFF_H

#include <jansson.h>

/* The lines that are gone, "- ...", and those that are new, "+ ...", in order;
 * none when the texts are the same.  The fewest that there can be, unless there
 * are very many. */
json_t *line_diff(const char *old_text, const char *new_text);

#endif
