/* Numbers in figures, with the separators that people put into them, and in
 * English words.  Any thread. */
#include <stdio.h>
#include <string.h>

#include "nlu/entity_parts.h"

#define GROUPS_MAX 8
#define WORDS_MAX 16

/* How the digits of a number are parted. */
struct groups {
	size_t sizes[GROUPS_MAX + 1]; /* digits before and behind each mark */
	char marks[GROUPS_MAX];	      /* '.', ',', '\'', ' ' */
	size_t n;		      /* marks */
};

/* The mark at `at`, if a group of digits stands behind it; its length. */
static size_t
read_separator(const struct scan *scan, size_t at, char *mark_r)
{
	size_t n = scan_blank(scan, at);
	char c = scan_byte(scan, at);

	if (n > 0) {
		*mark_r = ' ';
	} else if (c == '.' || c == ',' || c == '\'') {
		*mark_r = c;
		n = 1;
	}
	if (n == 0 || !scan_is_digit(scan, at + n))
		return 0;
	/* A blank parts thousands, or it parts numbers. */
	if (*mark_r == ' ' && scan_digits(scan, at + n, 4) != 3)
		return 0;
	return n;
}

static void
add_digits(struct figure *figure, const struct scan *scan, size_t at, size_t n)
{
	if (figure->n_digits + n > FIGURE_DIGITS_MAX) {
		figure->is_malformed = true;
		return;
	}
	memcpy(figure->digits + figure->n_digits, scan->text + at, n);
	figure->n_digits += n;
	figure->digits[figure->n_digits] = '\0';
}

/* All digits and marks of it. */
static void
read_groups(const struct scan *scan, size_t at, struct figure *figure,
	    struct groups *groups)
{
	size_t n = scan_digits(scan, at, scan->len), gap;
	char mark = '\0';

	add_digits(figure, scan, at, n);
	groups->sizes[0] = n;
	at += n;
	while ((gap = read_separator(scan, at, &mark)) > 0) {
		bool is_first = groups->n == 0;
		if (mark == ' ' && (groups->sizes[0] > 3 ||
				    (!is_first && groups->marks[0] != ' ')))
			break;
		n = scan_digits(scan, at + gap, scan->len);
		add_digits(figure, scan, at + gap, n);
		at += gap + n;
		if (groups->n == GROUPS_MAX) {
			figure->is_malformed = true;
			break;
		}
		groups->marks[groups->n++] = mark;
		groups->sizes[groups->n] = n;
	}
	figure->end = at;
}

/* Whether the first n marks are one and the same that parts thousands. */
static bool
are_thousands(const struct groups *groups, size_t n)
{
	if (n > 0 && (groups->sizes[0] > 3 || groups->sizes[0] == 0))
		return false;
	for (size_t i = 0; i < n; i++)
		if (groups->marks[i] != groups->marks[0] ||
		    groups->sizes[i + 1] != 3)
			return false;
	return true;
}

static bool
is_point(char mark)
{
	return mark == '.' || mark == ',';
}

/* One mark before three digits parts thousands, or it is a decimal point. */
static void
judge_single(const struct scan *scan, const struct groups *groups,
	     struct figure *figure)
{
	char mark = groups->marks[0];
	bool may_be_thousands = groups->sizes[1] == 3 &&
				groups->sizes[0] <= 3 &&
				figure->digits[0] != '0';

	if (!is_point(mark)) {
		figure->is_malformed |= groups->sizes[1] != 3;
		return;
	}
	if (!may_be_thousands)
		figure->n_fraction = groups->sizes[1];
	else
		figure->is_ambiguous = mark == scan->context->rules->decimal;
}

static void
judge_groups(const struct scan *scan, const struct groups *groups,
	     struct figure *figure)
{
	size_t n = groups->n;

	if (figure->is_malformed || n == 0)
		return;
	if (n == 1) {
		judge_single(scan, groups, figure);
		return;
	}
	char last = groups->marks[n - 1];
	if (are_thousands(groups, n))
		return;
	if (is_point(last) && last != groups->marks[0] &&
	    are_thousands(groups, n - 1))
		figure->n_fraction = groups->sizes[n];
	else
		figure->is_malformed = true;
}

