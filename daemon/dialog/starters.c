#include "dialog/starters.h"

#include <string.h>

#include <tellerd/plugin.h>

#include "base/finding.h"
#include "base/mem.h"
#include "base/time.h"
#include "conf/options.h"
#include "dialog/desk_parts.h"
#include "dialog/intake.h"
#include "dialog/knowledge.h"
#include "dialog/recent.h"
#include "dialog/turn.h"
#include "faq/index.h"
#include "nlu/pack.h"
#include "store/conversation.h"

/* What all of them are decided with. */
struct asking {
	const struct knowledge *knowledge;
	struct index_scratch *scratch;
	struct recent *recent;
	int64_t now_us; /* an entry may be valid from a day on, or until one */
};

/* The first words of somebody. */
static enum turn_kind
decide(const struct asking *asking, const char *text, struct arena *arena)
{
	const struct conversation conversation = {
		.id = 1,
		.public_id = "cnv_starter",
		.channel = "starters",
		.account = "",
		.key = text,
		.language = asking->knowledge->pack->language,
		.state = STATE_BOT,
		.owner = "",
		.memory = "",
		.created_at_us = asking->now_us,
		.updated_at_us = asking->now_us,
	};
	const struct teller_message said = {
		.size = sizeof(said),
		.kind = TELLER_MESSAGE_TEXT,
		.account = "",
		.conversation = text,
		.text = text,
		.text_len = strlen(text),
	};
	struct message message = {.id = 1, .conversation_id = 1};
	struct turn_input input = {
		.conversation = &conversation,
		.messages = &message,
		.n_messages = 1,
		.knowledge = asking->knowledge,
		.scratch = asking->scratch,
		.desk = "",
		.now_us = asking->now_us,
	};
	struct turn_result result;
	const char *alone;
	if (intake_fill(&message, arena, asking->recent, conversation.channel,
			&said, asking->now_us, asking->now_us, &alone))
		return TURN_OUT_OF_SCOPE;
	turn_decide(&input, arena, &result);
	return result.kind;
}

struct checking {
	const struct asking *asking;
	const char *file;
	struct findings *findings;
};

static void
check_one(const struct checking *checking, const char *question, int line)
{
	struct arena arena = {0};
	enum turn_kind kind = decide(checking->asking, question, &arena);
	if (kind != TURN_ANSWER)
		findings_add(checking->findings, FINDING_WARNING,
			     "starter-without-answer", checking->file, line,
			     "'%s' is offered, but does not get an answer (%s)",
			     question, turn_kind_name(kind));
	arena_release(&arena);
}

static void
check_each(const struct asking *asking, const char *dir,
	   const struct pack_front *front, struct findings *findings)
{
	struct arena arena = {0};
	const struct checking checking = {
		.asking = asking,
		.file = arena_printf(&arena, "%s/pack.yaml", dir),
		.findings = findings,
	};
	for (size_t i = 0; i < front->n_starters; i++)
		check_one(&checking, front->starters[i].text,
			  front->starters[i].line);
	for (size_t i = 0; i < front->n_topics; i++)
		check_one(&checking, front->topics[i].text,
			  front->topics[i].line);
	arena_release(&arena);
}

int
starters_check(const char *dir, const struct pack *pack,
	       struct findings *findings, struct err *err)
{
	const struct desk_config config = {0};
	if (!pack->front.n_starters && !pack->front.n_topics)
		return 0;
	struct settings *settings = desk_settings_read(&config, NULL, 0, err);
	if (!settings)
		return -1;
	struct asking asking = {
		.knowledge = knowledge_of_pack(dir, settings, err),
		.scratch = index_scratch_new(),
		.recent = recent_new(),
		.now_us = time_now_us(),
	};
	int rc = asking.knowledge ? 0 : -1;
	if (!rc)
		check_each(&asking, dir, &pack->front, findings);
	recent_free(asking.recent);
	index_scratch_free(asking.scratch);
	knowledge_put(asking.knowledge);
	settings_free(settings);
	return rc;
}
