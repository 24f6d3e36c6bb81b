#include "dialog/suggest.h"

#include <string.h>

#include "base/mem.h"
#include "base/time.h"
#include "dialog/card.h"
#include "dialog/desk.h"
#include "dialog/knowledge.h"
#include "dialog/turn.h"
#include "faq/index.h"
#include "store/desk.h"

#define PAGE 200
#define QUESTION_MAX 2000

/* Nobody searches for words that may be what crashed us: the next one to look
 * at them would end the daemon, too. */
static bool
is_searched(const struct knowledge *knowledge, const struct desk_words *words)
{
	return words && *words->text && strlen(words->text) <= QUESTION_MAX &&
	       words->crashes < knowledge->settings.max_crashes &&
	       strcmp(words->rule, RULE_CRASHED) != 0;
}

const struct index_entry *
suggest_entry(const struct knowledge *knowledge, struct index_scratch *scratch,
	      const struct desk_words *last, int64_t now_us)
{
	return is_searched(knowledge, last)
		       ? card_suggestion(knowledge, scratch, last->text, now_us)
		       : NULL;
}

int
suggest_words(struct store_reader *reader, struct arena *arena,
	      int64_t conversation_id, suggest_each_fn *each, void *arg,
	      const struct desk_words **last_r, struct err *err)
{
	const struct desk_words *list;
	int64_t after = 0;
	long n;
	*last_r = NULL;
	do {
		n = store_desk_words(reader, arena, conversation_id, after,
				     PAGE, &list, err);
		for (long i = 0; i < n; i++) {
			after = list[i].id;
			if (each)
				each(arg, &list[i]);
			if (strcmp(list[i].author, "customer") == 0)
				*last_r = &list[i];
		}
	} while (n == PAGE);
	return n < 0 ? -1 : 0;
}

static const struct teller_suggestion *
copy(struct arena *arena, const struct index_entry *entry)
{
	struct teller_suggestion *found = arena_new(arena, sizeof(*found));
	*found = (struct teller_suggestion){
		.size = sizeof(*found),
		.entry = arena_strdup(arena, entry->name),
		.version = entry->version,
		.question = arena_strdup(arena, entry->question),
		.answer = arena_strdup(arena, entry->answer),
	};
	return found;
}

int
suggest_read(void *desk, struct store_reader *reader, struct arena *arena,
	     int64_t conversation_id, const struct teller_suggestion **found_r,
	     struct err *err)
{
	const struct desk_words *last;
	*found_r = NULL;
	if (suggest_words(reader, arena, conversation_id, NULL, NULL, &last,
			  err))
		return -1;
	const struct knowledge *knowledge = library_get(desk_library(desk));
	struct index_scratch *scratch = index_scratch_new();
	const struct index_entry *entry =
		knowledge
			? suggest_entry(knowledge, scratch, last, time_now_us())
			: NULL;
	if (entry)
		*found_r = copy(arena, entry);
	index_scratch_free(scratch);
	knowledge_put(knowledge);
	return 0;
}
