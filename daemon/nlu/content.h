/* The content of a pack: all its files as one run of bytes, which its hash
 * covers and from which it can be read again.
 *
 * A line for the format and then, in order of name, for each file a line
 * "NAME LENGTH" and its bytes. */
#ifndef NLU_CONTENT_H
#define NLU_CONTENT_H

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct err;

#define PACK_FORMAT "tellerd pack 1\n"
#define PACK_BYTES_MAX ((size_t)64 << 20)
#define PACK_FILES_MAX 1000
#define PACK_FILE_NAME_MAX 100

/* One file; borrowed from the content. */
struct pack_member {
	const char *name, *text;
	size_t name_len, text_len;
};

/* Take the member at *at and move *at behind it.  false at the end; what is no
 * member there ends the walk as well, with *at before the end. */
bool pack_next_member(const char *content, size_t len, size_t *at,
		      struct pack_member *);

/* Add the content of the pack in a directory: its files that end in .yaml, and
 * those of its folder faq.  0, or -1 and *err. */
int pack_gather(const char *dir, struct buf *content, struct err *);

#endif
