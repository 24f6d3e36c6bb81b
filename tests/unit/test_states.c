/* Every state that a conversation can come to, and everything that can happen
 * in each: a search in breadth over what turn_decide() makes of them.  A state
 * is what the conversation is between two turns, its memory included, without
 * times; whatever is remembered one day takes part by itself. */
#include "turn_fixture.h"

#include "base/hash.h"
#include "base/json.h"
#include "dialog/form.h"
#include "dialog/memory.h"
#include "forms.h"
#include "packs.h"

#define STATES_MAX 200000 /* more: something in the memory has no end */
#define INPUTS_MAX 96	  /* in one state */

/* Who was not understood so often in a row has a person. */
#define FAILURES_MAX 3

#define HOUR_US INT64_C(3600000000)
#define OPEN_US (12 * HOUR_US) /* from NOW: the desk keeps its hours */
#define DAY_US (24 * HOUR_US)

#define FORM                                                            \
	"forms:\n"                                                      \
	"- name: card_lost\n"                                           \
	"  title: Lost card\n"                                          \
	"  intro: the intro\n"                                          \
	"  closing: 'kept as {{reference}}'\n"                          \
	"  offer: Shall I take it down?\n"                              \
	"  entries: [park]\n"                                           \
	"  slots:\n"                                                    \
	"  - {name: place, label: Place, type: text, question: Where?," \
	" min: 2, max: 12}\n"

#define TRIGGERS                                                           \
	"triggers:\n"                                                      \
	"- {name: human, priority: 1, answer: Of course.,"                 \
	" rules: [{phrases: [person]}]}\n"                                 \
	"- {name: card_lost, priority: 9, answer: Ring., form: card_lost," \
	" rules: [{phrases: [lost my card]}]}\n"                           \
	"- {name: fraud, priority: 8, answer: Ring us.,"                   \
	" rules: [{phrases: [i was robbed]}]}\n"

#define SMALLTALK                                                           \
	"smalltalk:\n"                                                      \
	"- {name: thanks, answer: Welcome., phrases: [thanks]}\n"           \
	"- {name: hello, answer: Hello., phrases: [hello]}\n"               \
	"- {name: never_mind, answer: All right., phrases: [never mind]}\n" \
	"- {name: stop_waiting, answer: Well., phrases: [stop waiting]}\n"  \
	"- {name: none, answer: All right., phrases: [none of these]}\n"    \
	"- {name: 'yes', answer: Yes., phrases: ['yes']}\n"                 \
	"- {name: 'no', answer: No., phrases: ['no']}\n"

#define HOURS                                             \
	"time_zone: Europe/Dublin\n"                      \
	"week: {monday: 9:00-17:00, tuesday: 9:00-17:00," \
	" wednesday: 9:00-17:00, thursday: 9:00-17:00,"   \
	" friday: 9:00-17:00}\n"

enum who { CUSTOMER, AGENT };
/* What an input must come to in each state where nobody has the customer. */
enum due { ANYTHING, AN_ANSWER, A_PERSON, A_PERSON_OR_FORM, NO_ANSWER };

struct input {
	enum who who;
	enum due due;
	const char *kind, *text, *option, *author, *redacted;
	int trust, crashes;
	bool is_shared; /* others read along */
	int64_t later_us;
};

#define SAYS(words) .kind = "text", .text = words
#define ACT(what, whom, level) \
	.who = AGENT, .kind = what, .author = whom, .trust = level
#define STAFF TELLER_TRUST_AGENT

