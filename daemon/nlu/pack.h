/* A desk pack: the directory of YAML in which a bank says what its desk knows
 * and how it speaks.
 *
 *	pack.yaml       name, language, title, and what customers see first
 *	facts.yaml      what differs between desks
 *	entities.yaml   currency, dates, telephone and the desk's own numbers
 *	texts.yaml      what the bot says of itself: greeting, handover, ...
 *	intents.yaml    intents with example utterances
 *	forms.yaml      questions that the bot asks for a person to read
 *	triggers.yaml   what hands over at once, with first-aid texts; one is
 *	                named "human"
 *	smalltalk.yaml  greetings, thanks, and what is said to them
 *	hours.yaml      when people answer
 *	faq/NAME.yaml   entries (read by the faq layer)
 *
 * A pack is read once, then only read, by any number of threads at a time. */
#ifndef NLU_PACK_H
#define NLU_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/crypto.h"
#include "conf/facts.h"

struct entity_rules;
struct err;

/* What the bot says where no entry answers: every text a pack must have. */
enum pack_text {
	TEXT_DISCLOSURE,   /* first reply: an automated assistant, how to reach
			    * a person */
	TEXT_OUT_OF_SCOPE, /* nothing we know is about that */
	TEXT_FOREIGN_LANGUAGE, /* the desk does not speak what he wrote */
	TEXT_ASK,	       /* say it in other words */
	TEXT_ASK_ABOUT,	   /* the same, with {{topic}}, the nearest question */
	TEXT_OFFER_PERSON, /* behind the second failed turn */
	TEXT_HANDOVER,	 /* a person will come: what is passed on, what next */
	TEXT_WAITING,	 /* wrote again while waiting */
	TEXT_CLAIMED,	 /* {{agent}} is here now */
	TEXT_UNCLAIMED,	 /* nobody came in time: when and how we answer */
	TEXT_RETURNED,	 /* back with the assistant */
	TEXT_CLOSED,	 /* the person closed the conversation */
	TEXT_REDACTED,	 /* {{kinds}} was removed from your message */
	TEXT_UNREADABLE, /* a message without words, or only attachments */
	TEXT_CRASHED,	 /* we could not handle it; a person looks at it */
	TEXT_PERSON_BUTTON, /* what the button that asks for one says */
	TEXT_OUT_OF_HOURS,  /* nobody answers now, but {{when}} */
	TEXT_CALL_BACK,	    /* {{number}} was noted for the person */
	TEXT_PERSON_LEFT,   /* the person is gone, without an end */
	TEXT_BOT_BUTTON,    /* what the button that ends the waiting says */
	TEXT_OPTIONS,	    /* did you mean one of these? */
	TEXT_WHICH,	    /* "yes" to several options */
	TEXT_NONE_BUTTON,   /* what the button for none of them says */
	TEXT_PRIVATE,	    /* others read along: it goes on with him alone */
	TEXT_UNREACHED,	    /* and he could not be reached there */
	PACK_TEXTS
};
const char *
	pack_text_name(enum pack_text); /* "out_of_scope": key in the file */

/* One thing that hands over at once; every pack has one of that name, for who
 * only asks for a person. */
#define TRIGGER_HUMAN "human"
struct trigger {
	const char *name;   /* card_lost, fraud, dispute, complaint, ... */
	const char *answer; /* the approved first-aid text, CommonMark */
	int priority;	    /* of several the highest wins */
	const char *form;   /* asked while the customer waits; NULL: none */
};

struct smalltalk {
	const char *name;
	const char *answer;
};

/* A question that is offered to who has not asked anything yet. */
struct starter {
	const char *text;
	int line; /* of pack.yaml */
};

/* A line of what a help page shows: a topic with its question, a way to reach
 * people. */
struct pack_line {
	const char *title, *text;
	int line; /* of pack.yaml */
};

/* What customers see before they have asked anything; "" what the pack does not
 * say. */
struct pack_front {
	const char *firm; /* its name, as customers know it */
	const char *greeting;
	const char *privacy_url; /* http:// or https:// */
	const struct starter *starters;
	size_t n_starters;
	const struct pack_line *topics, *contacts;
	size_t n_topics, n_contacts;
};

struct pack {
	const char *name, *language, *title;
	char hash[SHA256_HEX_SIZE]; /* over all its files, in order of name */
	struct pack_front front;
	const char *texts[PACK_TEXTS];
	const char *dir; /* "" when read from content */
	struct facts facts;
	const struct entity_rules *entities; /* never NULL */
	const char *const *faq_files;	     /* paths, sorted */
	size_t n_faq_files;
	size_t n_forms, n_intents, n_triggers, n_smalltalk;
	/* ... and what form.c, intent.c, trigger.c and smalltalk.c made of
	 * it. */
	struct form_set *forms;
	struct pack_intent *intents;
	struct trigger_set *triggers;
	struct smalltalk_set *smalltalk;
	struct hours *hours; /* NULL: it has no hours.yaml */
	struct vocabulary *vocabulary;
	struct arena arena;
	void *content; /* the canonical bytes the hash covers */
	size_t content_len;
};

/* May a pack be called so: 1 to 64 small letters, digits, '-' and '_'? */
bool pack_is_name(const char *);

/* Read and check the pack in dir.  Files that do not end in .yaml, and those
 * whose name begins with a dot, are no part of it.  NULL and *err, which names
 * file and line. */
struct pack *pack_read(const char *dir, struct err *);
/* The same from the content of a pack that was read before; its files have
 * their names in the pack as paths. */
struct pack *pack_read_content(const void *content, size_t len, struct err *);
/* The same; messages name its files as those of that directory. */
struct pack *pack_read_content_of(const void *content, size_t len,
				  const char *dir, struct err *);
void pack_free(struct pack *); /* NULL is fine */

/* The bytes, as they were read, of the file at a path as messages have it, also
 * one of faq_files; NULL: there is none.  Borrowed from the pack. */
const char *pack_file(const struct pack *, const char *path, size_t *len_r);

/* The trigger a text fires: it happened to this customer, or asks for a person.
 * A question about such a thing fires none.  NULL: none. */
const struct trigger *pack_trigger(const struct pack *, const char *text,
				   size_t len);
/* That, and one below it that has to be heard as well: of the rules `beside`.
 * NULL: there is none. */
struct trigger_fired {
	const struct trigger *first, *beside;
};
struct trigger_fired pack_triggers(const struct pack *, const char *text,
				   size_t len);
/* NULL: the pack has none of that name. */
const struct trigger *pack_trigger_named(const struct pack *, const char *name);
/* Small talk, when the whole text is that; NULL: it is not. */
const struct smalltalk *pack_smalltalk(const struct pack *, const char *text,
				       size_t len);
/* Is it the one of that name?  NULL is none. */
bool smalltalk_is(const struct smalltalk *, const char *name);

#endif
