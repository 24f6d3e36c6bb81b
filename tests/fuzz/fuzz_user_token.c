/* Any bytes as a signed user's token.  As nobody can guess a signature, the
 * first byte says how they are taken: as a token as they are, or as header and
 * claims, parted by a line break, that are signed then. */
#include "fuzz.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "user.h"

#define SECRET "an example of a secret of forty-two bytes!"
#define NOW_S 1770000000
#define INPUT_MAX 8192

static void
check_line(const char *text, size_t max)
{
	size_t len = strlen(text), n;
	assert(len <= max && utf8_is_valid(text, len));
	for (; len > 0; text += n, len -= n) {
		uint32_t c;
		n = utf8_decode(text, len, &c);
		assert(!utf8_is_control(c));
	}
}

static bool
take(const char *token, size_t len)
{
	struct user user;
	const char *why = NULL;
	if (user_read(&user, token, len, SECRET, strlen(SECRET), NOW_S, &why)) {
		assert(why && *why);
		return false;
	}
	assert(*user.id && len <= USER_TOKEN_MAX);
	check_line(user.id, TELLER_KEY_MAX);
	check_line(user.name, TELLER_NAME_MAX);
	return true;
}

static void
take_signed(const char *text, size_t len)
{
	const char *end = memchr(text, '\n', len);
	size_t header_len = end ? (size_t)(end - text) : len;
	size_t rest = len - header_len - (end ? 1 : 0);
	char *token = mem_new(2 * len + 100);
	uint8_t tag[SHA256_SIZE];
	crypto_base64url(text, header_len, token);
	size_t n = strlen(token);
	token[n++] = '.';
	crypto_base64url(text + len - rest, rest, token + n);
	n += strlen(token + n);
	crypto_hmac_sha256(SECRET, strlen(SECRET), token, n, tag);
	token[n++] = '.';
	crypto_base64url(tag, sizeof(tag), token + n);
	/* Signed, it may be good; under any other signature it is not. */
	if (take(token, strlen(token))) {
		token[n] = token[n] == 'A' ? 'B' : 'A';
		assert(!take(token, strlen(token)));
	}
	free(token);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0 || size > INPUT_MAX)
		return 0;
	if (data[0] == 't')
		take((const char *)data + 1, size - 1);
	else
		take_signed((const char *)data + 1, size - 1);
	return 0;
}
