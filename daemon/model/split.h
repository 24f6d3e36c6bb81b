/* Splitting text into the pieces that are encoded one by one. */
#ifndef MODEL_SPLIT_H
#define MODEL_SPLIT_H

#include <stddef.h>

/* The length of the piece at the start of text (well-formed UTF-8, len at
 * least 1), by GPT-2's pattern, tried in this order:
 *
 *   's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
 *
 * (openai/gpt-2 src/encoder.py).  Each byte is looked at twice at most. */
size_t split_next(const char *text, size_t len);

#endif
