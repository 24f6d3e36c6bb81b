/* The index: what is found, in which order, and that pruning changes nothing.
 */
#include "test.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "faq/index.h"
#include "faq/index_parts.h"
#include "store/knowledge.h"

#define NOW 1000

static struct faq_version
entry(const char *name, const char *question, const char *answer)
{
	return (struct faq_version){
		.name = name,
		.version = 3,
		.question = question,
		.answer = answer,
		.intent = "",
	};
}

static struct index *
build(const struct faq_version *entries, size_t n)
{
	struct index_builder *builder = index_builder_new("en");
	struct err err;

	for (size_t i = 0; i < n; i++)
		assert_int_equal(index_builder_add(builder, &entries[i], &err),
				 0);
	struct index *index = index_build(builder, &err);
	assert_non_null(index);
	assert_int_equal(index_count(index), n);
	assert_true(n == 0 || index_bytes(index) > 0);
	return index;
}

static size_t
search_at(const struct index *index, const char *query, int64_t now, size_t k,
	  struct candidate *out)
{
	struct index_scratch *scratch = index_scratch_new();
	size_t n =
		index_search(index, scratch, query, strlen(query), now, k, out);

	index_scratch_free(scratch);
	return n;
}

static size_t
search(const struct index *index, const char *query, size_t k,
       struct candidate *out)
{
	return search_at(index, query, NOW, k, out);
}

/* The name of the entry found first, "" when there is none. */
static const char *
first(const struct index *index, const char *query)
{
	struct candidate best;

	if (search(index, query, 1, &best) == 0)
		return "";
	return index_entry(index, best.entry)->name;
}

static const char *const card_variants[] = {
	"my card was stolen",
	"how do i block my card",
};

/* A small desk. */
static struct index *
desk(void)
{
	struct faq_version entries[] = {
		entry("lost-card", "What do I do when I lost my card?",
		      "Block it in the app at once. We send a new one."),
		entry("fees", "What does an account cost?",
		      "A current account costs 3 euros a month. See "
		      "https://bank.example/overdraft/prices for more."),
		entry("limit", "How can I raise my transfer limit?",
		      "In the app, under settings. We never ask for a PIN."),
		entry("abroad", "Can I pay with my card abroad?",
		      "Yes. Withdrawals outside the euro area carry a fee."),
	};

	entries[0].variants = card_variants;
	entries[0].n_variants = 2;
	return build(entries, 4);
}

static void
test_the_entry_that_is_meant_is_first(void **state)
{
	struct index *index = desk();

	(void)state;
	assert_string_equal(first(index, "I have lost my cards"), "lost-card");
	assert_string_equal(first(index, "someone stole it: stolen!"),
			    "lost-card");
	assert_string_equal(first(index, "monthly cost of accounts"), "fees");
	assert_string_equal(first(index, "raising limits"), "limit");
	assert_string_equal(first(index, "withdrawal"), "abroad");
	index_free(index);
}

static void
test_an_entry_is_kept_as_it_was_given(void **state)
{
	struct faq_version version = entry("a", "Why?", "Because.");

	(void)state;
	version.intent = "reason";
	version.is_verbatim = true;
	version.valid_to_us = 5 * NOW;
	struct index *index = build(&version, 1);
	const struct index_entry *kept = index_entry(index, 0);
	assert_string_equal(kept->name, "a");
	assert_int_equal(kept->version, 3);
	assert_string_equal(kept->question, "Why?");
	assert_string_equal(kept->answer, "Because.");
	assert_string_equal(kept->intent, "reason");
	assert_true(kept->is_verbatim);
	assert_int_equal(kept->valid_to_us, 5 * NOW);
	index_free(index);
}

static void
test_what_nobody_has_finds_nothing(void **state)
{
	struct index *index = desk();
	struct candidate list[5];

	(void)state;
	assert_int_equal(search(index, "", 5, list), 0);
	assert_int_equal(search(index, "?!...", 5, list), 0);
	assert_int_equal(search(index, "zyxwv qponm", 5, list), 0);
	assert_int_equal(search(index, "card", 0, list), 0);
	index_free(index);
	index = build(NULL, 0);
	assert_int_equal(search(index, "card", 5, list), 0);
	index_free(index);
}

static void
test_a_slip_of_the_finger_is_understood(void **state)
{
	struct index *index = desk();

	(void)state;
	assert_string_equal(first(index, "witdrawal"), "abroad");
	assert_string_equal(first(index, "trasnfer"), "limit");
	assert_string_equal(first(index, "stolenn"), "lost-card");
	assert_string_equal(first(index, "abroda"), "abroad");
	assert_string_equal(first(index, "trasnfer limit"),
			    first(index, "limit of a tranfser"));
	/* Short words and numbers are near to everything. */
	assert_string_equal(first(index, "wy"), "");
	assert_string_equal(first(index, "3x"), "");
	index_free(index);
}

