/* smalltalk.yaml: greetings, thanks, and what is said to them.
 *
 *	words:          lists of words, <name> in phrases
 *	smalltalk:
 *	  - name: thanks
 *	    answer: You are welcome!
 *	    phrases:    nlu/phrase.h says how they are written; ^ and $ have no
 *	      - thanks|thx (a) (lot)                            meaning here
 *
 * A text is small talk when it is nothing but such phrases, one behind the
 * other.  Of several entries the one that stands first in the file answers. */
#ifndef NLU_SMALLTALK_H
#define NLU_SMALLTALK_H

struct err;
struct pack;
struct yaml_file;

/* Sets pack->smalltalk.  0, or -1 and *err with file and line. */
int smalltalk_read(struct pack *, const struct yaml_file *, struct err *);

#endif
