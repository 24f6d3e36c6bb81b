/* The nearest known name for one that is not known.  Any thread. */
#include <ctype.h>
#include <string.h>

#include "conf/yaml.h"

/* Longer words are nobody's slip of a finger, and cost time. */
#define WORD_MAX 64

/* Case and the kind of dash are no difference worth a point. */
static char
fold(char c)
{
	return c == '-' ? '_' : (char)tolower((unsigned char)c);
}

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* The edit distance of a and b, both at most WORD_MAX long: insert, delete or
 * change a letter, or swap two neighbours (optimal string alignment). */
static size_t
distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t rows[3][WORD_MAX + 1];
	size_t *above = rows[0], *row = rows[1], *before_above = rows[2];

	for (size_t j = 0; j <= b_len; j++)
		row[j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		size_t *spare = before_above;
		before_above = above;
		above = row;
		row = spare;
		row[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			char x = fold(a[i - 1]), y = fold(b[j - 1]);
			row[j] = least(above[j - 1] + (x != y),
				       least(above[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && x == fold(b[j - 2]) &&
			    y == fold(a[i - 2]))
				row[j] = least(row[j], before_above[j - 2] + 1);
		}
	}
	return row[b_len];
}

const char *
conf_nearest(const char *word, const char *const *names, size_t n)
{
	size_t len = strlen(word);
	size_t best = len / 3 + 1;
	const char *nearest = NULL;

	if (len > WORD_MAX)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		size_t name_len = strlen(names[i]);
		if (name_len > WORD_MAX)
			continue;
		size_t d = distance(word, len, names[i], name_len);
		if (d < best) {
			best = d;
			nearest = names[i];
		}
	}
	return nearest;
}
