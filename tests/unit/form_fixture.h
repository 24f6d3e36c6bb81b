/* Forms in dialogue, on a small pack.  Nothing is stored here. */
#ifndef UNIT_FORM_FIXTURE_H
#define UNIT_FORM_FIXTURE_H

#include "turn_fixture.h"

#include "base/time.h"
#include "dialog/form.h"
#include "forms.h"
#include "packs.h"
#include "text/reference.h"

/* 2026-11-28, a Saturday, at noon. */
#define NOON INT64_C(1795867200000000)
#define HOUR_US INT64_C(3600000000)

#define CARD_FORM                                                          \
	"- name: card_lost\n"                                              \
	"  title: Lost card\n"                                             \
	"  intro: the intro\n"                                             \
	"  closing: 'kept as {{reference}}'\n"                             \
	"  confirm: true\n"                                                \
	"  slots:\n"                                                       \
	"  - name: what\n"                                                 \
	"    label: What\n"                                                \
	"    type: choice\n"                                               \
	"    words: [what]\n"                                              \
	"    question: Lost or stolen?\n"                                  \
	"    choices:\n"                                                   \
	"    - {name: lost, label: Lost it, phrases: [lost]}\n"            \
	"    - {name: stolen, label: Was stolen, phrases: [stolen]}\n"     \
	"  - {name: card, label: Card, type: card, question: Which card?," \
	" required: false}\n"                                              \
	"  - {name: day, label: Day, type: date, question: Which day?,"    \
	" reask: 'The day, please', words: [date], future: false,"         \
	" days_back: 400}\n"                                               \
	"  - {name: place, label: Place, type: text, question: Where?,"    \
	" required: false, min: 2, max: 20}\n"                             \
	"  - {name: police, label: Police, type: yes_no,"                  \
	" question: Police?, when: {what: [stolen]}}\n"

#define ADDRESS_FORM                                                         \
	"- name: address\n"                                                  \
	"  title: New address\n"                                             \
	"  intro: address intro\n"                                           \
	"  closing: 'kept as {{reference}}'\n"                               \
	"  offer: Shall I take it down?\n"                                   \
	"  entries: [moving]\n"                                              \
	"  slots:\n"                                                         \
	"  - {name: address, label: Address, type: text, min: 5, max: 40,"   \
	" words: [address], question: Which address?}\n"                     \
	"  - {name: day, label: From, type: date, question: From when?,"     \
	" past: false}\n"                                                    \
	"  - {name: rent, label: Rent, type: amount, question: Which rent?," \
	" min: 10, max: 5000, required: false}\n"

#define FORMS "forms:\n" CARD_FORM ADDRESS_FORM

#define TRIGGERS                                                              \
	"triggers:\n"                                                         \
	"- {name: human, priority: 1, answer: Of course.,"                    \
	" rules: [{phrases: [person]}]}\n"                                    \
	"- {name: card_lost, priority: 9, answer: Call us., form: card_lost," \
	" rules: [{phrases: [lost|stolen & card|visa]}]}\n"                   \
	"- {name: card_taken, priority: 8, answer: Freeze it.,"               \
	" form: card_lost, rules: [{phrases: [mugged]}]}\n"                   \
	"- {name: crisis, priority: 10, answer: You are not alone.,"          \
	" rules: [{phrases: [end my life]}]}\n"

#define SMALLTALK                                                 \
	"smalltalk:\n"                                            \
	"- {name: 'yes', answer: Yes., phrases: ['yes']}\n"       \
	"- {name: 'no', answer: No., phrases: ['no']}\n"          \
	"- {name: thanks, answer: Welcome., phrases: [thanks]}\n" \
	"- {name: bot, answer: A machine., phrases: [is this a robot]}\n"

static struct pack *bare_pack;

static inline struct pack *
make_pack(const char *forms)
{
	struct err err;
	char text[8192];
	struct pack_files files = {
		.entities = "currency: EUR\ndates: day_first\n",
		.smalltalk = SMALLTALK,
		.triggers = TRIGGERS,
		.forms = text,
	};

	snprintf(text, sizeof text, "%s%s", form_test_head(), forms);
	struct pack *made = pack_of_files(&files, &err);
	if (!made)
		fail_msg("%s", err.text);
	return made;
}

static inline int
set_up(void **state)
{
	(void)state;
	/* The form of the card has other questions there, the other is gone. */
	bare_pack = make_pack("forms:\n"
			      "- name: card_lost\n"
			      "  title: Lost card\n"
			      "  intro: i\n"
			      "  closing: c\n"
			      "  slots:\n"
			      "  - {name: other, label: O, type: text,"
			      " question: q}\n");
	struct index_builder *builder = index_builder_new("en");
	add_entry(builder, "card-order", "How do I order a new card?",
		  "In the app, under Cards.", 0);
	add_entry(builder, "moving", "How do I change my address?",
		  "In the app, under Profile.", 0);
	add_fillers(builder);
	know(make_pack(FORMS), builder);
	the_desk = "desk";
	return 0;
}

static inline int
tear_down(void **state)
{
	pack_free(bare_pack);
	return forget(state);
}

static inline int
fresh_form(void **state)
{
	fresh(state);
	now_us = NOON;
	knowledge.pack = pack;
	return 0;
}

static inline void
ann_does(const char *kind)
{
	do_act(kind, "ann", "");
}

static inline void
assert_silent_of(const char *part)
{
	if (strstr(reply(), part))
		fail_msg("\"%s\" is in: %s", part, reply());
}

/* The end of the reply, where the question stands. */
static inline void
assert_asks(const char *question)
{
	size_t len = strlen(question), all = strlen(reply());
	if (all < len || strcmp(reply() + all - len, question) != 0)
		fail_msg("\"%s\" does not end: %s", question, reply());
}

static inline void
assert_in(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("\"%s\" is not in: %s", part, text);
}

static inline bool
has_form(void)
{
	return strstr(conversation.memory, "\"form\":{\"name\"") ||
	       strstr(conversation.memory, "\",\"name\":");
}

/* An open form of a new address, at its first question. */
static inline void
begin_address(void)
{
	say("How do I change my address?");
	assert_says("Shall I take it down?");
	say("yes");
	assert_int_equal(result.kind, TURN_FORM);
	assert_asks("Which address?");
}

#define TEST(name) cmocka_unit_test_setup(name, fresh_form)

#endif
