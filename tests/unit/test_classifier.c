/* The classifier of intents. */
#include "test.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nlu/classifier.h"

static const struct {
	const char *intent, *text;
} examples[] = {
	{"card_lost", "I have lost my card"},
	{"card_lost", "my card was stolen"},
	{"card_lost", "someone took my debit card"},
	{"card_lost", "block my card please"},
	{"card_lost", "the card is gone"},
	{"balance", "what is my balance"},
	{"balance", "how much money do I have"},
	{"balance", "show my account balance"},
	{"balance", "is there money left on the account"},
	{"balance", "tell me the balance"},
	{"transfer", "where is my transfer"},
	{"transfer", "the payment did not arrive"},
	{"transfer", "send money abroad"},
	{"transfer", "how long does a transfer take"},
	{"transfer", "cancel a payment that I sent"},
};

#define N_EXAMPLES (sizeof examples / sizeof *examples)

static struct classifier *
train_first(size_t n)
{
	struct classifier_builder *builder = classifier_builder_new("en");
	struct err err = {0};

	for (size_t i = 0; i < n; i++)
		assert_int_equal(
			classifier_builder_add(builder, examples[i].text,
					       examples[i].intent, &err),
			0);
	struct classifier *classifier = classifier_train(builder, &err);
	assert_non_null(classifier);
	return classifier;
}

static struct classifier *
train(void)
{
	return train_first(N_EXAMPLES);
}

static struct guess
best(const struct classifier *classifier, const char *text)
{
	struct guess guess;

	assert_int_equal(
		classifier_guess(classifier, text, strlen(text), &guess, 1), 1);
	return guess;
}

static void
test_new_words_for_the_same_are_understood(void **state)
{
	struct classifier *classifier = train();

	(void)state;
	assert_int_equal(classifier_count(classifier), 3);
	assert_string_equal(best(classifier, "they stole my cards").intent,
			    "card_lost");
	assert_string_equal(best(classifier, "Balance?").intent, "balance");
	assert_string_equal(best(classifier, "transferring takes long").intent,
			    "transfer");
	classifier_free(classifier);
}

static void
test_slips_are_read_as_words_of_the_desk(void **state)
{
	struct classifier *classifier = train();
	struct guess right = best(classifier, "balance");

	(void)state;
	assert_true(best(classifier, "balanec").probability ==
		    right.probability);
	assert_true(best(classifier, "balnce").probability ==
		    right.probability);
	/* What has a digit is a number, and not one that is near. */
	assert_true(best(classifier, "balanc3").probability <
		    right.probability);
	classifier_free(classifier);
}

static void
test_probabilities_add_up_best_first(void **state)
{
	struct classifier *classifier = train();
	struct guess list[8];
	float sum = 0;

	(void)state;
	assert_int_equal(classifier_guess(classifier, "my card", 7, list, 8),
			 3);
	for (int i = 0; i < 3; i++) {
		sum += list[i].probability;
		assert_true(i == 0 ||
			    list[i].probability <= list[i - 1].probability);
	}
	assert_true(fabsf(sum - 1) < 1e-5f);
	assert_int_equal(classifier_guess(classifier, "my card", 7, list, 2),
			 2);
	classifier_free(classifier);
}

static void
test_what_is_mostly_unknown_is_less_sure(void **state)
{
	struct classifier *classifier = train();

	(void)state;
	assert_true(
		best(classifier, "the balance of zygotic quokkas").probability <
		best(classifier, "the balance").probability);
	classifier_free(classifier);
}

static void
test_nothing_known_is_no_guess(void **state)
{
	struct classifier *classifier = train();
	struct guess guess;

	(void)state;
	assert_int_equal(classifier_guess(classifier, "", 0, &guess, 1), 0);
	assert_int_equal(classifier_guess(classifier, "?!", 2, &guess, 1), 0);
	assert_int_equal(
		classifier_guess(classifier, "\xD0\x96\xD1\x96", 4, &guess, 1),
		0);
	classifier_free(classifier);
}

static void
test_one_intent_or_none_is_nothing_to_choose_from(void **state)
{
	struct guess guess;

	(void)state;
	for (size_t n = 0; n <= 5; n += 5) {
		struct classifier *classifier = train_first(n);
		assert_int_equal(
			classifier_guess(classifier, "my card", 7, &guess, 1),
			0);
		classifier_free(classifier);
	}
}

