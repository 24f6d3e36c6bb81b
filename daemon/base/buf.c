/* A byte buffer with a maximum.  A buffer belongs to one thread at a time. */
#include "base/buf.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define SIZE_LEAST 64

void
buf_init(struct buf *buf, size_t max)
{
	/* Half of all there is, so that no sum below can wrap. */
	if (max > SIZE_MAX / 2)
		max = SIZE_MAX / 2;
	*buf = (struct buf){.max = max};
}

void
buf_release(struct buf *buf)
{
	free(buf->data);
	buf_init(buf, buf->max);
}

void
buf_clear(struct buf *buf)
{
	buf->failed = false;
	buf_cut(buf, 0);
}

/* Make room for len more bytes and the NUL. */
static int
reserve(struct buf *buf, size_t len)
{
	if (buf->failed || len > buf->max - buf->len) {
		buf->failed = true;
		return -1;
	}
	size_t need = buf->len + len + 1;
	if (need <= buf->size)
		return 0;
	size_t size = buf->size < SIZE_LEAST ? SIZE_LEAST : buf->size;
	while (size < need)
		size *= 2;
	if (size > buf->max + 1)
		size = buf->max + 1;
	char *data = realloc(buf->data, size);
	if (!data) {
		buf->failed = true;
		return -1;
	}
	buf->data = data;
	buf->size = size;
	return 0;
}

int
buf_add(struct buf *buf, const void *data, size_t len)
{
	if (reserve(buf, len) < 0)
		return -1;
	if (len > 0)
		memcpy(buf->data + buf->len, data, len);
	buf->len += len;
	buf->data[buf->len] = '\0';
	return 0;
}

int
buf_adds(struct buf *buf, const char *text)
{
	return buf_add(buf, text, strlen(text));
}

int
buf_addc(struct buf *buf, char c)
{
	return buf_add(buf, &c, 1);
}

int
buf_addf(struct buf *buf, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	int ret = buf_addv(buf, fmt, args);
	va_end(args);
	return ret;
}

int
buf_addv(struct buf *buf, const char *fmt, va_list args)
{
	va_list again;

	va_copy(again, args);
	int n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0)
		buf->failed = true;
	if (n < 0 || reserve(buf, (size_t)n) < 0)
		return -1;
	vsnprintf(buf->data + buf->len, (size_t)n + 1, fmt, args);
	buf->len += (size_t)n;
	return 0;
}

const char *
buf_str(const struct buf *buf)
{
	return buf->data ? buf->data : "";
}

char *
buf_take(struct buf *buf)
{
	char *text = buf->data ? buf->data : mem_strdup("");

	buf_init(buf, buf->max);
	return text;
}

void
buf_cut(struct buf *buf, size_t len)
{
	if (!buf->data || len > buf->len)
		return;
	buf->len = len;
	buf->data[len] = '\0';
}