static void
test_a_word_written_as_two_is_one(void **state)
{
	struct faq_version entries[] = {
		entry("overdraft", "What is an overdraft?", ""),
		entry("draft", "How do I pay by bank draft?", ""),
		entry("login", "I cannot log in", "See the page Login."),
		entry("log", "Where is the log of my payments?", ""),
	};
	struct index *index = build(entries, 4);

	(void)state;
	assert_string_equal(first(index, "my over draft"), "overdraft");
	/* "log" is what more entries have. */
	assert_string_equal(first(index, "log in"), "login");
	assert_string_equal(first(index, "log payments"), "log");
	assert_string_equal(first(index, "over"), "");
	index_free(index);
}

static void
test_addresses_and_function_words_of_answers_are_not_searched(void **state)
{
	struct index *index = desk();

	(void)state;
	assert_string_equal(first(index, "overdraft"), "");
	assert_string_equal(first(index, "https"), "");
	assert_string_equal(first(index, "under"), "");
	assert_string_equal(first(index, "my"), "lost-card");
	index_free(index);
}

static void
test_an_entry_is_found_while_it_is_valid(void **state)
{
	struct faq_version entries[] = {
		entry("old", "opening hours", ""),
		entry("new", "opening hours", ""),
	};
	struct candidate list[5];

	(void)state;
	entries[0].valid_to_us = 500;
	entries[1].valid_from_us = 500;
	struct index *index = build(entries, 2);
	assert_int_equal(search_at(index, "hours", 499, 5, list), 1);
	assert_int_equal(list[0].entry, 0);
	assert_int_equal(search_at(index, "hours", 500, 5, list), 1);
	assert_int_equal(list[0].entry, 1);
	index_free(index);
}

static void
test_of_equals_the_lower_entry_is_first(void **state)
{
	struct faq_version entries[80];
	struct candidate list[50];

	(void)state;
	for (size_t i = 0; i < 80; i++)
		entries[i] = entry("x", "opening hours of branches", "");
	struct index *index = build(entries, 80);
	assert_int_equal(search(index, "branch", 50, list), 50);
	for (size_t i = 0; i < 50; i++)
		assert_int_equal(list[i].entry, i);
	index_free(index);
}

static void
test_the_very_words_win(void **state)
{
	struct faq_version entries[] = {
		entry("a", "card limit",
		      "card limit card limit card limit card limit"),
		entry("b", "What is my card limit?", ""),
	};
	struct index *index = build(entries, 2);
	struct candidate list[2];

	(void)state;
	assert_int_equal(search(index, "what is MY card-limit", 2, list), 2);
	assert_int_equal(list[0].entry, 1);
	assert_true(list[0].is_exact);
	assert_false(list[1].is_exact);
	assert_true(list[0].closeness > 0.99f);
	assert_true(list[0].coverage > 0.99f);
	assert_true(candidates_confidence(list, 2) >= 0.99);
	index_free(index);
}

static void
test_numbers_of_a_candidate_are_those_of_its_terms(void **state)
{
	/* Every term is in one of the two entries: all weigh the same. */
	struct faq_version entries[] = {
		entry("a", "alpha beta gamma delta", "epsilon"),
		entry("b", "zeta", ""),
	};
	struct index *index = build(entries, 2);
	struct candidate best;

	(void)state;
	assert_int_equal(search(index, "alpha beta epsilon", 1, &best), 1);
	assert_float_equal(best.coverage, 2.0 / 3, 1e-4);
	assert_float_equal(best.closeness, 2.0 / 5, 1e-4);
	assert_float_equal(best.support, 1, 1e-4);
	assert_true(best.match > 0 && best.match < 1);
	assert_float_equal(best.margin, 1, 1e-4);
	/* A word that nobody has weighs more. */
	assert_int_equal(search(index, "alpha beta unheard", 1, &best), 1);
	assert_true(best.coverage < 2.0f / 3);
	assert_true(best.guessed <= 0);
	/* But a function word says nothing. */
	assert_int_equal(search(index, "hi, alpha beta pls", 1, &best), 1);
	assert_float_equal(best.coverage, 1, 1e-4);
	assert_float_equal(best.support, 1, 1e-4);
	/* One that is read as another counts, and is said to be that. */
	assert_int_equal(search(index, "alpha delto", 1, &best), 1);
	assert_float_equal(best.support, 1, 1e-4);
	assert_float_equal(best.guessed, 0.9 / 1.9, 1e-4);
	index_free(index);
}