static const struct input inputs[] = {
	/* What is known, known by halves, and not. */
	{SAYS("Where may I park?"), .due = AN_ANSWER},
	{SAYS("How do I make a transfer?"), .due = AN_ANSWER},
	{SAYS("how long does that take?")},
	{SAYS("Where may I park? How do I make a transfer?"), .due = AN_ANSWER},
	{SAYS("my card, what do I do?")},
	{SAYS("what do I do, my card?"), .later_us = HOUR_US},
	{SAYS("xyzzy"), .due = NO_ANSWER},
	{SAYS("?!"), .due = NO_ANSWER},
	{SAYS("Wie kann ich bei Ihnen ein Konto machen?"), .due = NO_ANSWER},
	/* Small talk, and what chooses. */
	{SAYS("hello")},
	{SAYS("yes")},
	{SAYS("no")},
	{SAYS("none of these")},
	{SAYS("thanks")},
	{SAYS("cancel")},
	{SAYS("never mind")},
	{SAYS("stop waiting")},
	{SAYS("you can call me on 087 123 4567")},
	{SAYS("2")},
	{SAYS("the last one")},
	{.kind = "option", .text = "", .option = "faq:gone"},
	{.kind = "option", .text = "", .option = "none"},
	{.kind = "option", .text = "", .option = "person", .due = A_PERSON},
	/* What fills a slot, steers a form, or asks it something. */
	{SAYS("yesterday")},
	{SAYS("continue")},
	{SAYS("help")},
	{SAYS("what is xyzzy?"), .due = NO_ANSWER},
	/* What a person must see. */
	{SAYS("I lost my card yesterday"), .due = A_PERSON_OR_FORM},
	{SAYS("I was robbed"), .due = A_PERSON},
	{SAYS("I want to speak to a person"), .due = A_PERSON},
	{SAYS("I want to speak to a person"), .due = A_PERSON,
	 .later_us = OPEN_US},
	{.kind = "handover", .text = "", .due = A_PERSON},
	{SAYS("Where may I park?"), .crashes = 5, .due = A_PERSON},
	/* The same where others read along. */
	{SAYS("Where may I park?"), .is_shared = true, .due = AN_ANSWER},
	{SAYS("xyzzy"), .is_shared = true, .due = NO_ANSWER},
	{SAYS("yes"), .is_shared = true},
	{SAYS("I lost my card yesterday"), .is_shared = true,
	 .due = A_PERSON_OR_FORM},
	{.kind = "option",
	 .text = "",
	 .option = "person",
	 .is_shared = true,
	 .due = A_PERSON},
	/* Agents, those who are none, and timers. */
	{ACT("claim", "ann", STAFF)},
	{ACT("claim", "bob", STAFF)},
	{ACT("claim", "", STAFF)},
	{ACT("claim", "eve", TELLER_TRUST_VERIFIED)},
	{ACT("agent", "ann", STAFF), .text = "Good day."},
	{ACT("agent", "bob", STAFF), .text = "Good day."},
	{ACT("agent", "eve", 0), .text = "Good day."},
	{ACT("return", "ann", STAFF)},
	{ACT("return", "bob", STAFF)},
	{ACT("close", "ann", STAFF)},
	{ACT("close", "bob", STAFF)},
	{ACT("unclaimed", "", STAFF)},
	{ACT("lease_ended", "", STAFF), .later_us = DAY_US},
	{ACT("desk_gone", "", STAFF)},
	{ACT("unreached", "", STAFF)},
};

static const char *const desks[] = {"", "desk"};

/* A state, how it was first come to, and where what is not understood leads. */
struct node {
	struct conversation conversation;
	size_t parent, n_failures;
	struct input by;
	const char *desk;
	size_t *failures;
	int longest;  /* row of turns that are not understood; -1: not known */
	bool is_open; /* on the way that is being measured */
};

static struct {
	struct node *list;
	size_t n;
	struct map ids; /* key -> number, from 1 */
	struct arena arena;
	size_t turns;
} graph;
static size_t n_onward; /* turns that left something to another conversation */

/* ---- Telling what went wrong */

static void
print_way(size_t at)
{
	const struct node *node = &graph.list[at];

	if (at)
		print_way(node->parent);
	print_message("# %s %s '%s%s' -> %s, %d failed, %s\n",
		      at ? node->desk : "begin", at ? node->by.kind : "",
		      at && node->by.text ? node->by.text : "",
		      at && node->by.option ? node->by.option : "",
		      conversation_state_name(node->conversation.state),
		      node->conversation.failed_turns,
		      node->conversation.memory);
}

