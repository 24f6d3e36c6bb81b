/* Redaction of anything: what comes out is valid UTF-8, is not redacted any
 * further, and holds no card number that stands there plainly. */
#include "fuzz.h"

#include <assert.h>
#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "text/redact.h"

/* Written anew on purpose: the judge must not share a mistake. */
static bool
is_card(const char *digits, size_t n)
{
	int sum = 0;

	for (size_t i = 0; i < n; i++) {
		int digit = digits[n - 1 - i] - '0';
		sum += i % 2 == 0 ? digit : digit * 2 % 10 + digit * 2 / 10;
	}
	if (sum % 10 != 0)
		return false;
	bool is_amex =
		digits[0] == '3' && (digits[1] == '4' || digits[1] == '7');
	bool is_mastercard =
		digits[0] == '5' && digits[1] >= '1' && digits[1] <= '5';
	return n == 15 ? is_amex
		       : n == 16 && (digits[0] == '4' || is_mastercard);
}

/* The digits at the start of text, alone or in fours behind the same blank or
 * dash; how many, 0: it is nothing of the kind, or there are too many. */
static size_t
read_plain(const char *text, char digits[20])
{
	size_t n = 0, i = 0;
	char joiner = 0;

	while (n < 19) {
		if (isdigit((unsigned char)text[i])) {
			digits[n++] = text[i++];
			continue;
		}
		bool is_joiner = text[i] == ' ' || text[i] == '-';
		if (n % 4 != 0 || !is_joiner || (joiner && text[i] != joiner) ||
		    !isdigit((unsigned char)text[i + 1]) ||
		    (n > 4 && !joiner) || n == 16)
			break;
		joiner = text[i++];
	}
	/* What is without width does not end a number. */
	return text[i] == '\0' || ispunct((unsigned char)text[i]) ||
			       isspace((unsigned char)text[i])
		       ? n
		       : 0;
}

static void
check_no_card(const char *text, size_t len)
{
	char digits[20];

	for (size_t i = 0; i < len; i++) {
		if (i > 0 && text[i - 1] != ' ')
			continue;
		size_t n = read_plain(text + i, digits);
		assert(n == 0 || !is_card(digits, n));
	}
}

/* What is read as going on a part of itself is valid as well, and nothing of
 * what was redacted whole is redacted in parts. */
static void
check_behind(const char *text, size_t len, size_t before, bool is_redacted)
{
	struct buf out;
	unsigned int found;

	buf_init(&out, 64 * len + 1024);
	assert(text_redact_behind(&out, text, len, before, &found) == 0);
	assert(utf8_is_valid(buf_str(&out), out.len));
	if (is_redacted && utf8_is_valid(text, before)) {
		assert(found == 0 && out.len == len - before);
		assert(out.len == 0 ||
		       memcmp(out.data, text + before, out.len) == 0);
	}
	buf_release(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf once, twice;
	unsigned int found, again;

	buf_init(&once, 64 * size + 1024);
	buf_init(&twice, 64 * size + 1024);
	assert(text_redact(&once, (const char *)data, size, &found) == 0);
	assert(utf8_is_valid(buf_str(&once), once.len));
	check_no_card(buf_str(&once), once.len);
	assert(text_redact(&twice, buf_str(&once), once.len, &again) == 0);
	assert(again == 0 && twice.len == once.len);
	assert(once.len == 0 || memcmp(once.data, twice.data, once.len) == 0);
	check_behind((const char *)data, size, size / 2, false);
	check_behind(buf_str(&once), once.len, once.len / 2, true);
	buf_release(&once);
	buf_release(&twice);
	return 0;
}