static void
test_words_are_alike_that_share_runs_of_characters(void **state)
{
	const struct faq_version entries[] = {
		entry("cash", "cashback of an account", "a"),
		entry("other", "change of an account", "b"),
	};
	struct index *index = build(entries, 2);
	struct candidate list[2];

	(void)state;
	/* Two edits away. */
	assert_int_equal(search(index, "cassbaack of an account", 2, list), 2);
	assert_string_equal(index_entry(index, list[0].entry)->name, "cash");
	assert_true(list[0].likeness > list[0].closeness);
	assert_true(list[0].likeness > list[1].likeness);
	/* Where words are the same, nothing is added. */
	search(index, "change of an account", 2, list);
	assert_true(list[0].likeness > 0.999f);
	assert_true(list[0].closeness > 0.999f);
	index_free(index);
}

static void
test_what_is_wanted_decides_between_equals(void **state)
{
	struct faq_version entries[] = {
		entry("one", "lost card", "a"),
		entry("two", "lost key", "b"),
	};
	const struct index_intent intents[] = {{"keys", 0.9f},
					       {"unknown", 0.1f}};
	struct index_question question = {
		.text = "lost",
		.len = 4,
		.now_us = NOW,
		.intents = intents,
		.n_intents = 2,
	};
	struct candidate list[2];

	(void)state;
	entries[1].intent = "keys";
	struct index *index = build(entries, 2);
	struct index_scratch *scratch = index_scratch_new();
	assert_string_equal(first(index, "lost"), "one");
	assert_int_equal(index_ask(index, scratch, &question, 2, list), 2);
	assert_string_equal(index_entry(index, list[0].entry)->name, "two");
	assert_true(list[0].intent == 0.9f && list[1].intent == 0);
	/* The very words count for more. */
	question.text = "lost card";
	question.len = 9;
	index_ask(index, scratch, &question, 2, list);
	assert_string_equal(index_entry(index, list[0].entry)->name, "one");
	index_scratch_free(scratch);
	index_free(index);
}

static void
test_of_a_context_only_what_an_entry_has_counts(void **state)
{
	struct index *index = desk();
	struct index_scratch *scratch = index_scratch_new();
	struct candidate alone, with, other;
	struct index_question question = {
		.text = "my limit? transfer money", .len = 9, .now_us = NOW};

	(void)state;
	assert_int_equal(index_ask(index, scratch, &question, 1, &alone), 1);
	assert_true(alone.context <= 0);
	question.len = strlen(question.text);
	question.len_context = question.len - 9;
	assert_int_equal(index_ask(index, scratch, &question, 1, &with), 1);
	assert_string_equal(index_entry(index, with.entry)->name, "limit");
	assert_true(with.context > 0);
	assert_true(with.closeness > alone.closeness);
	assert_true(candidates_confidence(&with, 1) >
		    candidates_confidence(&alone, 1));
	question.text = "my limit? abroad weather";
	assert_int_equal(index_ask(index, scratch, &question, 1, &other), 1);
	assert_int_equal(other.entry, alone.entry);
	assert_true(other.context <= 0);
	assert_true(other.closeness >= alone.closeness);
	assert_true(other.support >= alone.support);
	index_scratch_free(scratch);
	index_free(index);
}

static void
test_common_words_give_no_confidence(void **state)
{
	struct index *index = desk();
	struct candidate list[5];
	static const char *const queries[] = {"card", "my card", "how",
					      "what", "account", "can i"};

	(void)state;
	for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
		size_t n = search(index, queries[i], 5, list);
		assert_true(candidates_confidence(list, n) < 0.5);
	}
	assert_true(candidates_confidence(NULL, 0) <= 0);
	index_free(index);
}

