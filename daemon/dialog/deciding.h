/* The parts of one decision, for the files of turn.h. */
#ifndef DIALOG_DECIDING_H
#define DIALOG_DECIDING_H

#include <jansson.h>

#include "base/buf.h"
#include "base/mem.h"
#include "dialog/find.h"
#include "dialog/knowledge.h"
#include "dialog/memory.h"
#include "dialog/turn.h"
#include "faq/index.h"
#include "nlu/pack.h"

#define CANDIDATES_MAX 50
#define REPLY_MAX_BYTES (64 * 1024)

/* Options of a reply: an entry or a form by name, a person, none of the
 * entries, or the bot again. */
#define OPTION_ENTRY "faq:"
#define OPTION_FORM "form:"
#define OPTION_PERSON "person"
#define OPTION_NONE "none"
#define OPTION_BOT "bot"

/* No option of a reply: "yes" to more entries than one. */
#define OPTION_WHICH "which"

#define ANSWERS_MAX 2 /* of one turn */

/* What was searched, and what was found. */
struct search {
	const char *text; /* NULL: nothing was */
	const char *own;  /* part of it: the question as it stands */
	const char *with; /* the topic's words behind that, or NULL */
	struct intents intents;
	struct candidate candidates[CANDIDATES_MAX];
	size_t n;	   /* that count */
	size_t n_found;	   /* with those behind them */
	double confidence; /* in the first */
};

struct deciding {
	const struct turn_input *in;
	struct arena *arena;
	struct turn_result *out;
	struct memory memory;
	const char *question; /* the customer's words, joined */
	/* Nothing looks at them: they may be what crashed us. */
	bool is_unread;
	const char *chosen; /* option, however he chose it; NULL: none */
	const struct smalltalk *smalltalk; /* all he said is this, or NULL */
	struct memory before;		   /* as it was when the turn began */
	/* What was found for each question that is answered; the first alone,
	 * if none is. */
	struct search searches[ANSWERS_MAX];
	const struct index_entry *answers[ANSWERS_MAX];
	size_t n_answers;
	struct buf body; /* CommonMark for the customer */
	bool has_replied;
	bool may_leave; /* he waits, and the reply says that he need not */
	json_t *options, *sources; /* arrays */
	struct form_run *form;	   /* form_parts.h; NULL: none had a part */
};

/* answer.c */

/* To words that are no trigger, and that nobody else answers. */
void answer_customer(struct deciding *);
/* One more turn has failed, with the bot: is there anything left to say? false:
 * it was one too many, and a person comes. */
bool answer_failed(struct deciding *);
/* Add an entry's approved answer to those that the turn gives, as it stands. */
void answer_add(struct deciding *, const struct index_entry *);
/* All answers were added: what became of the turn by them. */
void answer_end(struct deciding *, const char *rule, double confidence);

#define NEAR_MAX 3 /* entries that are offered at once */

/* two.c */

/* Two questions, each of which has its own answer for certain: both are given.
 * false, and nothing is: it is one. */
bool answer_two(struct deciding *);
/* Of two questions that are not both certain, what each of them may mean; how
 * many, which is both or none. */
size_t two_entries(const struct deciding *,
		   const struct index_entry *list[NEAR_MAX]);

/* look_up.c */

/* Search for a question by its own words, and if these are not enough and it
 * leaves out what it is about, with those of the topic. */
void look_up(const struct deciding *, const char *question,
	     const struct topic *, struct search *out);
/* The best one, when it is as certain as that; or NULL. */
const struct index_entry *found_entry(const struct deciding *,
				      const struct search *, double confidence);
/* Those that may as well be meant as the best one, best first. */
size_t near_entries(const struct deciding *, const struct search *,
		    const struct index_entry *list[NEAR_MAX]);

/* topic.c */

/* What the conversation is about once that entry was given. */
struct topic topic_of(const struct deciding *, const struct index_entry *);
void topic_drop(struct topic *);
/* One turn more; a topic that is too old is dropped. */
void topic_age(struct deciding *);
/* What to search for when a question leaves out what it is about; NULL: it does
 * not, or there is no topic. */
const char *topic_with(const struct deciding *, const struct topic *,
		       const char *question);
/* Does a question that leaves it out say nothing else: "how long?" */
bool topic_is_all(const struct deciding *, const char *question);

/* Entries about what the customer names without asking anything ("cards", "I
 * want a loan"), best first; how many. */
size_t topic_entries(const struct deciding *,
		     const struct index_entry *list[NEAR_MAX]);

/* Answer with the entry that the question is surely about.  false, and nothing
 * is said: there is none. */
bool answer_if_sure(struct deciding *);

/* choose.c */

/* The entry of that name that is valid now; NULL: there is none. */
const struct index_entry *entry_in_force(const struct deciding *,
					 const char *name);
