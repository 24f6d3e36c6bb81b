/* Any thread: nothing is kept. */
#include "text/writing.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define WORDS_MAX 128 /* of a sentence; what follows is not looked at */
#define SUBJECT_MAX 5 /* words between "your" and "has been" */

size_t
text_count_words(const char *text)
{
	static const char blanks[] = " \t\r\n";
	size_t n = 0;

	for (text += strspn(text, blanks); *text;
	     text += strspn(text, blanks), n++)
		text += strcspn(text, blanks);
	return n;
}

/* ---- Sentences */

struct word {
	const char *text;
	size_t len;
	bool is_after_comma;
};

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '\'' ||
	       (unsigned char)c >= 0x80;
}

/* The words of the sentence at *text, which moves behind it. */
static size_t
read_sentence(const char **text, struct word words[WORDS_MAX])
{
	const char *at = *text;
	bool is_after_comma = false;
	size_t n = 0;

	for (; *at && !strchr(".!?;:", *at); at++) {
		if (at[0] == '\n' && at[1] == '\n')
			break;
		is_after_comma |= *at == ',';
		if (!is_letter(*at))
			continue;
		const char *begin = at;
		while (is_letter(at[1]))
			at++;
		if (n < WORDS_MAX)
			words[n++] =
				(struct word){begin, (size_t)(at + 1 - begin),
					      is_after_comma};
		is_after_comma = false;
	}
	*text = *at ? at + 1 : at;
	return n;
}

/* Is the word one of those, parted by blanks? */
static bool
is_one_of(const struct word *word, const char *list)
{
	for (const char *at = list; *at; at += strspn(at, " ")) {
		size_t len = strcspn(at, " ");
		if (len == word->len && strncasecmp(at, word->text, len) == 0)
			return true;
		at += len;
	}
	return false;
}

/* ---- Claims */

static const char deeds[] =
	"approved blocked booked cancelled canceled changed closed completed "
	"corrected deleted executed filed frozen issued opened ordered "
	"processed refunded registered reimbursed released reported resolved "
	"reversed sent settled stopped submitted transferred unblocked updated";
static const char conditions[] =
	"after as because before how if once or since should that until "
	"unless when whenever where whether which while who";
static const char adverbs[] = "already also just now successfully therefore";

static size_t
skip_adverbs(const struct word *words, size_t n, size_t i)
{
	while (i < n && is_one_of(&words[i], adverbs))
		i++;
	return i;
}

static bool
is_deed(const struct word *words, size_t n, size_t i)
{
	i = skip_adverbs(words, n, i);
	return i < n && is_one_of(&words[i], deeds);
}

/* "I have blocked", "we've sent"; at the beginning "I blocked". */
static bool
is_own_deed(const struct word *words, size_t n, size_t i)
{
	if (is_one_of(&words[i], "I've we've"))
		return is_deed(words, n, i + 1);
	if (!is_one_of(&words[i], "I we"))
		return false;
	if (i + 1 < n && is_one_of(&words[i + 1], "have"))
		return is_deed(words, n, i + 2);
	return i == 0 && is_deed(words, n, 1);
}

/* "your card has been blocked", "your request was processed". */
static bool
is_deed_done(const struct word *words, size_t n, size_t i)
{
	if (!is_one_of(&words[i], "your"))
		return false;
	for (size_t at = i + 1; at < n && at <= i + SUBJECT_MAX; at++) {
		size_t been = skip_adverbs(words, n, at + 1);
		bool is_perfect = is_one_of(&words[at], "has have") &&
				  been < n && is_one_of(&words[been], "been");
		if (is_perfect && is_deed(words, n, been + 1))
			return true;
		if (is_one_of(&words[at], "was were") &&
		    is_deed(words, n, at + 1))
			return true;
	}
	return false;
}

/* Where in a sentence something is claimed, n if it is nowhere.  A condition
 * reaches up to the next comma. */
static size_t
find_claim(const struct word *words, size_t n)
{
	bool is_condition = false;

	for (size_t i = 0; i < n; i++) {
		if (words[i].is_after_comma)
			is_condition = false;
		is_condition |= is_one_of(&words[i], conditions);
		if (!is_condition &&
		    (is_own_deed(words, n, i) || is_deed_done(words, n, i)))
			return i;
	}
	return n;
}

/* The end of what was claimed: its deed. */
static const char *
claim_end(const struct word *words, size_t n, size_t i)
{
	while (i + 1 < n && !is_one_of(&words[i], deeds))
		i++;
	return words[i].text + words[i].len;
}

const char *
text_find_claim(const char *text, size_t *len_r)
{
	struct word words[WORDS_MAX];

	while (*text) {
		size_t n = read_sentence(&text, words);
		size_t i = find_claim(words, n);
		if (i == n)
			continue;
		*len_r = (size_t)(claim_end(words, n, i) - words[i].text);
		return words[i].text;
	}
	return NULL;
}

const char *
text_find_preamble(const char *text)
{
	static const char *const preambles[] = {
		"please note",	    "please be aware", "thank you for",
		"thanks for",	    "note that",       "we are sorry",
		"i am sorry",	    "we understand",   "i understand",
		"great question",   "good question",   "as mentioned",
		"in order to help",
	};

	for (size_t i = 0; i < sizeof preambles / sizeof *preambles; i++)
		if (strncasecmp(text, preambles[i], strlen(preambles[i])) == 0)
			return preambles[i];
	return NULL;
}
