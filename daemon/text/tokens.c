/* Words by utf8proc's categories, stems by Snowball.  A struct tokens belongs
 * to one thread at a time. */
#include "text/tokens.h"

#include <stdlib.h>
#include <string.h>

#include <libstemmer.h>
#include <utf8proc.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "text/fold.h"
#include "text/redact.h"
#include "text/stopwords.h"

#define TEXT_BYTES_MAX ((size_t)256 * 1024) /* what follows is not read */
#define STEMMED_BYTES_MAX 64		    /* no language has longer words */

/* The rules of one language.  What is not known is NULL. */
struct text_stemmer {
	char language[16];
	struct sb_stemmer *snowball;
	const char *const *stops; /* sorted */
	size_t n_stops;
	bool is_eliding; /* l'argent is two words */
};

static const struct {
	char code[4];
	const char *name;
} snowballs[] = {
	{"ca", "catalan"},    {"da", "danish"},	    {"de", "german"},
	{"el", "greek"},      {"en", "english"},    {"es", "spanish"},
	{"eu", "basque"},     {"fi", "finnish"},    {"fr", "french"},
	{"ga", "irish"},      {"hi", "hindi"},	    {"hu", "hungarian"},
	{"hy", "armenian"},   {"id", "indonesian"}, {"it", "italian"},
	{"lt", "lithuanian"}, {"nb", "norwegian"},  {"nl", "dutch"},
	{"nn", "norwegian"},  {"no", "norwegian"},  {"pt", "portuguese"},
	{"ro", "romanian"},   {"ru", "russian"},    {"sr", "serbian"},
	{"sv", "swedish"},    {"tr", "turkish"},
};

void
tokens_init(struct tokens *tokens)
{
	*tokens = (struct tokens){0};
	/* The folded text (NFKC can make 18 characters of one), and stems. */
	buf_init(&tokens->text, 64 * TEXT_BYTES_MAX);
}

static void
free_stemmer(struct text_stemmer *stemmer)
{
	if (stemmer)
		sb_stemmer_delete(stemmer->snowball);
	free(stemmer);
}

void
tokens_release(struct tokens *tokens)
{
	free_stemmer(tokens->stemmer);
	free(tokens->list);
	buf_release(&tokens->text);
	*tokens = (struct tokens){0};
}

static int
compare_words(const void *a, const void *b)
{
	return strcmp(a, *(const char *const *)b);
}

static bool
is_among(const char *word, const char *const *words, size_t n)
{
	return words && bsearch(word, words, n, sizeof *words, compare_words);
}

static struct text_stemmer *
new_stemmer(const char *language)
{
	struct text_stemmer *stemmer = mem_new(sizeof *stemmer);
	size_t len = strcspn(language, "-_");

	strncpy(stemmer->language, language, sizeof stemmer->language - 1);
	stemmer->stops = stopwords_of(stemmer->language, &stemmer->n_stops);
	stemmer->is_eliding = len == 2 && (strncmp(language, "fr", 2) == 0 ||
					   strncmp(language, "it", 2) == 0 ||
					   strncmp(language, "ca", 2) == 0);
	for (size_t i = 0; i < sizeof snowballs / sizeof *snowballs; i++)
		if (len == 2 && strncmp(snowballs[i].code, language, 2) == 0)
			stemmer->snowball =
				sb_stemmer_new(snowballs[i].name, NULL);
	return stemmer;
}

static void
use_language(struct tokens *tokens, const char *language)
{
	if (!language)
		language = "";
	if (tokens->stemmer &&
	    strncmp(tokens->stemmer->language, language,
		    sizeof tokens->stemmer->language - 1) == 0)
		return;
	free_stemmer(tokens->stemmer);
	tokens->stemmer = new_stemmer(language);
}

bool
text_is_stop_word(const char *folded, const char *language)
{
	size_t n;
	const char *const *words = stopwords_of(language, &n);

	return is_among(folded, words, n);
}

enum kind { NO_WORD, LETTER, DIGIT };

static enum kind
kind_of(uint32_t c)
{
	if (c < 0x80) {
		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
			return LETTER;
		return c >= '0' && c <= '9' ? DIGIT : NO_WORD;
	}
	utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)c);
	if (category >= UTF8PROC_CATEGORY_LU &&
	    category <= UTF8PROC_CATEGORY_ME)
		return LETTER;
	return category >= UTF8PROC_CATEGORY_ND &&
			       category <= UTF8PROC_CATEGORY_NO
		       ? DIGIT
		       : NO_WORD;
}

/* Whether text[0] may stand inside a word: an apostrophe between letters, a
 * dot between digits. */
static bool
joins(const char *text, size_t len, enum kind before, bool is_eliding)
{
	uint32_t c;

	if (len < 2 || !((text[0] == '\'' && before == LETTER && !is_eliding) ||
			 (text[0] == '.' && before == DIGIT)))
		return false;
	utf8_decode(text + 1, len - 1, &c);
	return kind_of(c) == before;
}

