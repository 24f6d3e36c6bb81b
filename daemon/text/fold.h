/* Folding: the one form in which texts are compared. */
#ifndef TEXT_FOLD_H
#define TEXT_FOLD_H

#include <stddef.h>
#include <stdint.h>

struct buf;

/* Add text to out folded: NFKC, case folded, diacritics kept, characters
 * without width or direction marks dropped, typographic quotes and dashes as
 * ASCII, runs of white space as one blank, none at the ends.  Any bytes may
 * come in, valid UTF-8 comes out.  0, or -1 when out is full. */
int text_fold(struct buf *out, const char *text, size_t len);

#endif
