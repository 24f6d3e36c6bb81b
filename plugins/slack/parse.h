/* JSON as Slack writes it. */
#ifndef SLACK_PARSE_H
#define SLACK_PARSE_H

#include <jansson.h>
#include <stddef.h>

/* The document, decref'ed by the caller; NULL: it is none.  What stands for no
 * character becomes U+FFFD: half of a pair of surrogates, where a preview was
 * cut in the middle of one, and U+0000. */
json_t *slack_parse(const char *text, size_t len);

#endif
