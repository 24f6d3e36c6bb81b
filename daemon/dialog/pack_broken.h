/* All that keeps a pack from being read. */
#ifndef DIALOG_PACK_BROKEN_H
#define DIALOG_PACK_BROKEN_H

struct findings;

/* Add what is unreadable in the pack of a directory, each with its file and
 * line.  What reads a pack stops at the first such thing; here it is read again
 * without the row that has it, until it can be read, nothing can be left out,
 * or there were PACK_BROKEN_MAX.  What only misses such a row is not told of.
 */
#define PACK_BROKEN_MAX 100
void pack_find_broken(const char *dir, struct findings *);

#endif
