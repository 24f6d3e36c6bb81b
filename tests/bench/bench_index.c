/* What an index costs: bench_index [ENTRIES...] (100, 10,000 and 100,000).
 *
 * The entries are made of words whose frequencies are those of a language
 * (Zipf), with function words between them: a question of 9 words, three
 * paraphrases that share half of it, an answer of 60.  The queries have 2 to 20
 * words: further paraphrases of entries, some longer than the question, with a
 * misspelt word in every second one; and one in ten is of nothing but the most
 * common words, which have the longest lists. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/err.h"
#include "base/time.h"
#include "faq/index.h"
#include "store/knowledge.h"

#define VOCABULARY 30000
#define QUERIES 2000
#define QUESTION_WORDS 9
#define QUERY_WORDS_MIN 2
#define QUERY_WORDS_MAX 20
#define COMMON_WORDS 30
#define ANSWER_WORDS 60
#define TEXT_BYTES 1024

static const char *const function_words[] = {
	"how",	"do",  "i",  "the", "my",   "a",   "to",  "is", "can", "what",
	"when", "for", "in", "of",  "with", "and", "not", "on", "it",  "from",
};
static double cumulated[VOCABULARY];

static void
make_frequencies(void)
{
	double sum = 0;

	for (int i = 0; i < VOCABULARY; i++)
		cumulated[i] = sum += 1.0 / (i + 3);
	for (int i = 0; i < VOCABULARY; i++)
		cumulated[i] /= sum;
}

/* A word by its rank, pronounceable and of two to four syllables. */
static void
spell(int rank, char word[16])
{
	static const char consonants[] = "bcdfgklmnprstvwz";
	static const char vowels[] = "aeiou";
	int n = 0;

	for (int i = rank + 80; i > 0; i /= 80) {
		word[n++] = consonants[i % 80 / 5];
		word[n++] = vowels[i % 5];
	}
	word[n] = '\0';
}

static int
random_rank(void)
{
	double x = (double)random() / (double)RAND_MAX;
	int low = 0, high = VOCABULARY - 1;

	while (low < high) {
		int middle = (low + high) / 2;
		if (cumulated[middle] < x)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* A text around QUESTION_WORDS ranks, each of which is taken or replaced by
 * another; more words than those are any. */
static void
make_text(char *text, const int *ranks, int n, int kept_percent)
{
	size_t len = 0;

	for (int i = 0; i < n; i++) {
		char word[16];
		bool is_kept = ranks && i < QUESTION_WORDS &&
			       random() % 100 < kept_percent;
		if (i % 2 == 0)
			snprintf(word, sizeof word, "%s",
				 function_words[random() % 20]);
		else
			spell(is_kept ? ranks[i] : random_rank(), word);
		len += (size_t)snprintf(text + len, TEXT_BYTES - len, "%s ",
					word);
	}
}

struct questions {
	int (*ranks)[QUESTION_WORDS];
	int n;
};

static struct index *
make_index(struct questions *questions, int n)
{
	struct index_builder *builder = index_builder_new("en");
	char question[TEXT_BYTES], answer[TEXT_BYTES], texts[3][TEXT_BYTES];
	const char *const variants[] = {texts[0], texts[1], texts[2]};
	struct err err;

	questions->ranks = calloc((size_t)n, sizeof *questions->ranks);
	questions->n = n;
	if (!questions->ranks)
		exit(1);
	for (int i = 0; i < n; i++) {
		int *ranks = questions->ranks[i];
		for (int k = 0; k < QUESTION_WORDS; k++)
			ranks[k] = random_rank();
		make_text(question, ranks, QUESTION_WORDS, 100);
		for (int k = 0; k < 3; k++)
			make_text(texts[k], ranks, QUESTION_WORDS, 50);
		make_text(answer, NULL, ANSWER_WORDS, 0);
		struct faq_version version = {
			.name = "entry",
			.question = question,
			.variants = variants,
			.n_variants = 3,
			.answer = answer,
			.intent = "",
		};
		if (index_builder_add(builder, &version, &err) < 0)
			exit(1);
	}
	return index_build(builder, &err);
}

static void
misspell(char *text)
{
	size_t len = strlen(text), i = (size_t)random() % len;

	if (text[i] != ' ')
		text[i] = (char)('a' + random() % 26);
}

/* The query of number i, which means the entry of these ranks, if any. */
static void
make_query(char *text, const int *ranks, int i)
{
	int common[QUESTION_WORDS];
	int n = QUERY_WORDS_MIN +
		(int)(random() % (QUERY_WORDS_MAX - QUERY_WORDS_MIN + 1));

	if (ranks) {
		make_text(text, ranks, n, 60);
	} else {
		for (int k = 0; k < QUESTION_WORDS; k++)
			common[k] = (int)(random() % COMMON_WORDS);
		make_text(text, common, n < QUESTION_WORDS ? n : QUESTION_WORDS,
			  100);
	}
	if (i % 2)
		misspell(text);
}

static int
compare_times(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
cpu_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void
measure_searches(const struct index *index, const struct questions *questions)
{
	static double times[QUERIES];
	struct index_scratch *scratch = index_scratch_new();
	struct candidate list[5];
	char query[TEXT_BYTES];
	int n_right = 0, n_meant = 0;

	for (int i = 0; i < QUERIES; i++) {
		int meant = (int)(random() % questions->n);
		bool is_common = i % 10 == 9;
		make_query(query, is_common ? NULL : questions->ranks[meant],
			   i / 10);
		double start = cpu_ms();
		size_t n = index_search(index, scratch, query, strlen(query), 1,
					5, list);
		times[i] = cpu_ms() - start;
		n_meant += !is_common;
		n_right +=
			!is_common && n > 0 && list[0].entry == (uint32_t)meant;
	}
	qsort(times, QUERIES, sizeof *times, compare_times);
	printf("  search: p50 %.3f ms, p99 %.3f ms, most %.3f ms; %.1f %% "
	       "first\n",
	       times[QUERIES / 2], times[QUERIES * 99 / 100],
	       times[QUERIES - 1], 100.0 * n_right / n_meant);
	index_scratch_free(scratch);
}

static void
measure(int n)
{
	struct questions questions;

	srandom(1);
	double start = cpu_ms();
	struct index *index = make_index(&questions, n);
	double ms = cpu_ms() - start;
	if (!index)
		exit(1);
	printf("%d entries: built in %.0f ms, %.1f MB (%zu bytes an entry)\n",
	       n, ms, (double)index_bytes(index) / 1e6,
	       index_bytes(index) / (size_t)n);
	measure_searches(index, &questions);
	free(questions.ranks);
	index_free(index);
}

int
main(int argc, char **argv)
{
	static const int sizes[] = {100, 10000, 100000};

	printf("times are of the processor, making the texts included\n");
	make_frequencies();
	for (int i = 1; i < argc; i++)
		measure((int)strtol(argv[i], NULL, 10));
	for (int i = 0; argc == 1 && i < 3; i++)
		measure(sizes[i]);
	return 0;
}
