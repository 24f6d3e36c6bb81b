/* Reading scripts.  Any thread. */
#include <string.h>

#include "base/err.h"
#include "base/hash.h"
#include "base/time.h"
#include "conf/units.h"
#include "dialog/script_parts.h"

#define NOW_DEFAULT "2026-05-05T10:00Z" /* a Tuesday that is no holiday */
#define WHO_DEFAULT "ann"
#define MS_US INT64_C(1000)
#define WAIT_MAX_MS (INT64_C(400) * 24 * 3600 * 1000)

/* ---- Turns */

/* What an agent does, and the kind of message that it is. */
static const struct {
	const char *name, *kind;
	bool has_text;
} agent_acts[] = {
	{"claim", "claim", false}, {"say", "agent", true},
	{"note", "note", true},	   {"return", "return", false},
	{"close", "close", false},
};
#define N_AGENT_ACTS (sizeof(agent_acts) / sizeof(*agent_acts))

static int
read_agent(struct reading *r, const struct yaml *turn, const struct yaml *node,
	   struct script_turn *out)
{
	const char *names[N_AGENT_ACTS], *act = "";
	struct script_texts texts = {.items = &act, .n = 1};
	size_t i = 0;
	for (size_t k = 0; k < N_AGENT_ACTS; k++)
		names[k] = agent_acts[k].name;
	if (script_read_text(r, node, &act) ||
	    script_check_names(r, node, &texts, names, N_AGENT_ACTS))
		return -1;
	while (strcmp(agent_acts[i].name, act) != 0)
		i++;
	out->act = SCRIPT_AGENT;
	out->kind = agent_acts[i].kind;
	out->who = WHO_DEFAULT;
	out->text = "";
	if (script_read_text(r, yaml_get(turn, "who"), &out->who) ||
	    script_read_text(r, yaml_get(turn, "text"), &out->text))
		return -1;
	if (agent_acts[i].has_text != (*out->text != '\0'))
		return yaml_error(
			r->file, node, r->err, "%s",
			*out->text ? "'text' is for 'say' and 'note' alone"
				   : "'text' is missing");
	return 0;
}

static int
read_says(struct reading *r, const struct yaml *turn, const struct yaml *node,
	  struct script_turn *out)
{
	(void)turn;
	out->act = SCRIPT_CUSTOMER;
	if (script_read_texts(r, node, &out->texts))
		return -1;
	return out->texts.n ? 0
			    : yaml_error(r->file, node, r->err,
					 "'says' has no text");
}

static int
read_chooses(struct reading *r, const struct yaml *turn,
	     const struct yaml *node, struct script_turn *out)
{
	(void)turn;
	out->act = SCRIPT_CHOICE;
	return script_read_text(r, node, &out->choice);
}

static int
read_wait(struct reading *r, const struct yaml *turn, const struct yaml *node,
	  struct script_turn *out)
{
	(void)turn;
	int64_t ms;
	out->act = SCRIPT_WAIT;
	if (node->kind != YAML_TEXT || !units_read_duration(node->text, &ms) ||
	    ms <= 0 || ms > WAIT_MAX_MS)
		return yaml_error(r->file, node, r->err,
				  "'wait' must be a duration such as 10 min, "
				  "at most 400 d");
	out->wait_us = ms * MS_US;
	return 0;
}

static const struct {
	const char *key;
	int (*read)(struct reading *, const struct yaml *turn,
		    const struct yaml *node, struct script_turn *);
} acts[] = {
	{"says", read_says},
	{"chooses", read_chooses},
	{"agent", read_agent},
	{"wait", read_wait},
};

static int
read_turn(struct reading *r, const struct yaml *node, struct script_turn *out)
{
	static const char *const keys[] = {"says", "chooses", "agent", "wait",
					   "who",  "text",    "expect"};
	int n_acts = 0;
	if (CHECK_MAP(r, node, keys))
		return -1;
	out->line = node->line;
	for (size_t i = 0; i < sizeof(acts) / sizeof(*acts); i++) {
		const struct yaml *act = yaml_get(node, acts[i].key);
		if (!act)
			continue;
		n_acts++;
		if (acts[i].read(r, node, act, out))
			return -1;
	}
	if (n_acts != 1)
		return yaml_error(r->file, node, r->err,
				  "a turn has one of 'says', 'chooses', "
				  "'agent' and 'wait'");
	if (out->act != SCRIPT_AGENT &&
	    (yaml_get(node, "who") || yaml_get(node, "text")))
		return yaml_error(r->file, node, r->err,
				  "'who' and 'text' are for 'agent' alone");
	return script_read_expect(r, yaml_get(node, "expect"), &out->expect);
}

