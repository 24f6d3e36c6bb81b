/* What the bot would say to a customer's last words, for the agent who has the
 * conversation. */
#ifndef DIALOG_SUGGEST_H
#define DIALOG_SUGGEST_H

#include <stdint.h>

#include <tellerd/plugin.h>

struct arena;
struct desk_words;
struct err;
struct index_entry;
struct index_scratch;
struct knowledge;
struct store_reader;

/* Reads all that was said in a conversation, oldest first, and calls each(arg,
 * ...), if it is not NULL, for all of it.  *last_r is what the customer said
 * last, NULL: nothing.  In the arena.  Any thread.  0, or -1 and *err. */
typedef void suggest_each_fn(void *arg, const struct desk_words *);
int suggest_words(struct store_reader *, struct arena *,
		  int64_t conversation_id, suggest_each_fn *each, void *arg,
		  const struct desk_words **last_r, struct err *);

/* The entry for those words, which are the customer's (NULL: he said nothing);
 * NULL: there is none.  Borrowed from the knowledge. */
const struct index_entry *suggest_entry(const struct knowledge *,
					struct index_scratch *,
					const struct desk_words *,
					int64_t now_us);

/* Of a conversation, in the arena: *found_r, NULL if there is nothing.  Any
 * thread.  0, or -1 and *err. */
int suggest_read(void *desk, struct store_reader *, struct arena *,
		 int64_t conversation_id,
		 const struct teller_suggestion **found_r, struct err *);

#endif
