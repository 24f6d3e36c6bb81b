/* A lesson: examples of intents, and the classifier that is learnt from them
 * when somebody first asks for an intent.  Learning takes long, and most
 * commands never ask.
 *
 * The same examples give the same classifier, to the bit, whoever learns it and
 * when.  Any thread; one that asks while another learns waits for it. */
#ifndef DIALOG_LESSON_H
#define DIALOG_LESSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct classifier_builder;
struct err;
struct guess;
struct lesson;

/* Takes the examples; with one hold. */
struct lesson *lesson_new(struct classifier_builder *, int64_t generation);
struct lesson *lesson_hold(struct lesson *);
void lesson_release(struct lesson *); /* or NULL */

/* Of the entries whose questions are among the examples. */
int64_t lesson_generation(const struct lesson *);
bool lesson_is_learnt(const struct lesson *);

/* Where both are from the same examples, and the other is learnt, so is this
 * one.  Whether it is learnt now. */
bool lesson_adopt(struct lesson *, struct lesson *other);
/* Learn it, if nobody has.  As long as it takes.  0, or -1 and *err: there is
 * no memory, and never will be for this lesson. */
int lesson_learn(struct lesson *, struct err *);
/* classifier_guess() of what is learnt from it, which it learns first. */
size_t lesson_guess(struct lesson *, const char *text, size_t len,
		    struct guess *out, size_t k);

#endif
