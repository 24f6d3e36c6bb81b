/* Which option of the last reply the customer chose, by a button or in
 * words. */
#include <string.h>

#include "dialog/deciding.h"

/* Which of the options "2", "(2)" or "2." is; -1: it is no such thing. */
static int
option_number(const char *text)
{
	text += strspn(text, " \t\r\n(");
	if (*text < '1' || *text > '0' + OFFERED_MAX)
		return -1;
	bool is_all = !text[1 + strspn(text + 1, " \t\r\n).")];
	return is_all ? *text - '1' : -1;
}

const char *
choose_option(const struct deciding *d)
{
	for (size_t i = d->out->n_messages; i-- > 0;)
		if (strcmp(d->in->messages[i].kind, "option") == 0)
			return d->in->messages[i].option;
	const struct memory *memory = &d->memory;
	int number = option_number(d->question);
	if (number >= 0 && (size_t)number < memory->n_offered)
		return memory->offered[number];
	bool is_yes = d->smalltalk && strcmp(d->smalltalk->name, "yes") == 0;
	if (!is_yes || !memory->n_offered)
		return NULL;
	/* Of several the last is what the reply asked at its end; whether he
	 * would rather not wait it does not ask. */
	const char *last = memory->offered[memory->n_offered - 1];
	return strcmp(last, OPTION_BOT) == 0 ? NULL : last;
}
