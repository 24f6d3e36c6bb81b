#include "user.h"

#include <jansson.h>
#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define MAC_SIZE 32
#define SKEW_S 60 /* by which the site's clock may be ahead of ours */

/* The three parts of a token, as they are written. */
struct parts {
	const char *header, *payload, *signature;
	size_t header_len, payload_len, signature_len;
};

static int
refuse(const char **why_r, const char *why)
{
	*why_r = why;
	return -1;
}

/* ---- base64url */

static int
digit_of(char c)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789-_";
	const char *at = c ? strchr(digits, c) : NULL;
	return at ? (int)(at - digits) : -1;
}

/* Without padding, and in the one way that there is to write it.  How many
 * bytes, or -1; out has room for 3 of each 4 characters. */
static long
decode(const char *text, size_t len, unsigned char *out)
{
	unsigned int bits = 0, n_bits = 0;
	long n = 0;
	for (size_t i = 0; i < len; i++) {
		int digit = digit_of(text[i]);
		if (digit < 0)
			return -1;
		bits = (bits << 6 | (unsigned int)digit) & 0xfff;
		n_bits += 6;
		if (n_bits >= 8) {
			n_bits -= 8;
			out[n++] = (unsigned char)(bits >> n_bits);
		}
	}
	bool is_whole = len % 4 != 1 && !(bits & ((1U << n_bits) - 1));
	return is_whole ? n : -1;
}

/* The JSON object that a part is; the caller decrefs.  NULL: it is none. */
static json_t *
read_object(const char *text, size_t len)
{
	unsigned char bytes[USER_TOKEN_MAX];
	long n = decode(text, len, bytes);
	json_t *object = n < 0 ? NULL
			       : json_loadb((const char *)bytes, (size_t)n,
					    JSON_REJECT_DUPLICATES, NULL);
	if (json_is_object(object))
		return object;
	json_decref(object);
	return NULL;
}

/* ---- The parts */

static bool
split(const char *token, size_t len, struct parts *parts)
{
	const char *end = token + len;
	const char *first = memchr(token, '.', len);
	const char *second =
		first ? memchr(first + 1, '.', (size_t)(end - first - 1))
		      : NULL;
	if (!second || len > USER_TOKEN_MAX)
		return false;
	*parts = (struct parts){
		.header = token,
		.header_len = (size_t)(first - token),
		.payload = first + 1,
		.payload_len = (size_t)(second - first - 1),
		.signature = second + 1,
		.signature_len = (size_t)(end - second - 1),
	};
	return true;
}

static bool
is_signed(const struct parts *parts, const void *secret, size_t secret_len)
{
	unsigned char theirs[USER_TOKEN_MAX], ours[MAC_SIZE];
	unsigned int len = 0;
	if (secret_len > INT_MAX ||
	    decode(parts->signature, parts->signature_len, theirs) !=
		    MAC_SIZE ||
	    !HMAC(EVP_sha256(), secret, (int)secret_len,
		  (const unsigned char *)parts->header,
		  parts->header_len + 1 + parts->payload_len, ours, &len) ||
	    len != MAC_SIZE)
		return false;
	bool is_equal = CRYPTO_memcmp(theirs, ours, MAC_SIZE) == 0;
	OPENSSL_cleanse(ours, sizeof(ours));
	return is_equal;
}

/* ---- What it says */

/* Extensions that must be understood are not. */
static bool
is_header(const json_t *header)
{
	const char *algorithm =
		json_string_value(json_object_get(header, "alg"));
	return algorithm && strcmp(algorithm, "HS256") == 0 &&
	       !json_object_get(header, "crit");
}

/* The host refuses the same in what is shown as a line. */
static bool
is_line(const char *text)
{
	const unsigned char *at = (const unsigned char *)text;
	for (; *at; at++) {
		bool is_c1 = at[0] == 0xc2 && at[1] < 0xa0;
		bool is_turn =
			at[0] == 0xe2 &&
			((at[1] == 0x80 && at[2] >= 0xa8 && at[2] <= 0xae) ||
			 (at[1] == 0x81 && at[2] >= 0xa6 && at[2] <= 0xa9));
		if (*at < ' ' || *at == 0x7f || is_c1 || is_turn)
			return false;
	}
	return true;
}

/* A claim as a line of at most that size with its NUL; false: it is none. */
static bool
take_line(const json_t *claim, char *out, size_t size)
{
	const char *text = json_string_value(claim);
	if (!text || json_string_length(claim) >= size || !is_line(text))
		return false;
	snprintf(out, size, "%s", text);
	return true;
}

static int
check_times(const json_t *claims, int64_t now_s, const char **why_r)
{
	const json_t *end = json_object_get(claims, "exp");
	const json_t *begin = json_object_get(claims, "nbf");
	if (!json_is_number(end) || (begin && !json_is_number(begin)))
		return refuse(why_r, "its 'exp' is missing, or a time in it is "
				     "no number");
	double left_s = json_number_value(end) - (double)now_s;
	if (!(left_s > 0))
		return refuse(why_r, "it has expired");
	if (!(left_s <= USER_AHEAD_S + SKEW_S))
		return refuse(why_r, "its 'exp' is more than an hour ahead");
	if (begin && !(json_number_value(begin) <= (double)now_s + SKEW_S))
		return refuse(why_r, "it is not good yet");
	return 0;
}

static int
take_claims(struct user *user, const json_t *claims, int64_t now_s,
	    const char **why_r)
{
	const json_t *name = json_object_get(claims, "name");
	if (check_times(claims, now_s, why_r))
		return -1;
	if (!take_line(json_object_get(claims, "sub"), user->id,
		       sizeof(user->id)) ||
	    !*user->id)
		return refuse(why_r, "its 'sub' is not a line of 1 to 200 "
				     "bytes");
	*user->name = '\0';
	if (name && !take_line(name, user->name, sizeof(user->name)))
		return refuse(why_r, "its 'name' is not a line of up to 200 "
				     "bytes");
	return 0;
}

int
user_read(struct user *user, const char *token, size_t len, const void *secret,
	  size_t secret_len, int64_t now_s, const char **why_r)
{
	struct parts parts;
	if (!split(token, len, &parts))
		return refuse(why_r, "it is no JSON Web Token of three parts");
	if (secret_len < USER_SECRET_MIN ||
	    !is_signed(&parts, secret, secret_len))
		return refuse(why_r, "its signature is wrong");
	json_t *header = read_object(parts.header, parts.header_len);
	json_t *claims = read_object(parts.payload, parts.payload_len);
	int rc = -1;
	if (!is_header(header))
		refuse(why_r, "its header is not one of HS256");
	else if (!claims)
		refuse(why_r, "its claims are no JSON object");
	else
		rc = take_claims(user, claims, now_s, why_r);
	json_decref(header);
	json_decref(claims);
	return rc;
}
