/* Reference numbers of cases, as customers read them out: "7KM3Q-X9D2T-H".
 *
 * Ten characters of an alphabet without what looks alike (0 O, 1 I L), and one
 * that checks them: a single wrong character, and two that changed places, are
 * always found.  Where a conversation has had 65,536 turns, five more stand
 * before that one: "98SF7-YJSUS-22223-P". */
#ifndef TEXT_REFERENCE_H
#define TEXT_REFERENCE_H

#include <stddef.h>
#include <stdint.h>

#define REFERENCE_SIZE 20 /* of the longer ones, with its NUL */

/* The reference of what a conversation's turn made: the same for the same two
 * numbers, and no two alike (below 12 * 10^9 conversations).
 * It looks random, but is no secret. */
const char *case_reference(int64_t conversation_id, int turn,
			   char out[REFERENCE_SIZE]);

/* Write what somebody typed (small letters, other marks or none between) as a
 * reference.  NULL: it is none, or a character is wrong. */
const char *reference_read(const char *text, char out[REFERENCE_SIZE]);

#endif
