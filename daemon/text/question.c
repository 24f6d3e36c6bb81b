/* Any thread: nothing changes. */
#include "text/question.h"

#include <string.h>

#include "text/tokens.h"

/* Who leaves the subject out writes no more words than these, and so many that
 * mean something beside a word that points back. */
#define ELLIPTICAL_WORDS_MAX 12
#define ELLIPTICAL_CONTENT_MAX 2
/* A text that is only "in another currency" hangs on what was said before. */
#define SCRAP_WORDS_MAX 4

#define WORD_BYTES_MAX 32 /* no word of the tables is longer */

/* Words by what they do, each list ended by NULL. */
struct language {
	const char *code;
	const char *const *asking;   /* how, what: they ask for something */
	const char *const *opening;  /* does, can: a question may begin so */
	const char *const *joining;  /* and */
	const char *const *pointing; /* it, that: back to what was said */
	const char *const *leading;  /* and, also: a text that goes on */
	const char *const *placing;  /* for, with: a scrap may begin so */
	const char *const *vague;    /* cost, take: said of anything */
	const char *const *polite;   /* may stand before a question */
	const char *const *telling;  /* tell, know: a question may follow */
	const char *const *courtly;  /* kindly, grateful: around a telling */
	const char *const *naming;   /* if: it follows so */
	const char *const *wishing;  /* get, have: of whatever is named */
};

static const struct language languages[] = {{
	.code = "en",
	.asking =
		(const char *const[]){"how", "what", "what's", "whats", "when",
				      "where", "where's", "which", "who",
				      "whom", "whose", "why", "how's", NULL},
	.opening = (const char *const[]){"am", "are", "can", "could", "did",
					 "do", "does", "has", "have", "is",
					 "may", "must", "shall", "should",
					 "was", "will", "would", NULL},
	.joining = (const char *const[]){"and", NULL},
	.pointing = (const char *const[]){"he",	    "he's",  "her",	"him",
					  "it",	    "it's",  "its",	"one",
					  "ones",   "she",   "she's",	"that",
					  "that's", "thats", "them",	"there",
					  "these",  "they",  "they're", "this",
					  "those",  NULL},
	.leading = (const char *const[]){"also", "and", "but", "or", "then",
					 "so", NULL},
	.placing = (const char *const[]){"about",   "after", "as",     "at",
					 "before",  "by",    "during", "for",
					 "from",    "if",    "in",     "on",
					 "since",   "till",  "to",     "under",
					 "until",   "up",    "with",   "within",
					 "without", NULL},
	.vague =
		(const char *const[]){
			"about",     "anything",   "cost",	"costs",
			"different", "everything", "expensive", "extra",
			"fast",	     "free",	   "happen",	"happens",
			"long",	     "many",	   "much",	"need",
			"needed",    "often",	   "possible",	"quickly",
			"same",	     "something",  "soon",	"take",
			"takes",     "work",	   "works",	NULL},
	.polite = (const char *const[]){"also", "and", "but", "dear", "hello",
					"hey", "hi", "ok", "okay", "please",
					"so", "well", NULL},
	.telling =
		(const char *const[]){
			"advise",     "another", "ask",	 "asking", "clarify",
			"different",  "explain", "help", "hope",   "idea",
			"inform",     "know",	 "me",	 "need",   "question",
			"quick",      "say",	 "show", "tell",   "thing",
			"understand", "us",	 "want", "wonder", "wondering",
			NULL},
	.courtly = (const char *const[]){"appreciate", "bother",  "curious",
					 "exactly",    "glad",	  "good",
					 "grateful",   "happy",	  "kindly",
					 "letting",    "madam",	  "maybe",
					 "mind",       "perhaps", "possibly",
					 "silly",      "sir",	  "stupid",
					 "telling",    "trying",  "wanted",
					 "wish",       NULL},
	.naming = (const char *const[]){"if", "whether", NULL},
	.wishing =
		(const char *const[]){
			"enquire",    "enquiry",   "get",     "got",
			"have",	      "info",	   "inquiry", "information",
			"interested", "issue",	   "like",    "looking",
			"problem",    "problems",  "query",   "questions",
			"regarding",  "something", "stuff",   "talk",
			"topic",      "trouble",   "wanna",   NULL},
}};

