/* Names made of questions.  Any thread: nothing is kept. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/crypto.h"
#include "base/utf8.h"
#include "faq/entry.h"

#define WORDS_MAX 60 /* bytes of words; behind them there may be a hash */
#define HASH_DIGITS 8

/* U+00C0 to U+017F as letters without marks; ' ': it is no letter. */
static const char plain[] = "aaaaaaaceeeeiiiidnooooo ouuuuyts"
			    "aaaaaaaceeeeiiiidnooooo ouuuuyty"
			    "aaaaaaccccccccddddeeeeeeeeeegggg"
			    "gggghhhhiiiiiiiiiiiijjkkklllllll"
			    "lllnnnnnnnnnoooooooorrrrrrssssss"
			    "ssttttttuuuuuuuuuuuuwwyyyzzzzzzs";
_Static_assert(sizeof plain == 0x180 - 0xC0 + 1, "a letter for each");

enum kind { LETTER, BREAK, SIGN };

/* What a character is in a name; *letter_r for LETTER. */
static enum kind
kind_of(uint32_t c, char *letter_r)
{
	*letter_r = ' ';
	if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
		*letter_r = (char)c;
	else if (c >= 'A' && c <= 'Z')
		*letter_r = (char)(c - 'A' + 'a');
	else if (c >= 0xC0 && c < 0x180)
		*letter_r = plain[c - 0xC0];
	if (*letter_r != ' ')
		return LETTER;
	if (c < 0x80 && strchr(" \t\n'\",.:;!?()/-", (int)c))
		return BREAK;
	/* Typographic quotes and dashes, and a full stop of three dots. */
	if ((c >= 0x2010 && c <= 0x201F) || c == 0x2026 || c == 0xA0)
		return BREAK;
	return SIGN;
}

/* The words of the question that have room, joined by '-'; false if something
 * is missing that may tell it from another. */
static bool
write_words(const char *question, char *out, size_t *len_r)
{
	size_t left = strlen(question), len = 0, word = 0;
	bool is_whole = true, is_broken = false;
	uint32_t c;

	for (size_t n; left > 0; question += n, left -= n) {
		char letter;
		n = utf8_decode(question, left, &c);
		enum kind kind = kind_of(c, &letter);
		is_whole &= kind != SIGN;
		if (kind != LETTER) {
			is_broken = len > 0;
			continue;
		}
		if (len + is_broken >= WORDS_MAX) {
			*len_r = word > 0 && !is_broken ? word : len;
			return false;
		}
		if (is_broken) {
			word = len;
			out[len++] = '-';
		}
		out[len++] = letter;
		is_broken = false;
	}
	*len_r = len;
	return is_whole;
}

void
entry_name(const char *question, char out[KNOWLEDGE_NAME_MAX + 1])
{
	char hash[SHA256_HEX_SIZE];
	size_t len;

	bool is_whole = write_words(question, out, &len);
	out[len] = '\0';
	if (is_whole && len > 0)
		return;
	crypto_sha256_hex(question, strlen(question), hash);
	snprintf(out + len, KNOWLEDGE_NAME_MAX + 1 - len, "%s-%.*s",
		 len ? "" : "q", HASH_DIGITS, hash);
}