/* As a file of entries may have them, each with an intent of its own. */
static void
test_more_intents_than_can_be_learnt_leave_the_first(void **state)
{
	struct classifier_builder *builder = classifier_builder_new("en");
	struct err err = {0};
	char text[64], intent[32];
	struct guess guess;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		snprintf(text, sizeof text, "word%d of a question", i);
		snprintf(intent, sizeof intent, "intent_%d", i);
		assert_int_equal(
			classifier_builder_add(builder, text, intent, &err), 0);
	}
	struct classifier *classifier = classifier_train(builder, &err);
	assert_non_null(classifier);
	assert_int_equal(classifier_count(classifier), 1000);
	assert_true(classifier_bytes(classifier) < 64 << 20);
	assert_int_equal(classifier_guess(classifier, "word7 of a question", 19,
					  &guess, 1),
			 1);
	assert_string_equal(guess.intent, "intent_7");
	classifier_free(classifier);
}

static void *
train_elsewhere(void *unused)
{
	(void)unused;
	return train();
}

static void
test_another_thread_trains_the_same_bits(void **state)
{
	struct classifier *here = train();
	pthread_t thread;
	void *there;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, train_elsewhere, NULL),
			 0);
	assert_int_equal(pthread_join(thread, &there), 0);
	for (size_t i = 0; i < N_EXAMPLES; i++) {
		struct guess a[3] = {0}, b[3] = {0};
		const char *text = examples[i].text;
		assert_int_equal(
			classifier_guess(here, text, strlen(text), a, 3), 3);
		assert_int_equal(
			classifier_guess(there, text, strlen(text), b, 3), 3);
		for (int k = 0; k < 3; k++) {
			assert_string_equal(a[k].intent, b[k].intent);
			assert_true(a[k].probability == b[k].probability);
		}
	}
	classifier_free(here);
	classifier_free(there);
}

/* Texts that are no texts: guesses may be any, but are probabilities. */
static void
test_hostile_texts_are_only_texts(void **state)
{
	struct classifier *classifier = train();
	struct guess list[3];
	enum { SIZE = 64 * 1024 };
	char *text = malloc(SIZE);

	(void)state;
	assert_non_null(text);
	for (int kind = 0; kind < 4; kind++) {
		uint32_t random = 1;
		for (size_t i = 0; i < SIZE; i++) {
			random = random * 1664525 + 1013904223;
			text[i] = kind == 0   ? 'a'
				  : kind == 1 ? "card "[i % 5]
				  : kind == 2 ? (char)(random >> 24)
					      : (char)(0x80 | random >> 25);
		}
		size_t n = classifier_guess(classifier, text, SIZE, list, 3);
		for (size_t i = 0; i < n; i++)
			assert_true(list[i].probability >= 0 &&
				    list[i].probability <= 1);
	}
	free(text);
	classifier_free(classifier);
}

static void
test_hostile_examples_are_only_examples(void **state)
{
	struct classifier_builder *builder = classifier_builder_new("");
	struct err err = {0};
	struct guess guess;

	(void)state;
	classifier_builder_add(builder, "", "nothing", &err);
	classifier_builder_add(builder, "\xFF\xFE\x80", "bytes", &err);
	classifier_builder_add(builder, "...", "nothing", &err);
	struct classifier *classifier = classifier_train(builder, &err);
	assert_non_null(classifier);
	classifier_guess(classifier, "\xFF card", 6, &guess, 1);
	classifier_free(classifier);
	classifier_builder_free(NULL);
	classifier_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_new_words_for_the_same_are_understood),
		cmocka_unit_test(test_slips_are_read_as_words_of_the_desk),
		cmocka_unit_test(test_probabilities_add_up_best_first),
		cmocka_unit_test(test_what_is_mostly_unknown_is_less_sure),
		cmocka_unit_test(test_nothing_known_is_no_guess),
		cmocka_unit_test(
			test_one_intent_or_none_is_nothing_to_choose_from),
		cmocka_unit_test(
			test_more_intents_than_can_be_learnt_leave_the_first),
		cmocka_unit_test(test_another_thread_trains_the_same_bits),
		cmocka_unit_test(test_hostile_texts_are_only_texts),
		cmocka_unit_test(test_hostile_examples_are_only_examples),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
