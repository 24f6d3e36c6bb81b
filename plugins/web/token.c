#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "web.h"

#define MAC_SIZE 32
#define NAME_BYTES 16

static void
mac(const struct web *web, const char *text, unsigned char out[MAC_SIZE])
{
	unsigned int len = MAC_SIZE;
	if (!HMAC(EVP_sha256(), web->key, sizeof(web->key),
		  (const unsigned char *)text, strlen(text), out, &len))
		abort(); /* only without memory */
}

/* base64url without padding, of at most 32 bytes. */
static void
write_base64url(const unsigned char *data, int len, char *out)
{
	char text[64];
	EVP_EncodeBlock((unsigned char *)text, data, len);
	size_t n = strcspn(text, "=");
	for (size_t i = 0; i < n; i++)
		out[i] = text[i] == '+' ? '-' : text[i] == '/' ? '_' : text[i];
	out[n] = '\0';
}

/* The expiry stands in the token, and under its MAC. */
void
web_token_make(const struct web *web, const char *conversation,
	       int64_t expires_at_us, char out[WEB_TOKEN_SIZE])
{
	char text[WEB_ID_SIZE + 64], code[64];
	unsigned char tag[MAC_SIZE];
	long long expires = (long long)(expires_at_us / 1000000);
	snprintf(text, sizeof(text), "token\n%s\n%lld", conversation, expires);
	mac(web, text, tag);
	write_base64url(tag, sizeof(tag), code);
	snprintf(out, WEB_TOKEN_SIZE, "%lld.%s", expires, code);
}

bool
web_token_check(const struct web *web, const char *conversation,
		const char *token, int64_t now_us)
{
	char expected[WEB_TOKEN_SIZE];
	char *end;
	long long expires = strtoll(token, &end, 10);
	if (end == token || *end != '.' || expires <= now_us / 1000000 ||
	    strlen(conversation) >= WEB_ID_SIZE)
		return false;
	web_token_make(web, conversation, expires * 1000000, expected);
	size_t len = strlen(expected);
	return strlen(token) == len && !CRYPTO_memcmp(token, expected, len);
}

void
web_name_of(const struct web *web, const char *what, const char *a,
	    const char *b, char out[32])
{
	char text[512];
	unsigned char tag[MAC_SIZE];
	snprintf(text, sizeof(text), "%s\n%s\n%s", what, a, b);
	mac(web, text, tag);
	write_base64url(tag, NAME_BYTES, out);
}

void
web_random_name(char out[32])
{
	unsigned char random[NAME_BYTES];
	if (RAND_bytes(random, sizeof(random)) != 1)
		abort();
	write_base64url(random, sizeof(random), out);
}

bool
web_key_check(const struct web *web, const char *key)
{
	unsigned char digest[MAC_SIZE];
	char hex[2 * MAC_SIZE + 1];
	unsigned int len = sizeof(digest);
	if (!EVP_Digest(key, strlen(key), digest, &len, EVP_sha256(), NULL))
		return false;
	for (size_t i = 0; i < sizeof(digest); i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
	const struct teller_services *services = web->services;
	size_t n = services->option_count(web->host, "api_keys");
	bool is_known = false;
	for (size_t i = 0; i < n; i++) {
		const char *known =
			services->option_item(web->host, "api_keys", i);
		if (strlen(known) == 2 * MAC_SIZE)
			is_known |= !CRYPTO_memcmp(known, hex, 2 * MAC_SIZE);
	}
	return is_known;
}
