#include "admin/review_row.h"

#include "base/json.h"
#include "store/conversation.h"
#include "store/review.h"

const char *
review_gap_name(int i)
{
	static const char *const names[] = {
		"out_of_scope", "asked_back", "none_of_these", "rated_down",
		"handed_over",	"rejected",   "not_chosen"};
	int n = sizeof(names) / sizeof(*names);
	return i < n ? names[i] : NULL;
}

/* NULL: none. */
static const char *
rating_name(int rating)
{
	return rating > 0 ? "up" : rating < 0 ? "down" : NULL;
}

json_t *
review_row_json(const struct reviewed_turn *row)
{
	json_t *object = json_object(), *gaps = json_array();
	json_set_int(object, "turn", row->turn.id);
	json_set_text(object, "conversation", row->conversation);
	json_object_set_new(object, "at", admin_time(row->turn.at_us));
	json_set_text(object, "kind", row->turn.kind);
	json_set_text(object, "rule", row->turn.rule);
	json_set_real(object, "confidence", row->turn.confidence);
	json_set_text(object, "entry", row->turn.entry);
	json_set_text(object, "question", row->question);
	json_set_text(object, "reply", row->reply);
	json_set_bool(object, "withdrawn", row->is_withdrawn);
	json_set_text(object, "rating", rating_name(row->rating));
	json_set_text(object, "reason", row->reason);
	json_set_text(object, "verdict", *row->verdict ? row->verdict : NULL);
	json_set_text(object, "right_entry", row->entry);
	const char *name;
	for (int i = 0; (name = review_gap_name(i)); i++)
		if (row->gaps & 1 << i)
			json_add_text(gaps, name);
	json_object_set_new(object, "gaps", gaps);
	return object;
}

void
review_row_print(const json_t *row, FILE *out)
{
	const char *entry = json_get_text(row, "entry", "");
	const char *rating = json_get_text(row, "rating", NULL);
	const char *verdict = json_get_text(row, "verdict", NULL);
	fprintf(out, "\n%s  turn %lld of %s: %s by %s, confidence %.2f%s%s",
		json_get_text(row, "at", ""),
		(long long)json_get_int(row, "turn", 0),
		json_get_text(row, "conversation", ""),
		json_get_text(row, "kind", ""), json_get_text(row, "rule", ""),
		json_number_value(json_object_get(row, "confidence")),
		*entry ? ", " : "", entry);
	if (rating)
		fprintf(out, "; rated %s", rating);
	if (verdict)
		fprintf(out, "; %s", verdict);
	fprintf(out, "\n  customer:\n");
	admin_print_text(json_get_text(row, "question", ""), out);
	fprintf(out, json_get_bool(row, "withdrawn", false)
			     ? "  reply, which he took back before it was "
			       "out:\n"
			     : "  reply:\n");
	admin_print_text(json_get_text(row, "reply", ""), out);
}

static json_t *
rating_json(const struct rating *rating)
{
	char id[MESSAGE_ID_SIZE];
	json_t *row = json_object();
	json_set_text(row, "reply", message_id_format(rating->reply_id, id));
	json_set_text(row, "rating", rating_name(rating->rating));
	json_set_text(row, "reason", rating->reason);
	json_set_text(row, "comment", rating->comment);
	json_set_text(row, "actor", rating->actor);
	json_object_set_new(row, "at", admin_time(rating->at_us));
	return row;
}

int
review_add_ratings(struct store_reader *reader, struct arena *arena,
		   int64_t turn_id, int64_t reply_id, json_t *row,
		   struct err *err)
{
	const struct rating *list;
	long n = store_ratings(reader, arena, turn_id, &list, err);
	json_t *rows = json_array();
	for (long i = 0; i < n; i++)
		if (!reply_id || list[i].reply_id == reply_id)
			json_array_append_new(rows, rating_json(&list[i]));
	json_object_set_new(row, "ratings", rows);
	return n < 0 ? -1 : 0;
}

void
review_print_ratings(const json_t *row, FILE *out)
{
	size_t i;
	json_t *rating;
	json_array_foreach (json_object_get(row, "ratings"), i, rating) {
		const char *reason = json_get_text(rating, "reason", "");
		fprintf(out, "\n%s  %s rated %s by %s%s%s\n",
			json_get_text(rating, "at", ""),
			json_get_text(rating, "reply", ""),
			json_get_text(rating, "rating", ""),
			json_get_text(rating, "actor", ""), *reason ? ": " : "",
			reason);
		admin_print_text(json_get_text(rating, "comment", ""), out);
	}
}