static void
test_confidence_grows_with_what_speaks_for_it(void **state)
{
	struct candidate less = {.closeness = 0.4f,
				 .support = 0.5f,
				 .match = 0.4f,
				 .weight = 3,
				 .margin = 0.1f};
	struct candidate more;

	(void)state;
	double before = candidates_confidence(&less, 1);
	assert_true(before > 0 && before < 1);
	more = less, more.closeness = 0.8f;
	assert_true(candidates_confidence(&more, 1) > before);
	more = less, more.support = 1;
	assert_true(candidates_confidence(&more, 1) > before);
	more = less, more.match = 0.8f;
	assert_true(candidates_confidence(&more, 1) > before);
	more = less, more.weight = 5;
	assert_true(candidates_confidence(&more, 1) > before);
	more = less, more.margin = 0.5f;
	assert_true(candidates_confidence(&more, 1) > before);
	more = less, more.guessed = 0.5f;
	assert_true(candidates_confidence(&more, 1) < before);
	more = less, more.closeness = more.support = more.match = 1;
	more.margin = 1, more.weight = 5;
	assert_true(candidates_confidence(&more, 1) > 0.9);
	more.is_lone = true;
	assert_true(candidates_confidence(&more, 1) < 0.6);
	more = less, more.is_lone = more.is_exact = true;
	assert_true(candidates_confidence(&more, 1) > 0.9);
	struct candidate both[] = {more, more};
	assert_true(candidates_confidence(both, 2) < 0.6);
}

static void
test_what_facts_fill_in_finds_nothing(void **state)
{
	struct faq_version entries[] = {
		entry("hours", "When are you open?",
		      "Oak Credit Union is open on weekdays."),
		entry("credit", "What is a credit?", "Borrowed money."),
	};
	struct candidate list[2];

	(void)state;
	entries[0].source = "{{bank.name}} is open on weekdays.";
	struct index *index = build(entries, 2);
	assert_int_equal(search(index, "oak union", 2, list), 0);
	assert_string_equal(first(index, "on weekdays"), "hours");
	assert_int_equal(search(index, "credit", 2, list), 1);
	assert_string_equal(index_entry(index, 0)->answer, entries[0].answer);
	index_free(index);
	entries[0].source = "{{bank.name";
	index = build(entries, 2);
	assert_string_equal(first(index, "the name of the bank"), "hours");
	index_free(index);
}

static void
test_a_word_alone_is_no_question(void **state)
{
	struct index *index = desk();
	struct candidate list[2];

	(void)state;
	search(index, "cards", 2, list);
	assert_true(list[0].is_lone);
	search(index, "Card, cards!", 2, list);
	assert_true(list[0].is_lone);
	search(index, "stolen cards", 2, list);
	assert_false(list[0].is_lone);
	index_free(index);
}

static void
test_any_bytes_may_be_searched_for(void **state)
{
	struct index *index = desk();
	struct candidate list[5];
	static char text[100000];
	struct index_scratch *scratch = index_scratch_new();

	(void)state;
	for (size_t i = 0; i < sizeof text; i++)
		text[i] = (char)(i * 2654435761u >> 13);
	index_search(index, scratch, text, sizeof text, NOW, 5, list);
	for (size_t i = 0; i < sizeof text; i++)
		text[i] = "lost card "[i % 10];
	assert_int_equal(
		index_search(index, scratch, text, sizeof text, NOW, 5, list),
		2);
	assert_int_equal(list[0].entry, 0);
	index_scratch_free(scratch);
	index_free(index);
}

/* ---- Pruning */

/* Words of a language without meaning, the first ones much more frequent. */
static const char *
random_word(char word[16])
{
	unsigned int i = (unsigned int)random() % 400;

	i = i * i / 400;
	snprintf(word, 16, "w%c%cx", 'a' + (int)(i % 26), 'a' + (int)(i / 26));
	return word;
}

static void
random_text(char *text, size_t n_words)
{
	char word[16];
	size_t len = 0;

	text[0] = '\0';
	for (size_t i = 0; i < n_words; i++)
		len += (size_t)snprintf(text + len, 8, "%s ",
					random_word(word));
}

static struct index *
random_index(size_t n)
{
	struct index_builder *builder = index_builder_new("en");
	char question[200], variant[200], answer[800];
	const char *const variants[] = {variant};
	struct err err;

	for (size_t i = 0; i < n; i++) {
		struct faq_version version = entry("x", question, answer);
		random_text(question, 1 + (size_t)random() % 6);
		random_text(variant, 1 + (size_t)random() % 6);
		random_text(answer, (size_t)random() % 40);
		version.variants = variants;
		version.n_variants = (size_t)random() % 2;
		version.valid_to_us = random() % 10 == 0 ? NOW / 2 : 0;
		assert_int_equal(index_builder_add(builder, &version, &err), 0);
	}
	return index_build(builder, &err);
}

static int
compare_hits(const void *a, const void *b)
{
	const struct hit *x = a, *y = b;

	if (x->score != y->score)
		return x->score > y->score ? -1 : 1;
	return (x->entry > y->entry) - (x->entry < y->entry);
}

