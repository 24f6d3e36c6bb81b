/* The pattern by hand: no expression to compile, and no way to make it slow.
 * Any thread: nothing is kept. */
#include "model/split.h"

#include <string.h>

#include "base/utf8.h"
#include "model/classes.h"

#define O CLASS_OTHER
#define S CLASS_SPACE
#define L CLASS_LETTER
#define N CLASS_NUMBER
static const unsigned char ascii[128] = {
	O, O, O, O, O, O, O, O, O, S, S, S, S, S, O, O, O, O, O, O, O, O,
	O, O, O, O, O, O, O, O, O, O, S, O, O, O, O, O, O, O, O, O, O, O,
	O, O, O, O, N, N, N, N, N, N, N, N, N, N, O, O, O, O, O, O, O, L,
	L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L,
	L, L, L, O, O, O, O, O, O, L, L, L, L, L, L, L, L, L, L, L, L, L,
	L, L, L, L, L, L, L, L, L, L, L, L, L, O, O, O, O, O,
};

/* The class of the character at the start of text, and its length. */
static enum class class_at(const char *text, size_t len, size_t *n_r) {
	unsigned char byte = (unsigned char)*text; uint32_t c;

	if (byte < 0x80){ *n_r = 1; return ascii[byte];}
*n_r = utf8_decode(text, len, &c);
return class_of(c);
}

/* Where the run of a class that goes on at i ends; *last_r is where its last
 * character begins. */
static size_t
run_end(const char *text, size_t len, size_t i, enum class class,
	size_t *last_r)
{
	size_t n;

	for (; i < len && class_at(text + i, len - i, &n) == class; i += n)
		*last_r = i;
	return i;
}

/* 0: none. */
static size_t
contraction(const char *text, size_t len)
{
	if (len >= 2 && text[1] && strchr("stmd", text[1]))
		return 2;
	if (len >= 3 &&
	    (memcmp(text + 1, "re", 2) == 0 || memcmp(text + 1, "ve", 2) == 0 ||
	     memcmp(text + 1, "ll", 2) == 0))
		return 3;
	return 0;
}

size_t
split_next(const char *text, size_t len)
{
	size_t n, last = 0;
	enum class class = class_at(text, len, &n);

	if (*text == '\'' && contraction(text, len))
		return contraction(text, len);
	if (*text == ' ' && len > 1) {
		size_t next;
		enum class behind = class_at(text + 1, len - 1, &next);
		if (behind != CLASS_SPACE)
			return run_end(text, len, 1 + next, behind, &last);
	}
	size_t end = run_end(text, len, n, class, &last);
	/* The last blank before a word belongs to the word, unless it is all.
	 */
	bool is_before_word = class == CLASS_SPACE && end < len && last > 0;
	return is_before_word ? last : end;
}
