/* Questions that ask for the same thing, put together.
 *
 * Each question joins the group whose first one is nearest to it, if that is
 * near enough, and begins a group of its own otherwise: what comes out depends
 * on nothing but the questions and their order.  Near is half the part of
 * stems that two have in common (Jaccard), half that of trigrams of letters
 * (Dice), so that one typo more or less does not part them. */
#ifndef FAQ_GROUP_H
#define FAQ_GROUP_H

#include <stddef.h>

struct groups;

/* The language of most questions. */
struct groups *groups_new(const char *language);
void groups_free(struct groups *);
/* The number of the question's group: 0, 1, ... in the order in which they
 * began; -1: it has no words. */
long groups_add(struct groups *, const char *question);
size_t groups_count(const struct groups *);

#endif