static const struct language *
find_language(const char *code)
{
	size_t len = strcspn(code, "-_");

	for (size_t i = 0; i < sizeof languages / sizeof *languages; i++)
		if (strlen(languages[i].code) == len &&
		    strncmp(languages[i].code, code, len) == 0)
			return &languages[i];
	return NULL;
}

static bool
has(const char *const *list, const char *word)
{
	for (; *list; list++)
		if (strcmp(*list, word) == 0)
			return true;
	return false;
}

bool
text_is_question_word(const char *folded, const char *language)
{
	const struct language *l = find_language(language);

	return l && has(l->asking, folded);
}

/* ---- What is left out */

struct weighed {
	int content, pointing, asking;
};

static struct weighed
weigh(const struct language *l, const struct tokens *tokens)
{
	struct weighed sum = {0};

	for (size_t i = 0; i < tokens->n; i++) {
		const char *word = token_word(tokens, i);
		if (has(l->pointing, word))
			sum.pointing++;
		else if (has(l->asking, word) || has(l->vague, word))
			sum.asking++;
		else if (!tokens->list[i].is_stop)
			sum.content++;
	}
	return sum;
}

bool
text_only_asks(const struct tokens *tokens, const char *language)
{
	const struct language *l = find_language(language);
	struct weighed sum = {0};

	if (l)
		sum = weigh(l, tokens);
	return !sum.content && sum.asking;
}

size_t
text_named_topic(const struct tokens *tokens, const char *language,
		 struct buf *words)
{
	const struct language *l = find_language(language);
	bool is_begun = false;
	size_t n = 0;

	for (size_t i = 0; l && i < tokens->n; i++) {
		const char *word = token_word(tokens, i);
		if (has(l->asking, word) ||
		    (!is_begun && has(l->opening, word)))
			return 0;
		is_begun |= !has(l->polite, word);
		if (tokens->list[i].is_stop || tokens->list[i].is_number ||
		    has(l->polite, word) || has(l->telling, word) ||
		    has(l->wishing, word))
			continue;
		buf_addf(words, "%s%s", n ? " " : "", word);
		n++;
	}
	return n;
}

/* "What about abroad", "and for a joint account", "with a card". */
static bool
goes_on(const struct language *l, const struct tokens *tokens)
{
	const char *first = token_word(tokens, 0);

	if (has(l->leading, first))
		return true;
	if (tokens->n <= SCRAP_WORDS_MAX && has(l->placing, first))
		return true;
	return tokens->n > 1 && has(l->asking, first) &&
	       strcmp(token_word(tokens, 1), "about") == 0;
}

bool
text_is_elliptical(const struct tokens *tokens, const char *language)
{
	const struct language *l = find_language(language);

	if (!l || !tokens->n || tokens->n > ELLIPTICAL_WORDS_MAX)
		return false;
	struct weighed sum = weigh(l, tokens);
	if (!sum.content)
		return sum.asking || sum.pointing;
	return goes_on(l, tokens) ||
	       (sum.pointing && sum.content <= ELLIPTICAL_CONTENT_MAX);
}

/* ---- Two in one text */

static bool
is_word_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '\'' || (unsigned char)c >= 0x80;
}

/* The word that begins at or behind `at`, in small letters; where it ends.  ""
 * when there is none, or none as short as those of the tables. */
static size_t
next_word(const char *text, size_t len, size_t at, char word[WORD_BYTES_MAX])
{
	size_t n = 0;

	while (at < len && !is_word_byte(text[at]))
		at++;
	for (; at < len && is_word_byte(text[at]); at++, n++) {
		char c = text[at];
		if (n < WORD_BYTES_MAX - 1)
			word[n] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
	}
	word[n < WORD_BYTES_MAX ? n : 0] = '\0';
	return at;
}

static bool
begins_question(const struct language *l, const char *text, size_t len,
		size_t at)
{
	char word[WORD_BYTES_MAX];

	do {
		at = next_word(text, len, at, word);
	} while (l && has(l->polite, word));
	return l && (has(l->asking, word) || has(l->opening, word));
}

