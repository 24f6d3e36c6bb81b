/* A byte buffer that grows up to a maximum it has from birth. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/* data is NUL-terminated whenever it is not NULL; len does not count the NUL.
 * Once an addition failed (maximum reached or no memory) the buffer keeps
 * what it had, `failed` stays set and every later addition fails too: a
 * caller may add many times and look once. */
struct buf {
	char *data;
	size_t len, size, max;
	bool failed;
};

/* Empty, growing up to max bytes.  Nothing is allocated yet. */
void buf_init(struct buf *, size_t max);
void buf_release(struct buf *);
/* Empty for reuse: memory and maximum stay, failed is reset. */
void buf_clear(struct buf *);

/* Add; 0, or -1 when it does not fit whole. */
int buf_add(struct buf *, const void *data, size_t len);
int buf_adds(struct buf *, const char *text);
int buf_addc(struct buf *, char c);
int buf_addf(struct buf *, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
int buf_addv(struct buf *, const char *fmt, va_list)
	__attribute__((format(printf, 2, 0)));

/* The bytes as a string, "" when there are none; borrowed until the next
 * change. */
const char *buf_str(const struct buf *);
/* The bytes as a string that the caller frees; the buffer is released. */
char *buf_take(struct buf *);
/* Cut to the first len bytes. */
void buf_cut(struct buf *, size_t len);

#endif
