/* In which language a text is, for those that customers of a desk may write
 * although it does not speak them. */
#ifndef TEXT_LANGUAGE_H
#define TEXT_LANGUAGE_H

#include <stddef.h>

/* The language (its code: "de") in which the whole text clearly is, other than
 * `own` (BCP 47), by the function words in it.  NULL: it may be in `own`, or
 * that is none of the languages that are known here, or the text is too short
 * or too mixed to say. */
const char *text_foreign_language(const char *text, size_t len,
				  const char *own);

#endif
