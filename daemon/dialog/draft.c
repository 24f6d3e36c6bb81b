#include "dialog/draft.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/time.h"
#include "base/utf8.h"
#include "dialog/desk.h"
#include "dialog/find.h"
#include "dialog/generator.h"
#include "dialog/knowledge.h"
#include "dialog/prompt.h"
#include "faq/index.h"
#include "store/conversation.h"

#define PAGE 200
#define HISTORY_MAX 40
#define CUSTOMER "Customer: "
#define AGENT "Agent: "

static_assert(DRAFT_ENTRIES_MAX <= PROMPT_PASSAGES_MAX,
	      "a prompt takes all of them");

static const char instructions[] =
	"These are approved answers of a support desk, and then what a "
	"customer and the desk wrote. The agent answers in a few sentences, "
	"with nothing but what the approved answers say.\n\n";

/* What was said, as it is kept: redacted. */
struct said {
	struct arena arena;
	const struct entry *entries;
	size_t n;
};

/* ---- Reading the conversation */

/* The last page, and the one before it. */
static int
read_pages(struct store_reader *reader, int64_t conversation_id,
	   struct said *last, struct said *before, struct err *err)
{
	int64_t after = 0;
	bool more = true;
	while (more) {
		arena_release(&before->arena);
		*before = *last;
		*last = (struct said){.n = 0};
		long n = store_history(reader, &last->arena, conversation_id,
				       after, PAGE, &last->entries, &more, err);
		if (n < 0)
			return -1;
		last->n = (size_t)n;
		if (n > 0)
			after = last->entries[n - 1].id;
	}
	return 0;
}

static int
read_said(struct desk *desk, const char *id, struct said *last,
	  struct said *before, struct err *err)
{
	struct store_reader *reader = store_read_begin(desk_store(desk), err);
	int rc = -1;
	if (!reader)
		return -1;
	const struct conversation *conversation;
	int found = store_get_conversation(reader, &before->arena, id,
					   &conversation, err);
	if (found > 0)
		rc = read_pages(reader, conversation->id, last, before, err);
	else if (!found)
		err_set(err,
			"there is no conversation %s; 'tellerctl conversations "
			"list' shows them",
			id);
	store_read_end(reader);
	return rc;
}

/* ---- The prompt */

struct building {
	struct draft *draft;
	const char *question; /* the customer's, alone */
	const char *passages[DRAFT_ENTRIES_MAX];
	const char *history[HISTORY_MAX];
	struct prompt prompt;
};

static bool
is_customers(const struct entry *entry)
{
	return strcmp(entry->author, "customer") == 0 && *entry->text;
}

/* The newest of them all; i counts from the oldest of both pages. */
static const struct entry *
entry_at(const struct said *before, const struct said *last, size_t i)
{
	return i < before->n ? &before->entries[i]
			     : &last->entries[i - before->n];
}

static void
add_history(struct building *building, const struct said *before,
	    const struct said *last, size_t end)
{
	size_t first = end > HISTORY_MAX ? end - HISTORY_MAX : 0, n = 0;
	for (size_t i = first; i < end; i++) {
		const struct entry *entry = entry_at(before, last, i);
		bool is_system = strcmp(entry->author, "system") == 0;
		if (!is_system && *entry->text)
			building->history[n++] = arena_printf(
				&building->draft->arena, "%s%s\n",
				is_customers(entry) ? CUSTOMER : AGENT,
				entry->text);
	}
	building->prompt.history = building->history;
	building->prompt.n_history = n;
}

/* The customer's last words are the question, and what was said before them
 * the history; what came after is of no use to an answer. */
static int
read_conversation(struct building *building, struct desk *desk, const char *id,
		  struct err *err)
{
	struct said last = {.n = 0}, before = {.n = 0};
	struct arena *arena = &building->draft->arena;
	int rc = read_said(desk, id, &last, &before, err);
	size_t i = before.n + last.n;
	while (!rc && i > 0 && !is_customers(entry_at(&before, &last, i - 1)))
		i--;
	if (!rc && !i)
		rc = err_set(err, "the customer has written nothing yet");
	if (!rc) {
		const struct entry *entry = entry_at(&before, &last, i - 1);
		building->question = arena_strdup(arena, entry->text);
		building->prompt.question =
			arena_printf(arena, CUSTOMER "%s\nAgent:", entry->text);
		add_history(building, &before, &last, i - 1);
	}
	arena_release(&last.arena);
	arena_release(&before.arena);
	return rc;
}

/* Only entries that are approved and in force are in the index. */
static void
find_passages(struct building *building, struct desk *desk)
{
	struct draft *draft = building->draft;
	const struct knowledge *knowledge = library_get(desk_library(desk));
	struct index_scratch *scratch = index_scratch_new();
	struct candidate found[DRAFT_ENTRIES_MAX];
	struct intents intents;
	size_t n =
		find_answers(knowledge, scratch, building->question,
			     time_now_us(), DRAFT_ENTRIES_MAX, found, &intents);
	for (size_t i = 0; i < n; i++) {
		const struct index_entry *entry =
			index_entry(knowledge->index, found[i].entry);
		draft->entries[i] = (struct draft_entry){
			.name = arena_strdup(&draft->arena, entry->name),
			.title = arena_strdup(&draft->arena, entry->question),
			.version = entry->version,
		};
		building->passages[i] =
			arena_printf(&draft->arena, "%s\n%s\n\n",
				     entry->question, entry->answer);
	}
	building->prompt.passages = building->passages;
	building->prompt.n_passages = n;
	index_scratch_free(scratch);
	knowledge_put(knowledge);
}

/* Of the entries that were found, those that it had before it. */
static void
keep_entries(struct draft *draft, const struct prompt_parts *parts)
{
	draft->n_entries = parts->n_passages;
	for (size_t i = 0; i < parts->n_passages; i++)
		draft->entries[i] = draft->entries[parts->passages[i]];
}

/* What a terminal or a page would obey is no part of an answer. */
static void
drop_controls(char *text)
{
	size_t len = strlen(text), end = 0, n;
	for (size_t i = 0; i < len; i += n) {
		uint32_t c;
		n = utf8_decode(text + i, len - i, &c);
		if (utf8_is_control(c) && c != '\n')
			continue;
		memmove(text + end, text + i, n);
		end += n;
	}
	text[end] = '\0';
}

int
draft_make(struct desk *desk, const char *conversation,
	   struct generator_wish *wish, struct draft *draft, struct err *err)
{
	struct generator *generator = desk_generator(desk);
	struct building building = {
		.draft = draft,
		.prompt.instructions = instructions,
	};
	struct generated generated;
	*draft = (struct draft){.text = ""};
	if (!generator)
		return err_set(err, "there is no generator: generator.mode is "
				    "off in tellerd.yaml");
	if (read_conversation(&building, desk, conversation, err))
		return -1;
	find_passages(&building, desk);
	if (generator_run(generator, &building.prompt, wish, &generated, err))
		return -1;
	drop_controls(generated.text);
	draft->text = arena_strdup(
		&draft->arena, generated.text + strspn(generated.text, " \n"));
	draft->is_cut = generated.is_cut;
	keep_entries(draft, &generated.parts);
	draft->n_prompt = generated.n_prompt;
	draft->n_new = generated.n_new;
	free(generated.text);
	return 0;
}

void
draft_release(struct draft *draft)
{
	arena_release(&draft->arena);
}
