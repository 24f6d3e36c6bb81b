/* Questions that ask for the same thing, put together.
 *
 * Each question joins the group whose first one is nearest to it, if that is
 * near enough, and begins a group of its own otherwise: what comes out depends
 * on nothing but the questions and their order.  Near is half the part of
 * stems that two have in common (Jaccard), half that of trigrams of letters
 * (Dice), so that one typo more or less does not part them; what many questions
 * have ("how do I") weighs little. */
#ifndef FAQ_GROUP_H
#define FAQ_GROUP_H

#include <stddef.h>

struct groups;

/* The language of most questions. */
struct groups *groups_new(const char *language);
void groups_free(struct groups *);
/* Count what a question has, to know what many have: all those that are to be
 * grouped, and others that are like them, before the first is added. */
void groups_see(struct groups *, const char *question);
/* The number of the question's group: 0, 1, ... in the order in which they
 * began; -1: it has no words but figures. */
long groups_add(struct groups *, const char *question);
size_t groups_count(const struct groups *);

#endif
