/* Classes of characters, by which the tokenizer splits. */
#ifndef MODEL_CLASSES_H
#define MODEL_CLASSES_H

#include <stddef.h>
#include <stdint.h>

/* \p{L}, \p{N}, \s and the rest, of Unicode 17.  \s is White_Space, as in the
 * Python package `regex`: without U+001C to U+001F, which others add. */
enum class { CLASS_OTHER, CLASS_SPACE, CLASS_LETTER, CLASS_NUMBER };

/* Of a character that is one. */
enum class class_of(uint32_t c);

/* Letters and numbers, in order. */
struct class_range {
	uint32_t first, last;
	enum class class;
};
extern const struct class_range class_ranges[];
extern const size_t class_n_ranges;

#endif
