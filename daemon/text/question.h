/* How questions hang together: with what was said before, and two in one
 * text. */
#ifndef TEXT_QUESTION_H
#define TEXT_QUESTION_H

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct tokens;

/* Does a text lack what it is about, as "and abroad?", "how much is it?" or
 * "how long does that take?" do?  tokens are those of the text, in that
 * language (BCP 47); of a language that is not known here no text does. */
bool text_is_elliptical(const struct tokens *, const char *language);

/* Does a text name nothing at all: "how much is it?", "and how long?" */
bool text_only_asks(const struct tokens *, const char *language);

/* Does a folded word only ask: how, what, when? */
bool text_is_question_word(const char *folded, const char *language);

/* The words of a text that asks nothing and only names what it is about, as
 * "cards" and "I want a loan of 5000" do: what is left without those that wish
 * for whatever it is, and numbers.  How many; 0: it asks something. */
size_t text_named_topic(const struct tokens *, const char *language,
			struct buf *words);

/* Is it a mark that parts what is said? */
bool text_is_mark(char);

/* Where a question begins behind the word at `from`: at a word that asks,
 * behind a comma, the end of a sentence, or a word of telling ("could you tell
 * me how ..."); len: nowhere, or the language is not known here. */
size_t text_next_question(const char *text, size_t len, const char *language,
			  size_t from);

/* Is there nothing but words that lead to a question ("could you please tell
 * me"), if any?  tokens are those of the text, in that language. */
bool text_leads_in(const struct tokens *, const char *language);

/* A part of a text: bytes from first to behind the last one. */
struct text_part {
	size_t begin, end;
	bool is_question; /* by its mark, or by the word it begins with */
};

/* Part a text where a sentence or a line ends, and before an "and" with a word
 * behind it that asks ("... and what does it cost?").  Of a language that is
 * not known here only sentences end.  At most max parts, the last of which then
 * has all the rest; returns how many. */
size_t text_split_questions(const char *text, size_t len, const char *language,
			    struct text_part *parts, size_t max);

#endif