static bool
ends_sentence(const char *text, size_t len, size_t at)
{
	char c = text[at];

	if (c == '\n')
		return true;
	return (c == '?' || c == '!' || c == '.' || c == ';') &&
	       (at + 1 == len || text[at + 1] == ' ' || text[at + 1] == '\n');
}

bool
text_is_mark(char c)
{
	return memchr(".,:;!?\n", c, 7);
}

/* Is something else between the words that end and begin there? */
static bool
is_parted(const char *text, size_t end, size_t begin)
{
	for (; end < begin; end++)
		if (text_is_mark(text[end]))
			return true;
	return false;
}

/* Does a question begin with the word at `at`, behind the one before? */
static bool
begins_behind(const struct language *l, const char *text, size_t len, size_t at,
	      const char *before, bool is_new)
{
	char word[WORD_BYTES_MAX], next[WORD_BYTES_MAX];
	size_t end = next_word(text, len, at, word);

	if (has(l->naming, word))
		return has(l->telling, before) || has(l->courtly, before);
	if (!has(l->asking, word))
		return is_new && has(l->opening, word);
	next_word(text, len, end, next);
	return is_new || has(l->telling, before) ||
	       (has(l->opening, next) && !has(l->leading, before));
}

size_t
text_next_question(const char *text, size_t len, const char *language,
		   size_t from)
{
	const struct language *l = find_language(language);
	char before[WORD_BYTES_MAX], word[WORD_BYTES_MAX];
	size_t end = l ? next_word(text, len, from, before) : len;
	size_t n_words = from ? 2 : 1;

	while (end < len) {
		size_t at = end;
		while (at < len && !is_word_byte(text[at]))
			at++;
		/* "..., but is there": not where "and can I" goes on. */
		bool is_new = is_parted(text, end, at) ||
			      (n_words > 1 && has(l->polite, before));
		if (at < len && begins_behind(l, text, len, at, before, is_new))
			return at;
		n_words++;
		end = next_word(text, len, at, word);
		memcpy(before, word, sizeof before);
	}
	return len;
}

bool
text_leads_in(const struct tokens *tokens, const char *language)
{
	const struct language *l = find_language(language);

	for (size_t i = 0; l && i < tokens->n; i++) {
		const char *word = token_word(tokens, i);
		if (!tokens->list[i].is_stop && !has(l->polite, word) &&
		    !has(l->telling, word) && !has(l->courtly, word))
			return false;
	}
	return l;
}

/* Where the part that begins at `begin` ends; behind what parts it from the
 * next one to *next_r. */
static size_t
part_end(const struct language *l, const char *text, size_t len, size_t begin,
	 size_t *next_r)
{
	char word[WORD_BYTES_MAX];

	for (size_t at = begin; at < len; at++) {
		if (ends_sentence(text, len, at))
			return *next_r = at + 1;
		if (!l || at == begin || !is_word_byte(text[at]) ||
		    is_word_byte(text[at - 1]))
			continue;
		size_t behind = next_word(text, len, at, word);
		if (!has(l->joining, word))
			continue;
		next_word(text, len, behind, word);
		if (!has(l->asking, word) && !has(l->opening, word))
			continue;
		*next_r = behind;
		return at;
	}
	return *next_r = len;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool
has_word(const char *text, size_t begin, size_t end)
{
	while (begin < end && !is_word_byte(text[begin]))
		begin++;
	return begin < end;
}

size_t
text_split_questions(const char *text, size_t len, const char *language,
		     struct text_part *parts, size_t max)
{
	const struct language *l = find_language(language);
	size_t n = 0, next;

	for (size_t begin = 0; begin < len && n < max; begin = next) {
		size_t end = part_end(l, text, len, begin, &next);
		if (n + 1 == max)
			end = next = len;
		if (!has_word(text, begin, end))
			continue;
		while (is_blank(text[end - 1]))
			end--;
		parts[n++] = (struct text_part){
			.begin = begin,
			.end = end,
			.is_question = text[end - 1] == '?' ||
				       begins_question(l, text, end, begin),
		};
	}
	return n;
}
