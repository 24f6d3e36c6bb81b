#include <assert.h>
#include <ctype.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "web.h"

#define MAC_SIZE 32
#define NAME_BYTES 16
#define KEY_MAX 200
/* Not the host's mark of an id of its own, "cnv_". */
#define NAME_PREFIX "web:"

/* Each message takes two of these.  HMAC() would look the algorithm up by name
 * and work on the key anew for each, which is most of what it does. */
int
web_mac_begin(struct web *web)
{
	char digest[] = "SHA256";
	const OSSL_PARAM parameters[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest,
						 0),
		OSSL_PARAM_construct_end(),
	};
	EVP_MAC *algorithm = EVP_MAC_fetch(NULL, "HMAC", NULL);
	web->mac = EVP_MAC_CTX_new(algorithm);
	EVP_MAC_free(algorithm);
	if (web->mac &&
	    EVP_MAC_init(web->mac, web->key, sizeof(web->key), parameters))
		return 0;
	return -1;
}

void
web_mac_end(struct web *web)
{
	EVP_MAC_CTX_free(web->mac);
	web->mac = NULL;
}

static void
mac(const struct web *web, const char *text, unsigned char out[MAC_SIZE])
{
	size_t len = 0;
	/* Without a key it begins again with the one that it has. */
	if (!EVP_MAC_init(web->mac, NULL, 0, NULL) ||
	    !EVP_MAC_update(web->mac, (const unsigned char *)text,
			    strlen(text)) ||
	    !EVP_MAC_final(web->mac, out, &len, MAC_SIZE) || len != MAC_SIZE)
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

/* ---- Tokens of conversations */

/* The expiry stands in the token, and under its MAC. */
static void
write_token(const struct web *web, const char *conversation, long long expires,
	    char out[WEB_TOKEN_SIZE])
{
	char text[WEB_ID_SIZE + 64], code[64];
	unsigned char tag[MAC_SIZE];
	snprintf(text, sizeof(text), "token\n%s\n%lld", conversation, expires);
	mac(web, text, tag);
	write_base64url(tag, sizeof(tag), code);
	snprintf(out, WEB_TOKEN_SIZE, "%lld.%s", expires, code);
}

void
web_token_make(const struct web *web, const char *conversation,
	       int64_t expires_at_us, char out[WEB_TOKEN_SIZE])
{
	assert(strlen(conversation) < WEB_ID_SIZE);
	write_token(web, conversation, expires_at_us / 1000000, out);
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
	write_token(web, conversation, expires, expected);
	size_t len = strlen(expected);
	return strlen(token) == len && !CRYPTO_memcmp(token, expected, len);
}

/* ---- Names */

static void
write_name(const unsigned char bytes[NAME_BYTES], char out[WEB_NAME_SIZE])
{
	memcpy(out, NAME_PREFIX, sizeof(NAME_PREFIX));
	write_base64url(bytes, NAME_BYTES, out + strlen(NAME_PREFIX));
}

void
web_name_of(const struct web *web, const char *what, const char *a,
	    const char *b, char out[WEB_NAME_SIZE])
{
	char text[640];
	unsigned char tag[MAC_SIZE];
	int len = snprintf(text, sizeof(text), "%s\n%s\n%s", what, a, b);
	assert(len > 0 && (size_t)len < sizeof(text));
	mac(web, text, tag);
	write_name(tag, out);
}

void
web_random_name(char out[WEB_NAME_SIZE])
{
	unsigned char random[NAME_BYTES];
	if (RAND_bytes(random, sizeof(random)) != 1)
		abort();
	write_name(random, out);
}

/* ---- API keys */

static bool
is_hash(const char *known, const char hex[2 * MAC_SIZE + 1])
{
	char lower[2 * MAC_SIZE];
	if (strlen(known) != sizeof(lower))
		return false;
	for (size_t i = 0; i < sizeof(lower); i++)
		lower[i] = (char)tolower((unsigned char)known[i]);
	return !CRYPTO_memcmp(lower, hex, sizeof(lower));
}

/* Of the settings. */
static bool
is_listed(const struct web *web, const char *key)
{
	const struct teller_services *services = web->services;
	unsigned char digest[MAC_SIZE];
	char hex[2 * MAC_SIZE + 1];
	unsigned int len = sizeof(digest);
	if (strlen(key) > KEY_MAX ||
	    !EVP_Digest(key, strlen(key), digest, &len, EVP_sha256(), NULL))
		return false;
	for (size_t i = 0; i < sizeof(digest); i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
	size_t n = services->option_count(web->host, "api_keys");
	bool is_known = false;
	for (size_t i = 0; i < n; i++)
		is_known |= is_hash(
			services->option_item(web->host, "api_keys", i), hex);
	return is_known;
}

bool
web_key_check(const struct web *web, const char *key)
{
	const struct teller_services *services = web->services;
	bool is_known = is_listed(web, key);
	return is_known || (TELLER_HAS(services, key_name) &&
			    services->key_name(web->host, key, "ask"));
}