/* The entry that an option stands for; NULL: it is none, or is over. */
const struct index_entry *entry_of_option(const struct deciding *,
					  const char *option);
bool was_offered(const struct memory *, const char *option);
/* Which of those on the screen "2", "(2)" or "2." is; NULL: it is none. */
const char *option_by_number(const struct memory *, const char *text);

/* The entries among the options of the last reply that are in force; how many.
 */
size_t entries_offered(const struct deciding *,
		       const struct index_entry *list[OFFERED_MAX]);

/* The newest choice among the messages, or what the words say of the options
 * of the last reply; NULL: none was made. */
const char *choose_option(const struct deciding *);
/* Is that what he chose? */
bool is_chosen(const struct deciding *, const char *option);

/* compose.c */

/* Any approved text with its run-time name filled in. */
const char *compose_filled(struct deciding *, const char *text,
			   const char *value);
/* The pack's text with its run-time name, if any, filled in. */
const char *compose_text(struct deciding *, enum pack_text, const char *value);
/* The text when it has at most that many bytes; else as many of its characters
 * as fit, and "..." behind them. */
const char *compose_cut(struct deciding *, const char *text, size_t max_bytes);
/* Add a paragraph to the body. */
void compose_paragraph(struct deciding *, const char *text);
/* The id must live as long as the decision. */
void compose_option(struct deciding *, const char *id, const char *label);
/* The same, but of those that only a click or its number means: "yes" is an
 * answer to something else. */
void compose_button(struct deciding *, const char *id, const char *label);
/* Take all options back. */
void compose_no_options(struct deciding *);
/* Make the body the customer's reply: what every reply carries besides (who
 * answers, what was masked) is put around it. */
void compose_reply(struct deciding *);
/* A reply of that job to a plugin; target "" is the customer's channel.  The
 * text may have parts that were said to us (said_mark()). */
void compose_row(struct deciding *, const char *target, const char *job,
		 const char *kind, const char *author, const char *text);

/* call_back.c */

/* Keep a telephone number that he who waits has left for the person, and say so
 * in the reply: one where he asks to be called and, if it may be bare, one that
 * is all that a message says.  Any other may be anybody's.  false: there is
 * none in his words. */
bool call_back_take(struct deciding *, bool may_be_bare);
/* Do his messages say nothing else? */
bool call_back_is_all(const struct deciding *);

/* card.c */

/* What an agent is told on the card of a conversation besides the customer's
 * words, CommonMark. */
const char *card_compose(struct deciding *);

/* handover.c */

/* To a person: first_aid, if any, is said at once. */
void handover_begin(struct deciding *, const char *reason, const char *actor,
		    const char *first_aid);
/* The customer wrote while he waits for a person, or has one: his words go to
 * the desk. */
void handover_forward(struct deciding *);
void handover_change(struct deciding *, enum conversation_state to,
		     const char *reason, const char *actor);
/* Has a person the conversation who can still be reached? */
bool handover_has_person(const struct deciding *);
/* The person is gone: the customer waits again, at his old place in the queue,
 * and customer and desk are told. */
void handover_lose_person(struct deciding *, const char *reason);
/* The same, or what is due to who waits, where that cannot be composed: nothing
 * is due any more, and the desk has its card with the customer's next words. */
void handover_give_up(struct deciding *, const char *reason);
/* What a customer is told whom nobody can take now, and what follows for when
 * somebody may come; NULL: somebody may come at any moment. */
const char *handover_absence(struct deciding *);
/* A notice for the customer, and for the desk the card's new state, and who has
 * the conversation now ("": nobody). */
void handover_tell_both(struct deciding *, const char *text,
			const char *person);
/* Add to the reply that he still waits, and need not. */
void handover_add_waiting(struct deciding *);
/* Does he, who waits, want to go on with the bot? */
bool handover_is_unwanted(const struct deciding *);
void handover_leave(struct deciding *);
/* He left a number, if he did; false: nothing is decided by that, though it may
 * be noted beside an answer to the form that is open. */
bool handover_take_number(struct deciding *);

/* private.c */

/* Are both for the author of the first alone, or neither for anybody? */
bool private_is_same(const struct message *, const struct message *);
/* Others read along, and what was decided would have the customer tell what
 * concerns him alone: a form, or a person who comes? */
bool private_is_due(const struct deciding *);
/* Take that back: the messages of the turn go on in the conversation with him
 * alone, and here he is told so. */
void private_go_on(struct deciding *);

/* handover_act.c */

/* An agent, or a timer, acts. */
bool handover_is_action(const struct message *);
void handover_act(struct deciding *, const struct message *);

/* record.c */

/* The decision record, once everything else is decided. */
const char *record_write(const struct deciding *);

#endif
