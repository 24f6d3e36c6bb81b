/* Phrases from text.  Adding to a book belongs to one thread; who is done with
 * that may use it on any. */
#include "nlu/phrase.h"

#include <string.h>

#include "base/err.h"
#include "conf/yaml.h"
#include "nlu/phrase-book.h"

#define GAP_WORDS 4
#define PHRASES_MAX 4096
#define PARTS_MAX 100 /* between blanks */

/* A phrase while it is read, and what to say of it. */
struct reading {
	struct phrase_book *book;
	const struct yaml_file *file;
	const struct yaml *node;
	struct err *err;
	size_t owner;
	struct phrase phrase;
	bool has_word; /* one that may not be missing */
};

struct phrase_book *
phrase_book_new(struct arena *arena, struct vocabulary *vocabulary,
		enum phrase_use use, const struct yaml *lists)
{
	struct phrase_book *book = arena_new(arena, sizeof *book);

	book->arena = arena;
	book->vocabulary = vocabulary;
	book->use = use;
	book->lists = lists;
	return book;
}

size_t
phrase_book_owners(const struct phrase_book *book)
{
	return book->n_owners;
}

static int
refuse(struct reading *r, const char *words)
{
	return yaml_error(r->file, r->node, r->err, "the phrase '%.80s' %s",
			  r->node->text, words);
}

static void
add_posting(struct phrase_book *book, struct posting **list, uint64_t place)
{
	struct posting *posting = *list;

	/* The phrase that is being read is the last. */
	if (!posting || posting->phrase != book->n) {
		posting = arena_new(book->arena, sizeof *posting);
		posting->next = *list;
		posting->phrase = book->n;
		*list = posting;
	}
	posting->places |= place;
}

/* The list of postings of a word's number, which may be new. */
static struct posting **
postings_of(struct phrase_book *book, uint32_t number)
{
	if (number >= book->n_words) {
		uint32_t n = 2 * vocabulary_size(book->vocabulary);
		struct posting **grown =
			arena_array(book->arena, n, sizeof *grown);
		if (book->n_words > 0)
			memcpy(grown, book->by_word,
			       book->n_words * sizeof *grown);
		book->by_word = grown;
		book->n_words = n;
	}
	return &book->by_word[number];
}

static int
add_word(struct reading *r, const char *text, uint64_t place)
{
	struct err why = {0};
	bool is_exact = text[0] == '=';
	uint32_t number = 0;

	if (vocabulary_add(r->book->vocabulary, text + is_exact, is_exact,
			   &number, &why) < 0)
		return yaml_error(r->file, r->node, r->err,
				  "the phrase '%.80s': %s", r->node->text,
				  why.text);
	add_posting(r->book, postings_of(r->book, number), place);
	return 0;
}

static int
add_listed_words(struct reading *r, char *name, uint64_t place)
{
	size_t len = strlen(name);

	if (name[len - 1] != '>')
		return refuse(r, "has a '<' without its '>'");
	name[len - 1] = '\0';
	const struct yaml *list =
		r->book->lists ? yaml_get(r->book->lists, name + 1) : NULL;
	if (!list)
		return yaml_error(r->file, r->node, r->err,
				  "the phrase '%.80s' uses <%.40s>, but "
				  "'words' has no such list",
				  r->node->text, name + 1);
	yaml_each (word, list)
		if (add_word(r, word->text, place) < 0)
			return -1;
	return 0;
}

/* Words parted by '|' at one place; the text is cut up. */
static int
add_alternatives(struct reading *r, char *text, uint64_t place)
{
	while (text) {
		char *word = strsep(&text, "|");
		if (!word[0])
			return refuse(r, "has a '|' or brackets without a "
					 "word");
		int ret = word[0] == '<' ? add_listed_words(r, word, place)
					 : add_word(r, word, place);
		if (ret < 0)
			return -1;
	}
	return 0;
}

/* The bit of the next place; 0 and *err when there are too many. */
static uint64_t
next_place(struct reading *r)
{
	if (r->phrase.n_places == PHRASE_PLACES_MAX) {
		refuse(r, "is too long: 63 words, a gap counting as four");
		return 0;
	}
	return (uint64_t)1 << r->phrase.n_places++;
}

static int
add_gap(struct reading *r)
{
	for (int i = 0; i < GAP_WORDS; i++) {
		uint64_t place = next_place(r);
		if (!place)
			return -1;
		r->phrase.any |= place;
		r->phrase.optional |= place;
	}
	return 0;
}

static int
refuse_in_whole(struct reading *r)
{
	return refuse(r, "has '^', '$' or '&', which mean nothing here: a text "
			 "must be made of whole phrases");
}

