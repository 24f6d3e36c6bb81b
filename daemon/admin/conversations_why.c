#include "admin/conversations_why.h"

#include <string.h>

#include "admin/admin.h"
#include "base/json.h"
#include "base/mem.h"
#include "dialog/explain.h"
#include "store/turn.h"

#define PAGE 200
#define MEMORY_DEPTH 8
#define HASH_SHOWN 12 /* digits that tell packs and settings apart */

int
conversations_why_add(struct store_reader *reader, struct arena *arena,
		      int64_t conversation_id, json_t *result, struct err *err)
{
	json_t *rows = json_array();
	json_object_set_new(result, "turns", rows);
	int64_t after = 0;
	long n;
	do {
		const struct turn *list;
		n = store_turns(reader, arena, conversation_id, after, PAGE,
				&list, err);
		for (long i = 0; i < n; i++) {
			json_t *card =
				explain_turn(reader, arena, &list[i], err);
			if (!card)
				return -1;
			json_array_append_new(rows, card);
			after = list[i].id;
		}
	} while (n == PAGE);
	return n < 0 ? -1 : 0;
}

/* ---- Printing */

static double
real_of(const json_t *object, const char *key)
{
	return json_number_value(json_object_get(object, key));
}

/* The name of a line, and where what it says begins. */
static void
begin_line(FILE *out, const char *name)
{
	fprintf(out, "    %-12s", name);
}

static void
print_head(const json_t *turn, const json_t *basis, FILE *out)
{
	fprintf(out, "\nturn %lld: %s by %s, confidence %.2f",
		(long long)json_get_int(turn, "turn", 0),
		json_get_text(turn, "kind", ""),
		json_get_text(turn, "rule", ""), real_of(turn, "confidence"));
	fprintf(out, " (answers from %.2f, asks from %.2f)\n",
		real_of(basis, "threshold"), real_of(basis, "floor"));
}

/* An answer, and what was found when it was looked for. */
static void
print_search(const json_t *object, FILE *out)
{
	const char *entry = json_get_text(object, "entry", "");
	const char *searched = json_get_text(object, "searched", "");
	const json_t *span = json_object_get(object, "span");
	if (*entry) {
		begin_line(out, "answer");
		fprintf(out, "%s, bytes %lld to %lld\n", entry,
			(long long)json_integer_value(json_array_get(span, 0)),
			(long long)json_integer_value(json_array_get(span, 1)));
	}
	if (*searched) {
		fprintf(out,
			"    searched"); /* the text is set off by itself */
		admin_print_text(searched, out);
	}
	size_t i;
	json_t *row;
	json_array_foreach (json_object_get(object, "intents"), i, row) {
		begin_line(out, i ? "" : "intent");
		fprintf(out, "%s %.2f\n", json_get_text(row, "name", ""),
			real_of(row, "probability"));
	}
	json_array_foreach (json_object_get(object, "candidates"), i, row) {
		begin_line(out, i ? "" : "found");
		fprintf(out,
			"%s@%lld, confidence %.2f, score %.2f, coverage %.2f, "
			"closeness %.2f\n",
			json_get_text(row, "id", ""),
			(long long)json_get_int(row, "version", 0),
			real_of(row, "confidence"), real_of(row, "score"),
			real_of(row, "coverage"), real_of(row, "closeness"));
	}
}

static void
print_topic(const json_t *before, FILE *out)
{
	const char *text = json_get_text(before, "memory", "");
	json_t *memory = json_read(text, strlen(text), MEMORY_DEPTH, NULL);
	const char *topic = json_get_text(memory, "topic", "");
	if (*topic) {
		begin_line(out, "topic");
		long long n = json_get_int(memory, "topic_age", 0) + 1;
		fprintf(out, "%s, answered %lld turn%s ago\n", topic, n,
			n == 1 ? "" : "s");
	}
	json_decref(memory);
}

static void
print_form(const json_t *form, FILE *out)
{
	if (!form)
		return;
	begin_line(out, "form");
	fprintf(out, "%s", json_get_text(form, "name", ""));
	const char *event = json_get_text(form, "event", "");
	const char *asks = json_get_text(form, "asks", "");
	const char *reference = json_get_text(form, "reference", "");
	fprintf(out, "%s%s%s%s%s%s\n", *event ? ", " : "", event,
		*asks ? ", asks for " : "", asks, *reference ? ", case " : "",
		reference);
	size_t i;
	json_t *filled;
	json_array_foreach (json_object_get(form, "filled"), i, filled) {
		begin_line(out, i ? "" : "noted");
		fprintf(out, "%s, of %s\n", json_get_text(filled, "slot", ""),
			json_get_text(filled, "message", ""));
		admin_print_text(json_get_text(filled, "text", ""), out);
	}
}

static void
print_state(const json_t *before, const json_t *after, FILE *out)
{
	begin_line(out, "state");
	fprintf(out, "%s, %lld failed -> %s, %lld failed\n",
		json_get_text(before, "state", ""),
		(long long)json_get_int(before, "failed_turns", 0),
		json_get_text(after, "state", "?"),
		(long long)json_get_int(after, "failed_turns", 0));
}

static void
print_basis(const json_t *basis, FILE *out)
{
	int64_t learnt = json_get_int(basis, "learnt", 0);
	begin_line(out, "known");
	fprintf(out, "generation %lld, ",
		(long long)json_get_int(basis, "generation", 0));
	if (learnt)
		fprintf(out, "intents as of %lld, ", (long long)learnt);
	fprintf(out, "pack %.*s, settings %.*s, build %s\n", HASH_SHOWN,
		json_get_text(basis, "pack", ""), HASH_SHOWN,
		json_get_text(basis, "settings", ""),
		json_get_text(basis, "build", ""));
}

static void
print_card(const json_t *turn, FILE *out)
{
	const json_t *basis = json_object_get(turn, "basis");
	const json_t *before = json_object_get(turn, "before");
	const json_t *second = json_object_get(turn, "second");
	print_head(turn, basis, out);
	print_search(turn, out);
	if (second) {
		begin_line(out, "second");
		fprintf(out, "confidence %.2f\n",
			real_of(second, "confidence"));
		print_search(second, out);
	}
	print_topic(before, out);
	print_form(json_object_get(turn, "form"), out);
	print_state(before, json_object_get(turn, "after"), out);
	print_basis(basis, out);
	int64_t decide_us = json_get_int(turn, "decide_us", 0);
	if (decide_us) {
		begin_line(out, "took");
		fprintf(out, "%.2f ms to decide\n", (double)decide_us / 1000);
	}
}

void
conversations_why_print(const json_t *result, FILE *out)
{
	size_t i;
	json_t *turn;
	json_array_foreach (json_object_get(result, "turns"), i, turn)
		print_card(turn, out);
}
