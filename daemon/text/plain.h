/* Somebody's own words within a line of CommonMark. */
#ifndef TEXT_PLAIN_H
#define TEXT_PLAIN_H

struct buf;

/* Add text so that it is shown as it was written: no mark-up, no line of its
 * own.  Marks of the redactor stay readable as they are. */
void plain_add(struct buf *out, const char *text);

#endif