/* The length of the word at the start of text, 0: there is none. */
static size_t
word_length(const char *text, size_t len, bool is_eliding, bool *has_digit_r)
{
	enum kind last = NO_WORD;
	size_t i = 0;

	*has_digit_r = false;
	while (i < len) {
		uint32_t c;
		size_t n = utf8_decode(text + i, len - i, &c);
		enum kind kind = kind_of(c);
		if (kind != NO_WORD)
			last = kind;
		else if (!joins(text + i, len - i, last, is_eliding))
			break;
		*has_digit_r |= kind == DIGIT;
		i += n;
	}
	return i;
}

/* Add the stem of a word to the text; apostrophes are left out of it, as many
 * people leave them out.  0, or -1. */
static int
add_term(struct tokens *tokens, struct token *token)
{
	struct buf *text = &tokens->text;
	const char *term = text->data + token->word;
	size_t len = token->word_len;
	struct sb_stemmer *snowball = tokens->stemmer->snowball;

	if (snowball && !token->is_number && len <= STEMMED_BYTES_MAX) {
		term = (const char *)sb_stemmer_stem(
			snowball, (const sb_symbol *)term, (int)len);
		if (!term)
			return -1;
		len = (size_t)sb_stemmer_length(snowball);
	}
	size_t start = text->len, offset = token->word;
	bool is_inside = term == text->data + offset;
	for (size_t i = 0; i < len;) {
		/* The text may move when it is added to. */
		const char *from = is_inside ? text->data + offset : term;
		char run[32];
		size_t n = 0;
		for (; i < len && n < sizeof run; i++)
			if (from[i] != '\'')
				run[n++] = from[i];
		buf_add(text, run, n);
	}
	token->term = (uint32_t)start;
	token->term_len = (uint32_t)(text->len - start);
	return buf_addc(text, '\0');
}

static int
add_token(struct tokens *tokens, size_t start, size_t len, bool has_digit)
{
	if (tokens->n == tokens->size) {
		size_t size = tokens->size ? 2 * tokens->size : 64;
		struct token *list = mem_array_grow(tokens->list, size,
						    sizeof *tokens->list);
		if (!list)
			return -1;
		tokens->list = list;
		tokens->size = size;
	}
	tokens->list[tokens->n++] = (struct token){
		.word = (uint32_t)start,
		.word_len = (uint32_t)len,
		.is_number = has_digit,
	};
	return 0;
}

/* Take the word or mark at i of the folded text.  Its length, at least 1, to
 * *len_r.  0, or -1. */
static int
take_word(struct tokens *tokens, size_t i, size_t end, size_t *len_r)
{
	const char *text = tokens->text.data + i;
	enum redact_kind kind;
	bool has_digit;
	uint32_t c;

	*len_r = redact_mark_length(text, end - i, &kind);
	if (*len_r > 0)
		return add_token(tokens, i + 1, strlen(redact_kind_name(kind)),
				 false);
	*len_r = word_length(text, end - i, tokens->stemmer->is_eliding,
			     &has_digit);
	if (*len_r > 0)
		return add_token(tokens, i, *len_r, has_digit);
	*len_r = utf8_decode(text, end - i, &c);
	return 0;
}

/* End each word where it stands, for what parted it from the next is no
 * longer needed, and give it its term. */
static int
finish_tokens(struct tokens *tokens)
{
	const struct text_stemmer *stemmer = tokens->stemmer;

	for (size_t i = 0; i < tokens->n; i++) {
		struct token *token = &tokens->list[i];
		char *word = tokens->text.data + token->word;
		word[token->word_len] = '\0';
		token->is_stop =
			is_among(word, stemmer->stops, stemmer->n_stops);
		if (add_term(tokens, token) < 0)
			return -1;
	}
	return 0;
}

int
tokens_split(struct tokens *tokens, const char *text, size_t len,
	     const char *language)
{
	size_t n;

	use_language(tokens, language);
	tokens->n = 0;
	buf_clear(&tokens->text);
	len = utf8_cut(text, len, TEXT_BYTES_MAX);
	if (text_fold(&tokens->text, text, len) < 0)
		return -1;
	size_t end = tokens->text.len;
	if (buf_addc(&tokens->text, '\0') < 0)
		return -1;
	for (size_t i = 0; i < end && tokens->n < TOKENS_MAX; i += n)
		if (take_word(tokens, i, end, &n) < 0)
			goto fail;
	if (finish_tokens(tokens) == 0)
		return 0;
fail:
	tokens->n = 0;
	return -1;
}

const char *
token_term(const struct tokens *tokens, size_t i)
{
	return tokens->text.data + tokens->list[i].term;
}

const char *
token_word(const struct tokens *tokens, size_t i)
{
	return tokens->text.data + tokens->list[i].word;
}

bool
tokens_have_term(const struct tokens *tokens, const char *term)
{
	for (size_t i = 0; i < tokens->n; i++)
		if (strcmp(token_term(tokens, i), term) == 0)
			return true;
	return false;
}
