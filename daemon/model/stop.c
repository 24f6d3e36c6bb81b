#include "model/stop.h"

#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/utf8.h"

/* How much of the string is the end of what came, after one more byte. */
static int
step(const struct stop_string *string, int matched, char byte)
{
	if (matched == string->len)
		matched = string->again[matched - 1];
	while (matched > 0 && string->text[matched] != byte)
		matched = string->again[matched - 1];
	return string->text[matched] == byte ? matched + 1 : 0;
}

int
stop_strings_add(struct stop_strings *strings, const char *text, size_t len,
		 struct err *err)
{
	if (strings->n == STOP_STRINGS_MAX)
		return err_set(err, "there are more than %d stop strings",
			       STOP_STRINGS_MAX);
	if (len == 0)
		return err_set(err, "a stop string is empty");
	if (len > STOP_BYTES_MAX)
		return err_set(err, "a stop string has more than %d bytes",
			       STOP_BYTES_MAX);
	if (!utf8_is_valid(text, len))
		return err_set(err, "a stop string is no UTF-8");
	struct stop_string *string = strings->strings + strings->n++;
	memcpy(string->text, text, len);
	string->len = (int)len;
	string->again[0] = 0;
	for (int i = 1; i < string->len; i++)
		string->again[i] = (uint16_t)step(string, string->again[i - 1],
						  string->text[i]);
	return 0;
}

void
stop_init(struct stop *stop, const struct stop_strings *strings)
{
	*stop = (struct stop){.strings = strings, .found = -1};
}

/* The strings' beginnings grow by one byte.  What is longest of them. */
static int
step_all(struct stop *stop, char byte)
{
	int longest = 0;

	for (int i = 0; i < stop->strings->n; i++) {
		const struct stop_string *string = stop->strings->strings + i;
		int matched = step(string, stop->matched[i], byte);
		stop->matched[i] = (uint16_t)matched;
		if (matched > longest)
			longest = matched;
		if (matched == string->len &&
		    (stop->found < 0 ||
		     string->len > stop->strings->strings[stop->found].len))
			stop->found = i;
	}
	return longest;
}

/* All but the last n bytes that are held back. */
static void
let_go(struct stop *stop, int n, struct buf *out)
{
	int gone = stop->n_held - n;

	buf_add(out, stop->held, (size_t)gone);
	memmove(stop->held, stop->held + gone, (size_t)n);
	stop->n_held = n;
}

bool
stop_add(struct stop *stop, const char *text, size_t len, struct buf *out)
{
	for (size_t i = 0; i < len && stop->found < 0; i++) {
		int longest = step_all(stop, text[i]);
		/* There is room, as all that is held begins a string that is
		 * longer. */
		stop->held[stop->n_held++] = text[i];
		if (stop->found >= 0)
			longest = stop->strings->strings[stop->found].len;
		let_go(stop, longest, out);
	}
	if (stop->found >= 0)
		stop->n_held = 0;
	return stop->found >= 0;
}

void
stop_end(struct stop *stop, struct buf *out)
{
	let_go(stop, 0, out);
}
