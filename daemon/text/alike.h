/* How alike short texts are, for checks of packs: by the words that they share,
 * a rare one counting more, function words little. */
#ifndef TEXT_ALIKE_H
#define TEXT_ALIKE_H

#include <stddef.h>

struct alike;

/* language: of stems and function words (BCP 47). */
struct alike *alike_new(const char *language);
void alike_free(struct alike *);

/* Add a text, which is not kept; its number: 0, 1, ... */
size_t alike_add(struct alike *, const char *text);
/* All are added: what a word counts depends on all of them. */
void alike_weigh(struct alike *);

/* Of two texts by number, 0 .. 1: the weight of the words that both have over
 * that of those that any of them has (weighted Jaccard).  1: the same words. */
double alike_measure(const struct alike *, size_t a, size_t b);

#endif
