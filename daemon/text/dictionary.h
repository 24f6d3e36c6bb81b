/* Numbers for texts, from 0 on. */
#ifndef TEXT_DICTIONARY_H
#define TEXT_DICTIONARY_H

#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"

#define NO_TERM UINT32_MAX

/* Open addressing: slots hold a text's number or NO_TERM.  Zeroed: empty. */
struct dictionary {
	uint32_t *slots;
	size_t n_slots;
	const char **texts; /* by number */
	size_t n, size;
	struct arena arena; /* the texts */
};

/* The number of a text, NO_TERM if there is none; add makes one (NO_TERM: no
 * memory). */
uint32_t dictionary_find(const struct dictionary *, const char *text);
uint32_t dictionary_add(struct dictionary *, const char *text);
void dictionary_release(struct dictionary *);
size_t dictionary_bytes(const struct dictionary *);

/* Call found() with each text that is one edit (a letter more, less, other, or
 * two exchanged) away from text, some of them more than once. */
void dictionary_each_near(const struct dictionary *, const char *text,
			  void (*found)(void *arg, uint32_t number), void *arg);

#endif