static void __attribute__((noreturn))
breach(size_t at, const struct input *input, const char *what)
{
	print_way(at);
	print_message("# then %s '%s%s' by '%s' -> %s by %s, %s\n", input->kind,
		      input->text ? input->text : "",
		      input->option ? input->option : "",
		      input->author ? input->author : "",
		      turn_kind_name(result.kind), result.rule, result.memory);
	fail_msg("%s", what);
	abort();
}

/* ---- States */

/* Times, which are never below a day of 2001, numbers that only name a
 * handover, how old a topic is, and beside a form which, and what was answered
 * to that, but for how much, are no part of a state. */
static void
leave_out_times(json_t *object)
{
	const json_t *values = json_object_get(object, "values");
	const char *key;
	json_t *value;
	void *next;

	if (values)
		json_object_set_new(
			object, "values",
			json_integer((json_int_t)json_array_size(values)));
	json_object_del(object, "episode");
	json_object_del(object, "topic_age");
	if (json_object_get(object, "form")) {
		json_object_del(object, "topic");
		json_object_del(object, "topic_words");
	}
	json_object_foreach_safe(object, next, key, value)
	{
		if (json_is_object(value))
			leave_out_times(value);
		else if (json_is_integer(value) &&
			 json_integer_value(value) > INT64_C(1000000000000))
			json_object_del(object, key);
	}
}

static char *
key_of(const struct conversation *c)
{
	json_t *memory = json_loads(*c->memory ? c->memory : "{}", 0, NULL);

	assert_non_null(memory);
	leave_out_times(memory);
	char *text = json_dumps(memory, JSON_SORT_KEYS | JSON_COMPACT);
	char *key = arena_printf(&graph.arena, "%d %d %d %d %s %s", c->state,
				 c->failed_turns, c->turns > 0,
				 c->lease_until_us > 0, c->owner, text);
	free(text);
	json_decref(memory);
	return key;
}

/* The number of a state, new or not. */
static size_t
state_of(const struct conversation *c, size_t parent, const struct input *by,
	 const char *desk)
{
	const char *key = key_of(c);
	size_t id = (size_t)(uintptr_t)map_get(&graph.ids, key);

	if (id)
		return id - 1;
	if (graph.n == STATES_MAX)
		breach(parent, by, "there is no end of states");
	struct node *node = &graph.list[graph.n++];
	*node = (struct node){
		.conversation = *c,
		.parent = parent,
		.by = by ? *by : inputs[0],
		.desk = desk,
		.longest = -1,
	};
	node->conversation.memory = arena_strdup(&graph.arena, c->memory);
	node->conversation.owner = arena_strdup(&graph.arena, c->owner);
	if (by && by->option)
		node->by.option = arena_strdup(&graph.arena, by->option);
	map_put(&graph.ids, key, (void *)(uintptr_t)graph.n);
	return graph.n - 1;
}

/* ---- What must be true of each turn */

static bool
is_with_bot(enum conversation_state state)
{
	return state == STATE_BOT || state == STATE_CLOSED;
}

static int
count_rows(const char *target)
{
	int n = 0;

	for (size_t i = 0; i < result.n_replies; i++)
		n += strcmp(result.replies[i].target, target) == 0 &&
		     (strcmp(target, "web") != 0 || *result.replies[i].text);
	return n;
}

/* The entries among the options of a text in JSON, in its order. */
static size_t
read_options(const char *json, const char *key, struct arena *keep,
	     const char *list[OFFERED_MAX])
{
	json_t *root = json_loads(*json ? json : "{}", 0, NULL), *row;
	const json_t *options =
		json_is_array(root) ? root : json_object_get(root, key);
	size_t i, n = 0;

	json_array_foreach (options, i, row)
		if (n < OFFERED_MAX)
			list[n++] = arena_strdup(
				keep, json_is_string(row)
					      ? json_string_value(row)
					      : json_get_text(row, "id", ""));
	json_decref(root);
	return n;
}

static bool
has_option(const char *const *list, size_t n, const char *id)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i], id) == 0)
			return true;
	return false;
}

