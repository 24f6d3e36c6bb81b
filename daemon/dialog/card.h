/* What an agent is told of a conversation beyond what was said in it. */
#ifndef DIALOG_CARD_H
#define DIALOG_CARD_H

#include <stdint.h>

struct index_entry;
struct index_scratch;
struct knowledge;

/* The entry that the bot would have answered the words with, or asked back
 * about; NULL: none.  Borrowed from the knowledge. */
const struct index_entry *card_suggestion(const struct knowledge *,
					  struct index_scratch *,
					  const char *words, int64_t now_us);

#endif
