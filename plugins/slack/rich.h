/* The text of a message that has it only as blocks. */
#ifndef SLACK_RICH_H
#define SLACK_RICH_H

#include <jansson.h>

/* What its blocks of type "rich_text" say, in Slack's mark-up, freed by the
 * caller; NULL: nothing, or there is no memory. */
char *rich_text(const json_t *blocks);
/* A message, as an event has it, whose text is empty gets that one. */
void rich_fill(json_t *message);

#endif