bool
figure_read(const struct scan *scan, size_t at, struct figure *figure)
{
	struct groups groups = {0};

	*figure = (struct figure){0};
	if (!scan_is_digit(scan, at))
		return false;
	read_groups(scan, at, figure, &groups);
	judge_groups(scan, &groups, figure);
	return true;
}

static const struct {
	const char *word;
	int64_t value; /* below 100 it is added, else it multiplies */
} number_words[] = {
	{"zero", 0},	    {"one", 1},		  {"two", 2},
	{"three", 3},	    {"four", 4},	  {"five", 5},
	{"six", 6},	    {"seven", 7},	  {"eight", 8},
	{"nine", 9},	    {"ten", 10},	  {"eleven", 11},
	{"twelve", 12},	    {"thirteen", 13},	  {"fourteen", 14},
	{"fifteen", 15},    {"sixteen", 16},	  {"seventeen", 17},
	{"eighteen", 18},   {"nineteen", 19},	  {"twenty", 20},
	{"thirty", 30},	    {"forty", 40},	  {"fourty", 40},
	{"fifty", 50},	    {"sixty", 60},	  {"seventy", 70},
	{"eighty", 80},	    {"ninety", 90},	  {"hundred", 100},
	{"thousand", 1000}, {"million", 1000000},
};

static bool
number_named(const char *word, int64_t *value_r)
{
	for (size_t i = 0; i < sizeof number_words / sizeof *number_words; i++)
		if (strcmp(number_words[i].word, word) == 0) {
			*value_r = number_words[i].value;
			return true;
		}
	return false;
}

/* What the words so far come to. */
struct sum {
	int64_t total;	 /* thousands and millions that are done with */
	int64_t current; /* below 1000 */
	int64_t last;	 /* the value of the last word; -1: none yet */
	int64_t scale;	 /* the last that was multiplied by; 0: none yet */
};

/* false: the word does not go on what is there. */
static bool
sum_add(struct sum *sum, int64_t value)
{
	bool is_start = sum->last < 0;

	if (value < 20) {
		bool is_behind_tens = sum->last >= 20 && sum->last < 100;
		if (!is_start && (value == 0 || sum->last < 20 ||
				  (is_behind_tens && value >= 10)))
			return false;
		sum->current += value;
	} else if (value < 100) {
		if (!is_start && sum->last < 100)
			return false;
		sum->current += value;
	} else if (value == 100) {
		if (is_start || sum->current == 0 || sum->current > 9)
			return false;
		sum->current *= 100;
	} else {
		if (is_start || sum->current == 0 ||
		    (sum->scale != 0 && value >= sum->scale))
			return false;
		sum->total += sum->current * value;
		sum->current = 0;
		sum->scale = value;
	}
	sum->last = value;
	return true;
}

/* The gap before the next word of a number: blanks, a dash, perhaps "and". */
static size_t
skip_gap(const struct scan *scan, size_t at, const struct sum *sum)
{
	char word[SCAN_WORD_SIZE];

	at = scan_byte(scan, at) == '-' ? at + 1 : scan_skip(scan, at);
	if (sum->last < 100)
		return at;
	size_t n = scan_word(scan, at, word);
	return n == 3 && strcmp(word, "and") == 0 ? scan_skip(scan, at + n)
						  : at;
}

bool
figure_read_words(const struct scan *scan, size_t at, struct figure *figure)
{
	struct sum sum = {.last = -1};
	char word[SCAN_WORD_SIZE];

	*figure = (struct figure){0};
	for (int i = 0; i < WORDS_MAX; i++) {
		size_t n = scan_word(scan, at, word);
		int64_t value;
		bool is_article = i == 0 && n == 1 && word[0] == 'a';
		if (is_article)
			value = 1;
		else if (n == 0 || !number_named(word, &value))
			break;
		if (!sum_add(&sum, value))
			break;
		/* "a" alone is no number. */
		if (!is_article)
			figure->end = at + n;
		at = skip_gap(scan, at + n, &sum);
	}
	if (figure->end == 0 || scan_is_digit(scan, figure->end))
		return false;
	int n = snprintf(figure->digits, sizeof figure->digits, "%lld",
			 (long long)(sum.total + sum.current));
	figure->n_digits = (size_t)n;
	return true;
}