/* What is offered is what is remembered, and a person is among it whenever two
 * turns have failed. */
static void
check_options(size_t at, const struct input *input)
{
	const char *shown[OFFERED_MAX], *kept[OFFERED_MAX],
		*before[OFFERED_MAX];
	const struct conversation *was = &graph.list[at].conversation;
	size_t n_kept = read_options(result.memory, "offered", &arena, kept);
	size_t n_before = read_options(was->memory, "offered", &arena, before);
	size_t n = 0;

	for (size_t i = 0; i < result.n_replies; i++)
		if (result.replies[i].options_json)
			n = read_options(result.replies[i].options_json, "",
					 &arena, shown);
	/* What answers a form's question is the form's to know. */
	bool is_form = strstr(result.memory, "\"form\"") != NULL;
	for (size_t i = 0; i < n && !is_form; i++)
		if (n != n_kept || strcmp(shown[i], kept[i]) != 0)
			breach(at, input, "other options are remembered");
	if (!is_form && result.failed_turns >= FAILURES_MAX - 1 &&
	    result.failed_turns != was->failed_turns &&
	    !has_option(shown, n, "person"))
		breach(at, input, "no person is offered");
	size_t n_entries = 0, n_again = 0;
	for (size_t i = 0; i < n; i++)
		if (strncmp(shown[i], "faq:", 4) == 0) {
			n_entries++;
			n_again += has_option(before, n_before, shown[i]);
		}
	/* "Yes" to them asks which one, and counts as a turn that failed. */
	bool is_asked_which = strcmp(result.rule, "which_one") == 0 &&
			      result.failed_turns > was->failed_turns;
	if (n_entries > 1 && n_again == n_entries && !is_asked_which)
		breach(at, input, "the same options come twice in a row");
}

/* Silence is for no customer: he hears something, or a person does. */
static void
check_heard(size_t at, const struct input *input, const char *desk)
{
	bool is_with_person = result.state == STATE_PERSON && *desk;

	if (is_with_person ? !count_rows(desk) : !count_rows("web"))
		breach(at, input, "nobody hears anything");
	if (*desk && !is_with_bot(result.state) && !count_rows(desk))
		breach(at, input, "the desk does not hear him");
	if (is_with_person && count_rows("web"))
		breach(at, input, "the bot speaks beside a person");
}

static void
check_due(size_t at, const struct input *input)
{
	enum conversation_state before = graph.list[at].conversation.state;

	if (before == STATE_PERSON || result.onward_key)
		return;
	/* A form may take the words for an answer; a person reads it. */
	bool is_form = result.kind == TURN_FORM;
	if (input->due == A_PERSON && is_with_bot(result.state))
		breach(at, input, "no person comes");
	if (input->due == A_PERSON_OR_FORM && is_with_bot(result.state) &&
	    !is_form)
		breach(at, input, "neither a person comes nor a form");
	if (input->due == AN_ANSWER && !*result.entry && !is_form)
		breach(at, input, "it is not answered");
	if (input->due == NO_ANSWER && *result.entry)
		breach(at, input, "it is answered");
}

/* Nobody is asked anything, nor waits, where others read along, unless it had
 * begun before; and what he wrote goes on. */
static void
check_shared(size_t at, const struct input *input)
{
	const struct conversation *was = &graph.list[at].conversation;
	bool had_begun = !is_with_bot(was->state) ||
			 strstr(was->memory, "\"form\":{\"name\"");

	if (result.onward_key && (!input->is_shared || had_begun))
		breach(at, input, "it goes on elsewhere");
	if (result.onward_key &&
	    (!result.n_onward || result.onward->text != input->text))
		breach(at, input, "what he wrote does not go on");
	if (input->is_shared && !had_begun &&
	    (!is_with_bot(result.state) || result.form ||
	     strstr(result.memory, "\"form\":{\"name\"")))
		breach(at, input, "he is asked where others read along");
}

