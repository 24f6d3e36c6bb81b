#include "dialog/explain.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/time.h"
#include "dialog/turn.h"
#include "store/conversation.h"
#include "store/knowledge.h"
#include "store/message.h"
#include "store/turn.h"

/* The words that were searched, from the record's reference to them; NULL: they
 * are gone. */
static json_t *
searched_text(const json_t *searched, const char *words)
{
	const json_t *span = json_object_get(searched, "span");
	const char *with = json_get_text(searched, "with", "");
	json_int_t begin = json_integer_value(json_array_get(span, 0));
	json_int_t end = json_integer_value(json_array_get(span, 1));
	if (begin < 0 || begin > end || (size_t)end > strlen(words))
		return NULL;
	return json_sprintf("%.*s%s%s", (int)(end - begin), words + begin,
			    *with ? " " : "", with);
}

static void
set_searched(json_t *object, const char *words)
{
	const json_t *searched = json_object_get(object, "searched");
	json_t *text = searched ? searched_text(searched, words) : NULL;
	if (text)
		json_object_set_new(object, "searched", text);
	else
		json_object_del(object, "searched");
}

static bool
is_empty(const json_t *span)
{
	return json_integer_value(json_array_get(span, 0)) ==
	       json_integer_value(json_array_get(span, 1));
}

/* What a slot of a form was filled with: words, or an option that was clicked.
 */
static void
set_filled_with(json_t *filled, const struct message *messages, size_t n,
		const char *words)
{
	int64_t id = json_get_int(filled, "message", 0);
	char name[MESSAGE_ID_SIZE];
	json_t *text = searched_text(filled, words);
	for (size_t i = 0; i < n; i++) {
		if (messages[i].id != id || !*messages[i].option ||
		    !is_empty(json_object_get(filled, "span")))
			continue;
		json_decref(text);
		text = json_string(messages[i].option);
	}
	if (text)
		json_object_set_new(filled, "text", text);
	if (id)
		json_set_text(filled, "message", message_id_format(id, name));
}

/* What a record has by reference, in words. */
static int
set_words(struct store_reader *reader, struct arena *arena,
	  const struct turn *turn, json_t *card, struct err *err)
{
	const struct message *messages;
	json_t *second = json_object_get(card, "second"), *one;
	json_t *filled =
		json_object_get(json_object_get(card, "form"), "filled");
	size_t i;
	if (!json_object_get(card, "searched") &&
	    !json_object_get(second, "searched") && !json_array_size(filled))
		return 0;
	long n = store_answered_messages(reader, arena, turn->id, &messages,
					 err);
	if (n < 0)
		return -1;
	const char *words = turn_question(messages, (size_t)n, arena);
	set_searched(card, words);
	set_searched(second, words);
	json_array_foreach (filled, i, one)
		set_filled_with(one, messages, (size_t)n, words);
	return 0;
}

/* Versions never change, so what a candidate asked can be read now. */
static int
set_questions(struct store_reader *reader, struct arena *arena,
	      const json_t *object, struct err *err)
{
	size_t i;
	json_t *row;
	json_array_foreach (json_object_get(object, "candidates"), i, row) {
		const struct faq_version *version;
		int found = store_get_version(
			reader, arena, json_get_text(row, "id", ""),
			(int)json_get_int(row, "version", 0), &version, err);
		if (found < 0)
			return -1;
		if (found)
			json_set_text(row, "question", version->question);
	}
	return 0;
}

json_t *
explain_turn(struct store_reader *reader, struct arena *arena,
	     const struct turn *turn, struct err *err)
{
	char at[TIME_TEXT_SIZE];
	json_t *card = json_loads(turn->record, 0, NULL);
	if (!json_is_object(card)) {
		json_decref(card);
		card = json_object();
	}
	if (set_words(reader, arena, turn, card, err) ||
	    set_questions(reader, arena, card, err) ||
	    set_questions(reader, arena, json_object_get(card, "second"),
			  err)) {
		json_decref(card);
		return NULL;
	}
	json_set_int(card, "turn", turn->id);
	json_set_text(card, "at", time_format(turn->at_us, at));
	if (turn->decide_us)
		json_set_int(card, "decide_us", turn->decide_us);
	return card;
}

int
explain_reply_json(struct store_reader *reader, struct arena *arena,
		   int64_t conversation_id, int64_t reply_id,
		   const char **json_r, struct err *err)
{
	const struct turn *turn;
	*json_r = NULL;
	int found = store_reply_turn(reader, arena, conversation_id, reply_id,
				     &turn, err);
	if (found <= 0)
		return found;
	json_t *card = explain_turn(reader, arena, turn, err);
	/* A customer is not told which agent had his conversation. */
	json_object_del(json_object_get(card, "before"), "owner");
	char *text = card ? json_text(card) : NULL;
	json_decref(card);
	if (text)
		*json_r = arena_strdup(arena, text);
	free(text);
	return card ? 0 : -1;
}
