/* Whether a message answers one question of a form, and with what. */
#ifndef DIALOG_FORM_CHECK_H
#define DIALOG_FORM_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nlu/form.h"

struct arena;
struct pack;
struct smalltalk;

/* A message, as it is asked about. */
struct form_message {
	const struct pack *pack;
	struct arena *arena;
	int64_t now_us;
	const char *text;
	size_t len;
	const struct form_heard *heard;
	const struct smalltalk *smalltalk; /* all it says, or NULL */
};

struct form_answer {
	const char *value;  /* normalised, in the arena */
	size_t begin, end;  /* bytes of the message that say it */
	int64_t message_id; /* whose button does; 0: its words */
	/* What is wrong with it; FORM_TEXTS: nothing. */
	enum form_text problem;
	const char *limit; /* of some problems, for their texts */
};

/* Where a text goes on behind its first n words. */
size_t form_behind_words(const char *text, size_t n);

/* The answer to what was just asked: "50" is an amount, all words are a text.
 * earlier is the value that this one replaces, or NULL.  false: problem says
 * why it is none. */
bool form_check_answer(const struct form_message *, const struct form_slot *,
		       const char *earlier, struct form_answer *);
/* Is all of the message a figure, a day or an amount, which no name is? */
bool form_check_is_figure(const struct form_message *);
/* What a message says of a slot without having been asked: only what can be
 * nothing else.  false: nothing of the kind, or several, or a wrong one. */
bool form_check_mention(const struct form_message *, const struct form_slot *,
			const char *earlier, struct form_answer *);
/* "Lost, not stolen": does it say that not the earlier choice is right, but
 * another one? */
bool form_check_denial(const struct form_message *, const struct form_slot *,
		       const char *earlier, struct form_answer *);

#endif