static void
check_changes(size_t at, const struct input *input)
{
	const struct conversation *was = &graph.list[at].conversation;
	enum conversation_state state = was->state;

	for (size_t i = 0; i < result.n_changes; i++) {
		if (result.changes[i].from != state)
			breach(at, input, "a change begins elsewhere");
		state = result.changes[i].to;
		if (!*result.changes[i].reason)
			breach(at, input, "a change has no reason");
	}
	if (state != result.state)
		breach(at, input, "the state changed without a row");
	if ((result.state == STATE_PERSON) != (*result.owner != '\0'))
		breach(at, input, "owner and state do not fit");
	if (result.failed_turns < 0 || result.failed_turns >= FAILURES_MAX)
		breach(at, input, "it fails without an end");
	if (input->who == AGENT && input->trust < STAFF &&
	    (result.n_changes || result.n_replies))
		breach(at, input, "a stranger acts as an agent");
}

/* Whoever has a case is told its number. */
static void
check_case(size_t at, const struct input *input)
{
	bool is_told = !result.form;

	for (size_t i = 0; i < result.n_replies; i++)
		is_told |= strcmp(result.replies[i].target, "desk") != 0 &&
			   strstr(result.replies[i].text,
				  result.form ? result.form->reference : "");
	if (!is_told)
		breach(at, input, "nobody tells him of his case");
}

/* ---- The search */

static struct message
message_of(const struct input *input)
{
	const char *author = input->author ? input->author : "";

	return (struct message){
		.id = 10,
		.kind = input->kind,
		.author_id = author,
		.author_name = author,
		.text = input->text ? input->text : "",
		.option = input->option ? input->option : "",
		.target = "",
		.redacted = input->redacted ? input->redacted : "",
		.trust = input->trust,
		.crashes = input->crashes,
		.private_key = input->is_shared ? "own" : "",
	};
}

/* Was what no answer is due to not understood, in a turn from a state?  What
 * fills a slot was; a question to a form was not. */
static bool
has_failed(size_t from, const struct input *input)
{
	if (input->due != NO_ANSWER || result.onward_key)
		return false;
	return result.kind != TURN_FORM ||
	       strstr(result.record, "\"event\":\"between\"") ||
	       result.failed_turns > graph.list[from].conversation.failed_turns;
}

/* A turn from a state, checked; the state after it, and if the turn failed. */
static size_t
step(size_t at, const struct input *input, const char *desk, bool *failed_r)
{
	struct message message = message_of(input);

	conversation = graph.list[at].conversation;
	now_us = NOW + input->later_us;
	decide_all(&message, 1, desk);
	graph.turns++;
	check_changes(at, input);
	check_case(at, input);
	if (input->who == CUSTOMER) {
		check_heard(at, input, desk);
		check_options(at, input);
		check_due(at, input);
		check_shared(at, input);
	}
	*failed_r = has_failed(at, input);
	size_t to = state_of(&conversation, at, input, desk);
	n_onward += result.onward_key != NULL;
	arena_release(&arena);
	return to;
}

/* What can happen in a state: all inputs, and a button for each option. */
static size_t
inputs_of(size_t at, struct input list[INPUTS_MAX])
{
	const char *offered[OFFERED_MAX];
	size_t n = sizeof inputs / sizeof *inputs;
	size_t n_offered = read_options(graph.list[at].conversation.memory,
					"offered", &graph.arena, offered);

	memcpy(list, inputs, sizeof inputs);
	for (size_t i = 0; i < n_offered; i++)
		list[n++] = (struct input){
			.kind = "option", .text = "", .option = offered[i]};
	assert_true(n <= INPUTS_MAX);
	return n;
}

static void
expand(size_t at)
{
	struct input list[INPUTS_MAX];
	size_t n = inputs_of(at, list), n_failures = 0;
	size_t failures[INPUTS_MAX * 2];

	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < 2; j++) {
			bool is_failure;
			size_t to = step(at, &list[i], desks[j], &is_failure);
			if (is_failure)
				failures[n_failures++] = to;
		}
	struct node *node = &graph.list[at];
	node->n_failures = n_failures;
	node->failures =
		arena_array(&graph.arena, n_failures, sizeof *failures);
	memcpy(node->failures, failures, n_failures * sizeof *failures);
}

