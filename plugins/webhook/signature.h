/* The signature of a webhook (Standard Webhooks, "v1"). */
#ifndef WEBHOOK_SIGNATURE_H
#define WEBHOOK_SIGNATURE_H

#include <stdbool.h>
#include <stddef.h>

#define SIGNATURE_KEY_MIN 24
#define SIGNATURE_KEY_MAX 64
#define SIGNATURE_SIZE 48 /* "v1,", 44 characters, NUL */

struct signature_key {
	unsigned char bytes[SIGNATURE_KEY_MAX];
	size_t len;
};

/* The key in a secret: base64 with its padding, perhaps behind "whsec_".  0, or
 * -1: it is no base64, or too short or long. */
int signature_read_key(struct signature_key *, const char *secret, size_t len);
void signature_wipe(struct signature_key *);

/* 0, or -1 without memory. */
int signature_make(const struct signature_key *, const char *id,
		   const char *timestamp, const char *body,
		   char out[SIGNATURE_SIZE]);

#endif