static int
add_border(struct reading *r, enum border border)
{
	if (r->book->use == PHRASE_WHOLE)
		return refuse_in_whole(r);
	uint64_t place = next_place(r);
	if (!place)
		return -1;
	add_posting(r->book, &r->book->by_border[border], place);
	return 0;
}

/* One of the parts between blanks. */
static int
add_part(struct reading *r, char *part)
{
	size_t len = strlen(part);

	if (strcmp(part, "...") == 0)
		return add_gap(r);
	if (strcmp(part, "^") == 0)
		return add_border(r, BORDER_BEGIN);
	if (strcmp(part, "$") == 0)
		return add_border(r, BORDER_END);
	uint64_t place = next_place(r);
	if (!place)
		return -1;
	if (part[0] != '(') {
		r->has_word = true;
		return add_alternatives(r, part, place);
	}
	if (part[len - 1] != ')')
		return refuse(r, "has a '(' without its ')'");
	part[len - 1] = '\0';
	r->phrase.optional |= place;
	return add_alternatives(r, part + 1, place);
}

static void
keep_phrase(struct phrase_book *book, const struct phrase *phrase)
{
	if (book->n == book->size) {
		size_t size = book->size ? 2 * book->size : 64;
		struct phrase *grown =
			arena_array(book->arena, size, sizeof *grown);
		if (book->n > 0)
			memcpy(grown, book->phrases, book->n * sizeof *grown);
		book->phrases = grown;
		book->size = size;
	}
	book->phrases[book->n++] = *phrase;
	if (phrase->owner >= book->n_owners)
		book->n_owners = phrase->owner + 1;
}

/* The automaton of n parts, in the order in which the book is read. */
static int
add_automaton(struct reading *r, char **parts, size_t n, bool goes_on)
{
	r->phrase = (struct phrase){.owner = r->owner, .goes_on = goes_on};
	r->has_word = false;
	if (r->book->n == PHRASES_MAX)
		return yaml_error(r->file, r->node, r->err,
				  "more than %d phrases in one file",
				  PHRASES_MAX);
	bool is_backward = r->book->use == PHRASE_BACKWARD;
	for (size_t i = 0; i < n; i++)
		if (add_part(r, parts[is_backward ? n - 1 - i : i]) < 0)
			return -1;
	if (!r->has_word)
		return refuse(r, "needs no word at all: it would be found in "
				 "everything");
	r->phrase.start = phrase_pass_optional(&r->phrase, 1);
	keep_phrase(r->book, &r->phrase);
	return 0;
}

/* Cut text at blanks; how many parts, or -1 and *err. */
static int
cut_parts(struct reading *r, char *text, char **parts)
{
	int n = 0;

	for (char *part; (part = strsep(&text, " \t\n"));) {
		if (!part[0])
			continue;
		if (n == PARTS_MAX)
			return refuse(r, "is too long");
		parts[n++] = part;
	}
	return n;
}

int
phrase_book_add(struct phrase_book *book, const struct yaml_file *file,
		const struct yaml *node, size_t owner, struct err *err)
{
	struct reading r = {.book = book,
			    .file = file,
			    .node = node,
			    .err = err,
			    .owner = owner};
	char *parts[PARTS_MAX];

	if (node->kind != YAML_TEXT)
		return yaml_error(file, node, err, "a phrase must be a text");
	int n = cut_parts(&r, arena_strdup(book->arena, node->text), parts);
	for (int i = 0, first = 0; i <= n; i++) {
		if (i < n && strcmp(parts[i], "&") != 0)
			continue;
		if (i < n && book->use == PHRASE_WHOLE)
			return refuse_in_whole(&r);
		if (add_automaton(&r, parts + first, (size_t)(i - first),
				  i < n) < 0)
			return -1;
		first = i + 1;
	}
	return n < 0 ? -1 : 0;
}

int
phrase_book_add_list(struct phrase_book *book, const struct yaml_file *file,
		     const struct yaml *list, size_t owner, struct err *err)
{
	if (list->n == 0)
		return yaml_error(file, list, err, "'%s' has no phrase",
				  list->key);
	yaml_each (phrase, list)
		if (phrase_book_add(book, file, phrase, owner, err) < 0)
			return -1;
	return 0;
}

int
phrase_lists_check(const struct yaml_file *file, const struct yaml *lists,
		   struct err *err)
{
	if (lists->kind != YAML_MAP)
		return 0;
	yaml_each (list, lists) {
		if (list->kind != YAML_LIST || list->n == 0)
			return yaml_error(file, list, err,
					  "'%s' must be a list of words",
					  list->key);
		yaml_each (word, list)
			if (word->kind != YAML_TEXT || !word->text[0])
				return yaml_error(file, word, err,
						  "'%s' holds what is no word",
						  list->key);
	}
	return 0;
}