static void
explore(void)
{
	graph.list = mem_array(STATES_MAX, sizeof *graph.list);
	fresh(NULL);
	state_of(&conversation, 0, NULL, "");
	for (size_t at = 0; at < graph.n; at++)
		expand(at);
}

/* The longest row of turns from here on that are not understood, until a person
 * has the customer or is on the way. */
static int
measure(size_t at)
{
	struct node *node = &graph.list[at];

	if (!is_with_bot(node->conversation.state))
		return 0;
	if (node->is_open)
		breach(at, &inputs[0], "it turns in a circle");
	if (node->longest >= 0)
		return node->longest;
	node->is_open = true;
	int longest = 0;
	for (size_t i = 0; i < node->n_failures; i++) {
		int length = 1 + measure(node->failures[i]);
		if (length > longest)
			longest = length;
	}
	node->is_open = false;
	return node->longest = longest;
}

static void
test_in_every_state_whatever_happens_is_right(void **state)
{
	(void)state;
	explore();
	print_message("# %zu states, %zu turns, %zu went on elsewhere\n",
		      graph.n, graph.turns, n_onward);
	assert_true(n_onward > 0);
	assert_true(graph.n > 100);
}

static void
test_a_person_is_so_few_failures_away(void **state)
{
	int longest = 0;

	(void)state;
	for (size_t at = 0; at < graph.n; at++) {
		int length = measure(at);
		if (length > FAILURES_MAX)
			breach(at, &inputs[0], "a person is too far away");
		if (length > longest)
			longest = length;
	}
	assert_int_equal(longest, FAILURES_MAX);
}

static void
test_every_state_of_a_conversation_is_come_to(void **state)
{
	int n[STATE_CLOSED + 1] = {0}, n_told = 0, n_topics = 0;

	(void)state;
	for (size_t at = 0; at < graph.n; at++) {
		const struct conversation *c = &graph.list[at].conversation;
		n[c->state]++;
		n_told += strstr(c->memory, "\"told\"") != NULL;
		n_topics += strstr(c->memory, "\"topic\"") != NULL;
	}
	for (int i = 0; i <= STATE_CLOSED; i++)
		assert_true(n[i] > 0);
	assert_true(n_told > 0);
	assert_true(n_topics > 0);
}

static struct pack *
make_pack(void)
{
	struct err err;
	char forms[8192];
	struct pack_files files = {
		.entities = "currency: EUR\ndates: day_first\n",
		.forms = forms,
		.hours = HOURS,
		.smalltalk = SMALLTALK,
		.triggers = TRIGGERS,
	};

	snprintf(forms, sizeof forms, "%s%s", form_test_head(), FORM);
	struct pack *made = pack_of_files(&files, &err);
	if (!made)
		fail_msg("%s", err.text);
	return made;
}

static int
set_up(void **state)
{
	(void)state;
	struct index_builder *builder = index_builder_new("en");
	add_entry(builder, "lost", "What do I do when my card is lost?",
		  "Ring us.", 0);
	add_entry(builder, "broken", "What do I do when my card is broken?",
		  "Order one.", 0);
	add_entry(builder, "park", "Where may I park?", "Behind.", 0);
	add_entry(builder, "transfer", "How do I make a transfer?",
		  "Under Pay.", 0);
	add_entry(builder, "transfer-time", "How long does a transfer take?",
		  "A day.", 0);
	add_fillers(builder);
	know(make_pack(), builder);
	knowledge.settings.lease_ms = 600000;
	knowledge.settings.keeps_hours = true;
	return 0;
}

static int
tear_down_graph(void **state)
{
	free(graph.list);
	map_release(&graph.ids);
	arena_release(&graph.arena);
	return forget(state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_in_every_state_whatever_happens_is_right),
		cmocka_unit_test(test_a_person_is_so_few_failures_away),
		cmocka_unit_test(test_every_state_of_a_conversation_is_come_to),
	};
	return cmocka_run_group_tests_name("states", tests, set_up,
					   tear_down_graph);
}