static int
read_turns(struct reading *r, const struct yaml *node, struct script *out)
{
	if (node->kind != YAML_LIST || !node->n)
		return yaml_error(r->file, node, r->err,
				  "'turns' must be a list of turns");
	struct script_turn *turns =
		arena_array(&r->file->arena, node->n, sizeof(*turns));
	yaml_each (turn, node)
		if (read_turn(r, turn, &turns[out->n_turns++]))
			return -1;
	out->turns = turns;
	return 0;
}

/* ---- Scripts */

/* With or without seconds and zone; without, it is UTC. */
static bool
parse_time(struct arena *arena, const char *text, int64_t *us_r)
{
	static const char *const ends[] = {"", ":00", "Z", ":00Z"};
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
		if (time_parse(arena_printf(arena, "%s%s", text, ends[i]),
			       us_r))
			return true;
	/* 2026-05-04T10:00Z and 2026-05-04T10:00+02:00 have no seconds. */
	size_t len = strlen(text), hour = strlen("2026-05-04T10:00");
	return len > hour &&
	       time_parse(arena_printf(arena, "%.*s:00%s", (int)hour, text,
				       text + hour),
			  us_r);
}

static int
read_now(struct reading *r, const struct yaml *node, struct script *out)
{
	const char *text = NOW_DEFAULT;
	if (script_read_text(r, node, &text))
		return -1;
	if (parse_time(&r->file->arena, text, &out->now_us))
		return 0;
	return yaml_error(r->file, node, r->err,
			  "'%s' is no time: write 2026-05-05T10:00", text);
}

static int
read_script(struct reading *r, const struct yaml *node, struct script *out)
{
	static const char *const keys[] = {"name", "pack", "known", "tags",
					   "now",  "desk", "turns", "settings"};
	int has_desk = true;
	if (CHECK_MAP(r, node, keys))
		return -1;
	out->line = node->line;
	if (script_read_text(r, yaml_get(node, "name"), &out->name) ||
	    script_read_text(r, yaml_get(node, "pack"), &out->pack) ||
	    script_read_text(r, yaml_get(node, "known"), &out->known) ||
	    script_read_texts(r, yaml_get(node, "tags"), &out->tags) ||
	    script_read_flag(r, yaml_get(node, "desk"), &has_desk) ||
	    read_now(r, yaml_get(node, "now"), out) ||
	    script_check_values(r, yaml_get(node, "settings")))
		return -1;
	out->has_desk = has_desk;
	out->settings = yaml_get(node, "settings");
	if (!out->name)
		return yaml_error(r->file, node, r->err, "'name' is missing");
	const struct yaml *turns = yaml_get(node, "turns");
	return turns ? read_turns(r, turns, out)
		     : yaml_error(r->file, node, r->err, "'turns' is missing");
}

static int
read_scripts(struct reading *r, struct script_file *out)
{
	const struct yaml *root = out->yaml.root;
	struct map names = {0};
	int rc = 0;
	if (!root || root->kind != YAML_LIST)
		return yaml_error(r->file, root, r->err,
				  "expected a list of conversations");
	struct script *scripts =
		arena_array(&r->file->arena, root->n, sizeof(*scripts));
	yaml_each (node, root) {
		struct script *script = &scripts[out->n++];
		rc = read_script(r, node, script);
		const struct script *first =
			rc ? NULL : map_put(&names, script->name, script);
		if (first)
			rc = yaml_error(r->file, node, r->err,
					"the name '%s' is taken by line %d",
					script->name, first->line);
		if (rc)
			break;
	}
	map_release(&names);
	out->scripts = scripts;
	return rc;
}

static int
read_tree(struct script_file *out, struct err *err)
{
	struct reading reading = {.file = &out->yaml, .err = err};
	if (!read_scripts(&reading, out))
		return 0;
	script_release(out);
	return -1;
}

int
script_read_file(struct script_file *out, const char *path, struct err *err)
{
	*out = (struct script_file){0};
	if (yaml_read_file(&out->yaml, path, &yaml_limits_pack, err))
		return -1;
	return read_tree(out, err);
}

int
script_read(struct script_file *out, const char *name, const char *text,
	    size_t len, struct err *err)
{
	*out = (struct script_file){0};
	if (yaml_read(&out->yaml, name, text, len, &yaml_limits_pack, err))
		return -1;
	return read_tree(out, err);
}

void
script_release(struct script_file *file)
{
	yaml_release(&file->yaml);
	*file = (struct script_file){0};
}