/* Every entry's score, by every posting of every term. */
static size_t
score_all(const struct index *index, const struct query *query, size_t k,
	  struct hit *out)
{
	struct hit *all = calloc(index->n_entries, sizeof *all);
	size_t n = 0;

	for (uint32_t i = 0; i < index->n_entries; i++)
		all[i].entry = i;
	for (size_t i = 0; i < query->n; i++) {
		const struct cursor *cursor = &query->cursors[i];
		for (uint32_t at = 0; at < cursor->n; at++)
			all[cursor->entries[at]].score +=
				(uint64_t)cursor->factor * cursor->impacts[at];
	}
	qsort(all, index->n_entries, sizeof *all, compare_hits);
	for (size_t i = 0; i < index->n_entries && n < k; i++)
		if (all[i].score > 0 &&
		    index_entry_is_valid(&index->entries[all[i].entry], NOW))
			out[n++] = all[i];
	free(all);
	return n;
}

static void
compare_searches(const struct index *index, struct tokens *tokens)
{
	struct query query, again;
	struct hit pruned[50], whole[50];
	char text[500];
	size_t k = 1 + (size_t)random() % 50;

	random_text(text, 1 + (size_t)random() % 12);
	index_read_query(index, tokens, text, strlen(text), 0, &query);
	again = query;
	size_t n = index_find_best(index, &query, NOW, k, pruned);
	assert_int_equal(n, score_all(index, &again, k, whole));
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(pruned[i].entry, whole[i].entry);
		assert_true(pruned[i].score == whole[i].score);
	}
}

static void
test_pruning_changes_nothing(void **state)
{
	struct tokens tokens;

	(void)state;
	srandom(7);
	tokens_init(&tokens);
	for (size_t n = 1; n <= 2000; n *= 5) {
		struct index *index = random_index(n);
		for (int i = 0; i < 300; i++)
			compare_searches(index, &tokens);
		index_free(index);
	}
	tokens_release(&tokens);
}

/* ---- Threads */

static void *
search_often(void *index)
{
	struct index_scratch *scratch = index_scratch_new();
	struct candidate list[10];
	size_t found = 0;

	for (int i = 0; i < 200; i++)
		found += index_search(index, scratch, "lost my crad abroad", 19,
				      NOW, 10, list);
	index_scratch_free(scratch);
	return (void *)found;
}

static void
test_threads_search_one_index(void **state)
{
	struct index *index = desk();
	pthread_t threads[3];
	void *found, *expected = search_often(index);

	(void)state;
	for (int i = 0; i < 3; i++)
		pthread_create(&threads[i], NULL, search_often, index);
	for (int i = 0; i < 3; i++) {
		pthread_join(threads[i], &found);
		assert_ptr_equal(found, expected);
	}
	index_free(index);
}

static void
test_freeing_nothing_does_nothing(void **state)
{
	(void)state;
	index_free(NULL);
	index_scratch_free(NULL);
	index_builder_free(NULL);
	index_builder_free(index_builder_new("en"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_entry_that_is_meant_is_first),
		cmocka_unit_test(test_an_entry_is_kept_as_it_was_given),
		cmocka_unit_test(test_what_nobody_has_finds_nothing),
		cmocka_unit_test(test_a_slip_of_the_finger_is_understood),
		cmocka_unit_test(test_a_word_written_as_two_is_one),
		cmocka_unit_test(
			test_addresses_and_function_words_of_answers_are_not_searched),
		cmocka_unit_test(test_an_entry_is_found_while_it_is_valid),
		cmocka_unit_test(test_of_equals_the_lower_entry_is_first),
		cmocka_unit_test(test_the_very_words_win),
		cmocka_unit_test(
			test_numbers_of_a_candidate_are_those_of_its_terms),
		cmocka_unit_test(
			test_words_are_alike_that_share_runs_of_characters),
		cmocka_unit_test(test_what_is_wanted_decides_between_equals),
		cmocka_unit_test(
			test_of_a_context_only_what_an_entry_has_counts),
		cmocka_unit_test(test_common_words_give_no_confidence),
		cmocka_unit_test(test_confidence_grows_with_what_speaks_for_it),
		cmocka_unit_test(test_what_facts_fill_in_finds_nothing),
		cmocka_unit_test(test_a_word_alone_is_no_question),
		cmocka_unit_test(test_any_bytes_may_be_searched_for),
		cmocka_unit_test(test_pruning_changes_nothing),
		cmocka_unit_test(test_threads_search_one_index),
		cmocka_unit_test(test_freeing_nothing_does_nothing),
	};

	return cmocka_run_group_tests_name("index", tests, NULL, NULL);
}
