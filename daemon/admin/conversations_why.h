/* The explain cards of `tellerctl conversations show --why`: what each turn was
 * decided upon. */
#ifndef ADMIN_CONVERSATIONS_WHY_H
#define ADMIN_CONVERSATIONS_WHY_H

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>

struct arena;
struct err;
struct store_reader;

/* Set "turns" of the result: the decision records of the conversation, whole,
 * each with its number, and how long deciding took.  0, or -1 and *err. */
int conversations_why_add(struct store_reader *, struct arena *,
			  int64_t conversation_id, json_t *result,
			  struct err *);
/* A card for each; nothing without "turns". */
void conversations_why_print(const json_t *result, FILE *);

#endif
