/* Phrases: what people say, as a support lead writes it down.
 *
 *	lost|lose       one of these words, in any of their forms
 *	=lost           this form alone: not "lose", "losing"
 *	<card>          one of the words of the list `card`
 *	(my)            may be missing; also (my|our), (<card>)
 *	...             up to four other words, or none
 *	^  $            the sentence begins, ends here
 *	&               what stands before and behind it, in any order
 *
 * "lost|misplaced (<my>) ... card" finds "I have lost both of my cards". */
#ifndef NLU_PHRASE_H
#define NLU_PHRASE_H

#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"
#include "nlu/vocabulary.h"

struct err;
struct yaml;
struct yaml_file;
struct phrase_book;

#define PHRASE_NONE SIZE_MAX
#define PHRASE_WORDS_MAX 4096 /* of a text that is matched */

/* What a book is for.  Forward: where a phrase ends first; backward: where one
 * begins first; whole: whether a text is nothing else. */
enum phrase_use { PHRASE_FORWARD, PHRASE_BACKWARD, PHRASE_WHOLE };

/* Phrases that are looked for together.  lists is the map `words` of the file,
 * name -> words; NULL: none.  All are borrowed. */
struct phrase_book *phrase_book_new(struct arena *, struct vocabulary *,
				    enum phrase_use, const struct yaml *lists);

/* Add the phrase that a node says, under a number below phrase_book_owners().
 * 0, or -1 and *err with file and line. */
int phrase_book_add(struct phrase_book *, const struct yaml_file *,
		    const struct yaml *phrase, size_t owner, struct err *);
/* Add each phrase of a list. */
int phrase_book_add_list(struct phrase_book *, const struct yaml_file *,
			 const struct yaml *list, size_t owner, struct err *);
/* One more than the highest owner. */
size_t phrase_book_owners(const struct phrase_book *);

/* Look for all phrases in a sentence of n words.  first (one an owner) gets the
 * least number of words behind which a phrase of that owner ends (forward) or
 * before which one begins (backward); PHRASE_NONE: there is none.  A phrase
 * with '&' ends where the last of its parts does and begins with the first.
 * Time grows with n times the number of phrases. */
void phrase_book_match(const struct phrase_book *, const struct heard *words,
		       size_t n, size_t *first);

/* Is the text nothing but phrases, one behind the other?  The lowest owner
 * among them, in that division of the text where it is lowest; PHRASE_NONE:
 * it is not.  Books for PHRASE_WHOLE only; n is at most PHRASE_WHOLE_MAX, more
 * is never whole. */
#define PHRASE_WHOLE_MAX 24
size_t phrase_book_whole(const struct phrase_book *, const struct heard *words,
			 size_t n);

/* Check the map `words`: names and lists of single words.  0, or -1 and *err.
 */
int phrase_lists_check(const struct yaml_file *, const struct yaml *lists,
		       struct err *);

#endif
