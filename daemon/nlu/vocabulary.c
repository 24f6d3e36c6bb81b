/* Words, stems and slips of the keyboard.  Making one belongs to one thread;
 * vocabulary_hear() may run on any. */
#include "nlu/vocabulary.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/hash.h"
#include "base/mem.h"
#include "text/tokens.h"

#define WORD_BYTES_MAX 32 /* longer ones are not put right */
/* Shorter words are too near to one another: lost, cost, last, list. */
#define SLIP_BYTES_MIN 5
#define SWAP_BYTES_MIN 4

/* A word that the pack has somewhere. */
struct known {
	struct known *next; /* with the same first letter */
	const char *word;
	size_t len;
	struct heard heard;
};

struct vocabulary {
	const char *language;
	struct map stems, words; /* text -> number of phrases' words */
	uint32_t n;
	struct map known;	      /* folded word -> struct known */
	struct known *by_letter[256]; /* those that phrases have */
	struct tokens tokens;	      /* of what is being added */
	struct arena arena;
};

struct vocabulary *
vocabulary_new(const char *language)
{
	struct vocabulary *vocabulary = mem_new(sizeof *vocabulary);

	vocabulary->language = arena_strdup(&vocabulary->arena, language);
	tokens_init(&vocabulary->tokens);
	return vocabulary;
}

void
vocabulary_free(struct vocabulary *vocabulary)
{
	if (!vocabulary)
		return;
	map_release(&vocabulary->stems);
	map_release(&vocabulary->words);
	map_release(&vocabulary->known);
	tokens_release(&vocabulary->tokens);
	arena_release(&vocabulary->arena);
	free(vocabulary);
}

static uint32_t
number_of(const struct map *map, const char *text)
{
	return (uint32_t)(uintptr_t)map_get(map, text);
}

/* The word of a token without apostrophes, in out. */
static const char *
plain_word(const struct tokens *tokens, size_t i, char *out, size_t size)
{
	const char *word = token_word(tokens, i);
	size_t n = 0;

	if (tokens->list[i].word_len >= size)
		return word;
	for (; *word; word++)
		if (*word != '\'')
			out[n++] = *word;
	out[n] = '\0';
	return out;
}

/* The number of a key, a new one if it has none. */
static uint32_t
give_number(struct vocabulary *vocabulary, struct map *map, const char *key)
{
	uint32_t number = number_of(map, key);

	if (number == 0) {
		number = ++vocabulary->n;
		map_put(map, key, (void *)(uintptr_t)number);
	}
	return number;
}

/* "ive" has another stem than "i've", and is to have its number. */
static void
add_plain_stem(struct vocabulary *vocabulary, uint32_t number)
{
	struct tokens *tokens = &vocabulary->tokens;
	char word[WORD_BYTES_MAX];

	if (!strchr(token_word(tokens, 0), '\''))
		return;
	const char *plain = plain_word(tokens, 0, word, sizeof word);
	if (plain == word &&
	    tokens_split(tokens, word, strlen(word), vocabulary->language) ==
		    0 &&
	    tokens->n == 1 &&
	    number_of(&vocabulary->stems, token_term(tokens, 0)) == 0)
		map_put(&vocabulary->stems, token_term(tokens, 0),
			(void *)(uintptr_t)number);
}

static uint32_t
add_token(struct vocabulary *vocabulary, bool is_exact)
{
	const struct tokens *tokens = &vocabulary->tokens;
	char word[WORD_BYTES_MAX];

	if (is_exact)
		return give_number(vocabulary, &vocabulary->words,
				   plain_word(tokens, 0, word, sizeof word));
	uint32_t number = give_number(vocabulary, &vocabulary->stems,
				      token_term(tokens, 0));
	add_plain_stem(vocabulary, number);
	return number;
}

int
vocabulary_add(struct vocabulary *vocabulary, const char *text, bool is_exact,
	       uint32_t *number_r, struct err *err)
{
	struct tokens *tokens = &vocabulary->tokens;

	if (tokens_split(tokens, text, strlen(text), vocabulary->language) < 0)
		return err_set(err, "no memory for '%.40s'", text);
	if (tokens->n != 1)
		return err_set(err, "'%.40s' is not one word", text);
	*number_r = add_token(vocabulary, is_exact);
	return 0;
}

uint32_t
vocabulary_size(const struct vocabulary *vocabulary)
{
	return vocabulary->n + 1;
}

