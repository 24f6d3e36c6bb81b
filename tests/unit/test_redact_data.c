/* Recall and precision of cards and IBANs on public sets of labelled texts,
 * read from $TELLERD_DATA.  What is found counts when its mark says "ok": a
 * wrong check digit is no find of those sets. */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/buf.h"
#include "text/redact.h"

struct score {
	long right, missed, wrong;
};

static const char *
data_path(const char *name)
{
	static char path[4096];
	const char *data = getenv("TELLERD_DATA");

	if (!data)
		test_skip("TELLERD_DATA is not set");
	snprintf(path, sizeof path, "%s/pii/%s", data, name);
	return path;
}

static size_t
count_of(const char *text, const char *part)
{
	size_t n = 0;

	for (; (text = strstr(text, part)) != NULL; text += strlen(part))
		n++;
	return n;
}

/* How the mark of a value looks: its kind and its last four characters. */
static void
expected_mark(const char *value, const char *kind, char mark[32])
{
	char last[5] = "";
	size_t n = 4;

	for (size_t i = strlen(value); i > 0 && n > 0; i--) {
		char c = value[i - 1];
		if (c >= 'a' && c <= 'z')
			c = (char)(c - ('a' - 'A'));
		if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'))
			last[--n] = c;
	}
	snprintf(mark, 32, "[%s ok ...%s]", kind, last + n);
}

/* Count what is in one text: values are n texts that are of the kind. */
static void
add_row(struct score *score, const char *text, const char *kind,
	char (*values)[64], size_t n)
{
	char mark[32], any[32];
	unsigned int found;
	struct buf out;
	long right = 0;

	buf_init(&out, 1 << 20);
	assert_int_equal(text_redact(&out, text, strlen(text), &found), 0);
	for (size_t i = 0; i < n; i++) {
		expected_mark(values[i], kind, mark);
		if (strstr(buf_str(&out), mark) &&
		    !strstr(buf_str(&out), values[i]))
			right++;
		else
			print_message("# missed %s in: %s\n", values[i], text);
	}
	snprintf(any, sizeof any, "[%s ok ", kind);
	long marks = (long)count_of(buf_str(&out), any);
	if (marks > right)
		print_message("# too many in: %s\n", text);
	score->right += right;
	score->missed += (long)n - right;
	score->wrong += marks > right ? marks - right : 0;
	buf_release(&out);
}

static void
add_spans(struct score *score, const json_t *row, const char *type,
	  const char *kind)
{
	const char *text = json_string_value(json_object_get(row, "full_text"));
	char values[16][64];
	size_t i, n = 0;
	json_t *span;

	json_array_foreach (json_object_get(row, "spans"), i, span) {
		const char *is =
			json_string_value(json_object_get(span, "entity_type"));
		if (is && strcmp(is, type) == 0 && n < 16)
			snprintf(values[n++], sizeof *values, "%s",
				 json_string_value(json_object_get(
					 span, "entity_value")));
	}
	add_row(score, text, kind, values, n);
}

static void
check(const char *name, const char *kind, const struct score *score)
{
	double recall =
		(double)score->right / (double)(score->right + score->missed);
	double precision =
		(double)score->right / (double)(score->right + score->wrong);

	print_message("# %s, %s: %ld of them; recall %.4f, precision %.4f\n",
		      name, kind, score->right + score->missed, recall,
		      precision);
	assert_true(recall >= 0.99 && precision >= 0.98);
}

static void
check_generated(const char *name)
{
	struct score cards = {0}, ibans = {0};
	json_error_t error;
	json_t *rows = json_load_file(data_path(name), 0, &error), *row;
	size_t i;

	if (!rows)
		test_skip("%s: %s", name, error.text);
	json_array_foreach (rows, i, row) {
		add_spans(&cards, row, "CREDIT_CARD", "card");
		add_spans(&ibans, row, "IBAN_CODE", "iban");
	}
	json_decref(rows);
	check(name, "cards", &cards);
	if (ibans.right + ibans.missed + ibans.wrong > 0)
		check(name, "IBANs", &ibans);
}

static void
test_the_small_generated_set(void **state)
{
	(void)state;
	check_generated("generated_small.json");
}

static void
test_the_large_generated_set(void **state)
{
	(void)state;
	check_generated("generated_large.json");
}

/* One vector of a recogniser's test: a text, and [count, spans, ranges or
 * scores]; the spans stand in whichever list holds pairs of integers. */
static void
add_vector(struct score *score, const json_t *row, const char *kind)
{
	const char *text = json_string_value(json_object_get(row, "text"));
	const json_t *expected = json_object_get(row, "expected");
	char values[16][64];
	size_t n = 0, i, j;
	json_t *list, *span;

	json_array_foreach (expected, i, list) {
		json_array_foreach (list, j, span) {
			const json_t *start = json_array_get(span, 0);
			const json_t *end = json_array_get(span, 1);
			if (!json_is_integer(start) || n == 16)
				continue;
			snprintf(values[n++], sizeof *values, "%.*s",
				 (int)(json_integer_value(end) -
				       json_integer_value(start)),
				 text + json_integer_value(start));
		}
	}
	add_row(score, text, kind, values, n);
}

static void
check_vectors(const char *recognizer, const char *kind)
{
	const char *path = data_path("presidio-vectors.jsonl");
	struct score score = {0};
	char *line = NULL;
	size_t size = 0;
	long rows = 0;
	FILE *file = fopen(path, "r");

	if (!file)
		test_skip("%s is not there", path);
	while (getline(&line, &size, file) > 0) {
		json_t *row = json_loads(line, 0, NULL);
		const char *name =
			json_string_value(json_object_get(row, "recognizer"));
		if (name && strcmp(name, recognizer) == 0) {
			add_vector(&score, row, kind);
			rows++;
		}
		json_decref(row);
	}
	free(line);
	fclose(file);
	if (rows == 0)
		test_skip("%s has no vectors of %s", path, recognizer);
	check(recognizer, kind, &score);
}

static void
test_the_vectors_of_a_card_recognizer(void **state)
{
	(void)state;
	check_vectors("credit_card_recognizer", "card");
}

static void
test_the_vectors_of_an_iban_recognizer(void **state)
{
	(void)state;
	check_vectors("iban_recognizer", "iban");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_small_generated_set),
		cmocka_unit_test(test_the_large_generated_set),
		cmocka_unit_test(test_the_vectors_of_a_card_recognizer),
		cmocka_unit_test(test_the_vectors_of_an_iban_recognizer),
	};

	return cmocka_run_group_tests_name("redact_data", tests, NULL, NULL);
}
