/* Errors as words.  Any thread; an err belongs to whoever holds it. */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

/* Room to see whether the last character that fits goes on after the cut. */
#define SCRATCH_SIZE (sizeof((struct err *)0)->text + 4)

/* Control characters and ill-formed bytes become as many '?', so that the
 * length stays; what only moves to another column or line becomes a space. */
static void
make_printable(char *text, size_t len)
{
	size_t n;

	for (size_t i = 0; i < len; i += n) {
		uint32_t c;
		n = utf8_decode(text + i, len - i, &c);
		if (c == '\t' || c == '\n' || c == '\r')
			text[i] = ' ';
		else if (utf8_is_control(c) || (c == 0xFFFD && n == 1))
			memset(text + i, '?', n);
	}
}

/* Take over scratch, of which snprintf() said that it should be n long. */
static void
keep(struct err *err, char *scratch, int n)
{
	size_t len = 0;

	if (n > 0)
		len = (size_t)n < SCRATCH_SIZE ? (size_t)n : SCRATCH_SIZE - 1;
	len = utf8_cut(scratch, len, sizeof err->text - 1);
	make_printable(scratch, len);
	memcpy(err->text, scratch, len);
	err->text[len] = '\0';
}

static void
set(struct err *err, bool is_misuse, const char *fmt, va_list args)
{
	char scratch[SCRATCH_SIZE];

	if (!err)
		return;
	keep(err, scratch, vsnprintf(scratch, sizeof scratch, fmt, args));
	err->is_misuse = is_misuse;
}

int
err_set(struct err *err, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	set(err, false, fmt, args);
	va_end(args);
	return -1;
}

int
err_misuse(struct err *err, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	set(err, true, fmt, args);
	va_end(args);
	return -1;
}

/* first and second with ": " between them; first alone if second is "". */
static void
join(struct err *err, const char *first, const char *second)
{
	char scratch[SCRATCH_SIZE];
	int n = snprintf(scratch, sizeof scratch, "%s%s%s", first,
			 second[0] ? ": " : "", second);
	keep(err, scratch, n);
}

int
err_prefix(struct err *err, const char *fmt, ...)
{
	struct err prefix = {0};
	va_list args;

	if (!err)
		return -1;
	va_start(args, fmt);
	vsnprintf(prefix.text, sizeof prefix.text, fmt, args);
	va_end(args);
	join(err, prefix.text, err->text);
	return -1;
}

int
err_errno(struct err *err, const char *fmt, ...)
{
	int number = errno;
	struct err words = {0};
	char scratch[128];
	va_list args;

	if (!err)
		return -1;
	va_start(args, fmt);
	vsnprintf(words.text, sizeof words.text, fmt, args);
	va_end(args);
	join(err, words.text, strerror_r(number, scratch, sizeof scratch));
	err->is_misuse = false;
	return -1;
}