static void
learn_word(struct vocabulary *vocabulary, const char *word, struct heard heard)
{
	if (map_get(&vocabulary->known, word))
		return;
	struct known *known = arena_new(&vocabulary->arena, sizeof *known);
	known->word = arena_strdup(&vocabulary->arena, word);
	known->len = strlen(word);
	known->heard = heard;
	map_put(&vocabulary->known, word, known);
	if ((heard.stem || heard.word) && known->len >= SWAP_BYTES_MIN &&
	    known->len < WORD_BYTES_MAX) {
		struct known **list =
			&vocabulary->by_letter[(unsigned char)word[0]];
		known->next = *list;
		*list = known;
	}
}

static void
learn_line(struct vocabulary *vocabulary, const char *text, size_t len)
{
	struct tokens *tokens = &vocabulary->tokens;
	char out[WORD_BYTES_MAX];

	if (tokens_split(tokens, text, len, vocabulary->language) < 0)
		return;
	for (size_t i = 0; i < tokens->n; i++) {
		const char *word = plain_word(tokens, i, out, sizeof out);
		struct heard heard = {
			number_of(&vocabulary->stems, token_term(tokens, i)),
			number_of(&vocabulary->words, word)};
		learn_word(vocabulary, word, heard);
	}
}

void
vocabulary_learn(struct vocabulary *vocabulary, const char *text, size_t len)
{
	const char *end = text + len;

	while (text < end) {
		const char *line_end = memchr(text, '\n', (size_t)(end - text));
		if (!line_end)
			line_end = end;
		learn_line(vocabulary, text, (size_t)(line_end - text));
		text = line_end + (line_end < end);
	}
}

static bool
is_vowel(char c)
{
	return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u';
}

/* What is typed is the word with two neighbours swapped, a letter left out or
 * doubled, or one vowel for another; the first letter is right, and short words
 * have two swapped inside at most.  Any other letter for a letter would find
 * too many words that are right: "score" is not "store". */
static bool
is_slip(const char *typed, size_t typed_len, const char *word, size_t len)
{
	size_t i = 1;

	while (i < typed_len && i < len && typed[i] == word[i])
		i++;
	const char *a = typed + i, *b = word + i;
	size_t a_left = typed_len - i, b_left = len - i;
	if (a_left == b_left && a_left >= 2 && a[0] == b[1] && a[1] == b[0] &&
	    memcmp(a + 2, b + 2, a_left - 2) == 0)
		return len >= SLIP_BYTES_MIN || a_left > 2;
	if (len < SLIP_BYTES_MIN || typed_len < SLIP_BYTES_MIN)
		return false;
	if (a_left == b_left)
		return a_left > 0 && is_vowel(a[0]) && is_vowel(b[0]) &&
		       memcmp(a + 1, b + 1, a_left - 1) == 0;
	if (a_left == b_left + 1)
		return a[0] == a[-1] && memcmp(a + 1, b, b_left) == 0;
	return b_left == a_left + 1 && memcmp(a, b + 1, a_left) == 0;
}

/* What the customer may have meant by a word that the pack does not have. */
static struct heard
hear_slip(const struct vocabulary *vocabulary, const char *word, size_t len)
{
	if (len >= SWAP_BYTES_MIN && len < WORD_BYTES_MAX)
		for (const struct known *known =
			     vocabulary->by_letter[(unsigned char)word[0]];
		     known; known = known->next)
			if (is_slip(word, len, known->word, known->len))
				return known->heard;
	return (struct heard){0};
}

static struct heard
hear_word(const struct vocabulary *vocabulary, const struct tokens *tokens,
	  size_t i)
{
	char out[WORD_BYTES_MAX];
	const char *word = plain_word(tokens, i, out, sizeof out);
	struct heard heard = {
		number_of(&vocabulary->stems, token_term(tokens, i)),
		number_of(&vocabulary->words, word)};

	if (heard.stem || heard.word || tokens->list[i].is_number ||
	    map_get(&vocabulary->known, word))
		return heard;
	return hear_slip(vocabulary, word, strlen(word));
}

size_t
vocabulary_hear(const struct vocabulary *vocabulary, const char *text,
		size_t len, struct heard *out, size_t max)
{
	struct tokens tokens;
	size_t n = 0;

	tokens_init(&tokens);
	if (tokens_split(&tokens, text, len, vocabulary->language) == 0)
		for (; n < tokens.n && n < max; n++)
			out[n] = hear_word(vocabulary, &tokens, n);
	tokens_release(&tokens);
	return n;
}
