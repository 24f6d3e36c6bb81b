/* Any thread. */
#include "text/plain.h"

#include <stdbool.h>
#include <string.h>

#include "base/buf.h"

/* The bytes that mean something to CommonMark within a line.  A bracket only
 * does before another one, and marks, [card ok ...1111], stay readable. */
static bool
is_markup(const char *text, size_t i)
{
	if (strchr("\\`*_<>&~|", text[i]))
		return true;
	return i > 0 && text[i - 1] == ']' && strchr("([", text[i]);
}

void
plain_add(struct buf *out, const char *text)
{
	for (size_t i = 0; text[i]; i++) {
		if (is_markup(text, i))
			buf_addc(out, '\\');
		buf_addc(out, strchr("\r\n", text[i]) ? ' ' : text[i]);
	}
}
