/* triggers.yaml: what hands over at once.
 *
 *	words:          lists of words, <name> in phrases
 *	  my: [my, our]
 *	unless:         sets of phrases
 *	  hypothetical:
 *	    - what if
 *	denials:        the same, of which each holds for its own clause
 *	  denied:
 *	    - not|never lost|stolen
 *	clauses: [but]  words that begin a clause, as what is behind a comma
 *	spelt_right:    words that are near one of a phrase but mean themselves
 *	  - window
 *	triggers:
 *	  - name: card_lost
 *	    priority: 80        of several that fire the highest wins
 *	    answer: ...         first aid, CommonMark with {{facts}}
 *	    form: card_lost     is asked while the customer waits
 *	    rules:
 *	      - phrases:        nlu/phrase.h says how they are written
 *	          - lost|misplaced <my> ... card
 *	        unless: [hypothetical, denied]
 *	        beside: true        heard as well where something graver fires
 *
 * Sentences are looked at one by one.  A rule fires when one of its phrases has
 * been said in full before any phrase of its `unless` begins: "I lost my card,
 * what if somebody uses it?" fires, "what if I lost my card?" does not.  What
 * is denied holds for its clause: "I did not lose it, it was stolen" fires. */
#ifndef NLU_TRIGGER_H
#define NLU_TRIGGER_H

struct err;
struct pack;
struct yaml_file;

/* Sets pack->triggers.  0, or -1 and *err with file and line. */
int triggers_read(struct pack *, const struct yaml_file *, struct err *);

#endif
