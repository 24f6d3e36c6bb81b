/* JSON Web Tokens as a firm's site makes them, and as it should not. */
#ifndef TESTS_UNIT_SIGNED_TOKEN_H
#define TESTS_UNIT_SIGNED_TOKEN_H

#include <stdio.h>
#include <string.h>

#include "base/crypto.h"

#define USER_SECRET "an example of a secret of forty-two bytes!"
#define USER_HEADER "{\"alg\":\"HS256\",\"typ\":\"JWT\"}"
#define TOKEN_SIZE 8192

/* Header and claims, whatever they are, signed by HMAC with SHA-256. */
static inline char *
sign_token(const char *header, const char *claims, const char *secret,
	   char out[TOKEN_SIZE])
{
	uint8_t tag[SHA256_SIZE];
	crypto_base64url(header, strlen(header), out);
	size_t len = strlen(out);
	out[len++] = '.';
	crypto_base64url(claims, strlen(claims), out + len);
	len += strlen(out + len);
	crypto_hmac_sha256(secret, strlen(secret), out, len, tag);
	out[len++] = '.';
	crypto_base64url(tag, sizeof tag, out + len);
	return out;
}

#endif
