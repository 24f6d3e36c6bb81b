/* forms.yaml: questions that the bot asks for a person to read.
 *
 *	words:          lists of words, <name> in phrases
 *	commands:       how customers steer a form: a list of phrases each
 *	  cancel: [(please) cancel (it)]
 *	texts:          what the bot says in any form, each by its name
 *	  noted: '{{noted}}'
 *	forms:
 *	  - name: address
 *	    title: Change of address
 *	    intro: ...          before the first question
 *	    closing: ...        at the end, with {{reference}}
 *	    confirm: true       shows all answers and asks if they are right
 *	    reasks: 2           how often a question is asked again
 *	    offer: ...          the button beside the answers of `entries`
 *	    entries: [change-address]
 *	    slots:
 *	      - name: day
 *	        label: Moving day      in the list of what was noted
 *	        type: date
 *	        question: ...
 *	        reask: ...             instead of the question, the next times
 *	        required: false
 *	        words: [day, when]     phrases that name it: "change the day"
 *	        parts: [month]         a part of it: then it is asked again
 *	        when: {kind: [home]}   asked only if an earlier choice is that
 *	        future: false, past: false, days_back: 400      of dates
 *	        min: 5, max: 300       characters of a text, or an amount
 *	        choices:
 *	          - {name: lost, label: It is lost, phrases: [lost]}
 */
#ifndef NLU_FORM_H
#define NLU_FORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct err;
struct pack;
struct yaml_file;

enum slot_type {
	SLOT_TEXT,
	SLOT_CHOICE,
	SLOT_YES_NO,
	SLOT_AMOUNT,
	SLOT_DATE,
	SLOT_CARD,
	SLOT_IBAN,
	SLOT_PHONE,
	SLOT_EMAIL,
	SLOT_REFERENCE, /* a number of the pack's, by its name */
	SLOT_TYPES
};
const char *slot_type_name(enum slot_type);

/* What customers say to steer a form.  The first ones are all that a message
 * says, the others stand anywhere in it. */
enum form_command {
	FORM_CANCEL,
	FORM_SKIP,
	FORM_RESUME,
	FORM_HELP,  /* what may be said here? */
	FORM_BEGIN, /* to a form that is offered: ask */
	FORM_WHOLE_COMMANDS,
	FORM_CORRECT = FORM_WHOLE_COMMANDS, /* "no, ...": it was wrong */
	FORM_CHANGE,			    /* "change ...": by its name */
	FORM_QUESTION,			    /* it asks something */
	FORM_ENDING, /* "ending": the end of a number follows */
	FORM_YES,
	FORM_NO,
	FORM_VALUE, /* "it is ...": the right answer follows */
	FORM_NOT,   /* "..., not ...": what is not meant follows */
	FORM_COMMANDS
};

/* What the bot says in any form.  The names in braces are all that a text may
 * have besides facts. */
enum form_text {
	FORM_TEXT_NOTED,     /* {{noted}}: list of what was just understood */
	FORM_TEXT_SUMMARY,   /* {{noted}}: of everything; is it right? */
	FORM_TEXT_YES,	     /* label of a button, and of an answer */
	FORM_TEXT_NO,	     /* the same */
	FORM_TEXT_EMPTY,     /* stands for an answer that was not given */
	FORM_TEXT_WHAT,	     /* what is wrong in the summary? */
	FORM_TEXT_CANCELLED, /* the customer ended it */
	FORM_TEXT_LEFT,	     /* asked often enough: a person will ask */
	FORM_TEXT_PERSON,    /* cannot go on without a person; {{reference}} */
	FORM_TEXT_CHANGED,   /* the pack has no such form now; {{reference}} */
	FORM_TEXT_PAUSED,    /* {{form}}: how to go on with it */
	FORM_TEXT_NEEDED,    /* skipped, but it cannot be left out */
	/* What is wrong with an answer. */
	FORM_TEXT_NOT_FOUND,
	FORM_TEXT_SEVERAL,
	FORM_TEXT_BAD_DATE,
	FORM_TEXT_WHICH_DATE, /* it may mean two days */
	FORM_TEXT_FUTURE,
	FORM_TEXT_PAST,
	FORM_TEXT_OLD,	   /* {{limit}} days back at most */
	FORM_TEXT_CHECK,   /* its check digits are wrong */
	FORM_TEXT_TOO_LOW, /* {{limit}} */
	FORM_TEXT_TOO_HIGH,
	FORM_TEXT_TOO_SHORT,
	FORM_TEXT_TOO_LONG,
	FORM_TEXT_HELP,	     /* what the customer may write */
	FORM_TEXT_KEPT,	     /* it ends here; {{reference}} of its answers */
	FORM_TEXT_OVER,	     /* it ends here, and had no answers */
	FORM_TEXT_PERHAPS,   /* does he ask one of these {{questions}}? */
	FORM_TEXT_NO_ANSWER, /* to what he asks */
	FORM_TEXTS
};
const char *form_text_name(enum form_text);

#define FORM_SLOTS_MAX 24
#define FORM_CHOICES_MAX 12
#define FORM_TEXT_BYTES_MAX 4000 /* of an answer in words */
/* A text that may be longer is a story, of which any words may be part; a
 * shorter one is a name, a place. */
#define FORM_NAME_CHARS_MAX 300

struct form_choice {
	const char *name, *label;
	size_t phrases; /* for form_heard.first */
};

struct form_slot {
	const char *name, *label;
	enum slot_type type;
	const char *reference; /* SLOT_REFERENCE: its name in the pack */
	const char *question, *reask;
	bool is_required;
	bool may_be_future, may_be_past; /* of a date */
	int days_back;			 /* of a date; 0: any */
	int64_t min, max; /* characters, or amount in cents; max 0: any */
	const struct form_choice *choices;
	size_t n_choices;
	size_t phrases;		      /* that name it; for form_heard.first */
	size_t parts;		      /* that name a part of it */
	const struct form_slot *when; /* NULL: always asked */
	const char *const *when_is;   /* choices of that, one of which */
	size_t n_when_is;
};

struct form {
	const char *name, *title, *intro, *closing;
	const char *offer; /* NULL: it is offered nowhere */
	const char *const *entries;
	size_t n_entries;
	bool is_confirmed; /* asks if all is right before it ends */
	int max_reasks;
	const struct form_slot *slots; /* at least 1 */
	size_t n_slots;
};

/* Sets pack->forms.  0, or -1 and *err with file and line. */
int forms_read(struct pack *, const struct yaml_file *, struct err *);

/* The form of that name; NULL: the pack has none. */
const struct form *pack_form(const struct pack *, const char *name);
/* The form of another file's node, which is a text; NULL and *err with the
 * nearest name. */
struct yaml;
const struct form *form_named(const struct pack *, const struct yaml_file *,
			      const struct yaml *, struct err *);
/* The form that is offered beside the answer of an entry; NULL: none. */
const struct form *pack_form_offered(const struct pack *, const char *entry);
const char *pack_form_text(const struct pack *, enum form_text);

/* What a message says in phrases of forms. */
struct form_heard {
	enum form_command whole; /* it is nothing else; FORM_COMMANDS: more */
	/* By owner, commands first: how many words had been said when it was;
	 * PHRASE_NONE (nlu/phrase.h): it was not. */
	const size_t *first;
};
/* first is in the arena.  Of a pack that has forms. */
void form_hear(const struct pack *, const char *text, size_t len,
	       struct arena *, struct form_heard *);
bool form_says(const struct form_heard *, size_t owner);

#endif
