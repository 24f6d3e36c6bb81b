#include "dialog/rehearsal.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/hash.h"
#include "base/json.h"
#include "conf/options.h"
#include "dialog/places.h"
#include "dialog/recent.h"
#include "dialog/rehearsal_parts.h"
#include "faq/index.h"
#include "nlu/pack.h"

#define PATH_BYTES 4096
#define HEARD_BYTES ((size_t)1 << 20)

struct rehearsal {
	struct map packs; /* by directory -> struct knowledge */
};

struct rehearsal *
rehearsal_new(void)
{
	return mem_new(sizeof(struct rehearsal));
}

void
rehearsal_free(struct rehearsal *rehearsal)
{
	if (!rehearsal)
		return;
	map_each (e, &rehearsal->packs)
		knowledge_put(e->value);
	map_release(&rehearsal->packs);
	free(rehearsal);
}

/* ---- What it is played with */

static struct settings *
read_settings(const struct script_file *file, const struct script *script,
	      struct err *err)
{
	size_t n = 0;
	while (conf_daemon_sections[n].name)
		n++;
	struct settings *settings =
		settings_read(NULL, conf_daemon_sections, n, err);
	if (!settings || !script->settings)
		return settings;
	yaml_each (node, script->settings) {
		struct err why = {0};
		if (!settings_set(settings, node->key, node->text, &why))
			continue;
		yaml_error(&file->yaml, node, err, "%s", why.text);
		settings_free(settings);
		return NULL;
	}
	return settings;
}

static const struct knowledge *
find_pack(struct rehearsal *rehearsal, const char *dir,
	  const struct settings *settings, struct err *err)
{
	const struct knowledge *known = map_get(&rehearsal->packs, dir);
	if (known)
		return known;
	known = knowledge_of_pack(dir, settings, err);
	if (known)
		map_put(&rehearsal->packs, dir, (void *)known);
	return known;
}

static const struct knowledge *
pack_of(struct rehearsal *rehearsal, const struct script_file *file,
	const struct script *script, const char *dir,
	const struct settings *settings, struct err *err)
{
	struct buf path;
	const struct knowledge *known = NULL;
	buf_init(&path, PATH_BYTES);
	if (script->pack) {
		places_packs("", &path);
		buf_addf(&path, "/%s", script->pack);
		known = find_pack(rehearsal, buf_str(&path), settings, err);
	} else if (dir) {
		known = find_pack(rehearsal, dir, settings, err);
	} else {
		err_misuse(err,
			   "%s:%d: '%s' names no pack; say which by --pack",
			   file->yaml.name, script->line, script->name);
	}
	buf_release(&path);
	return known;
}

/* ---- Names of entries */

static bool
has_entry(const struct index *index, const char *name)
{
	for (size_t i = 0; i < index_count(index); i++)
		if (strcmp(index_entry(index, (uint32_t)i)->name, name) == 0)
			return true;
	return false;
}

static int
refuse_entry(const struct script_file *file, const struct script_texts *texts,
	     const struct index *index, const char *name, struct err *err)
{
	size_t n = index_count(index);
	const char **names = mem_new((n + 1) * sizeof(*names));
	for (size_t i = 0; i < n; i++)
		names[i] = index_entry(index, (uint32_t)i)->name;
	const char *near = conf_nearest(name, names, n);
	err_set(err, "%s:%d: the pack has no entry '%s'%s%s%s", file->yaml.name,
		texts->line, name, near ? ", did you mean '" : "",
		near ? near : "", near ? "'?" : "");
	free(names);
	return -1;
}

/* A name that no entry has would make "not this one" true for ever. */
static int
check_entries(const struct script_file *file, const struct script *script,
	      const struct index *index, struct err *err)
{
	static const enum script_about abouts[] = {SCRIPT_ENTRY,
						   SCRIPT_NOT_ENTRY};
	for (size_t i = 0; i < script->n_turns; i++)
		for (size_t k = 0; k < 2; k++) {
			const struct script_texts *texts =
				&script->turns[i].expect.about[abouts[k]];
			for (size_t j = 0; j < texts->n; j++)
				if (!has_entry(index, texts->items[j]))
					return refuse_entry(file, texts, index,
							    texts->items[j],
							    err);
		}
	return 0;
}

/* ---- What is told of it */

static json_t *
texts_json(const struct script_texts *texts)
{
	json_t *list = json_array();
	for (size_t i = 0; i < texts->n; i++)
		json_add_text(list, texts->items[i]);
	return list;
}

/* Who acts, and what he does. */
static void
set_act(json_t *row, const struct script_turn *turn)
{
	static const char *const words[] = {
		[SCRIPT_CUSTOMER] = "says",
		[SCRIPT_CHOICE] = "chooses",
		[SCRIPT_AGENT] = "agent",
		[SCRIPT_WAIT] = "wait",
	};
	json_set_text(row, "act", words[turn->act]);
	if (turn->act == SCRIPT_CUSTOMER)
		json_object_set_new(row, "says", texts_json(&turn->texts));
	else if (turn->act == SCRIPT_CHOICE)
		json_set_text(row, "chooses", turn->choice);
	else if (turn->act == SCRIPT_AGENT)
		json_set_text(row, "does", turn->kind);
}

static bool
is_expected(const struct script_expect *expect)
{
	bool is_any = expect->silent >= 0 || expect->failed_turns >= 0;
	for (int i = 0; i < SCRIPT_ABOUTS; i++)
		is_any |= expect->about[i].line != 0;
	return is_any;
}

static json_t *
turn_json(const struct script_turn *turn, struct heard *heard)
{
	const struct turn_result *result = &heard->result;
	json_t *row = json_object();
	json_set_int(row, "line", turn->line);
	set_act(row, turn);
	json_set_bool(row, "expected", is_expected(&turn->expect));
	json_object_set_new(row, "entries",
			    texts_json(&turn->expect.about[SCRIPT_ENTRY]));
	json_set_text(row, "kind",
		      heard->n_turns ? turn_kind_name(result->kind) : NULL);
	json_set_text(row, "rule", heard->n_turns ? result->rule : NULL);
	json_set_text(row, "entry", heard->n_turns ? result->entry : NULL);
	json_set_real(row, "confidence", result->confidence);
	json_set_text(row, "state", conversation_state_name(result->state));
	json_object_set(row, "options",
			heard->options ? heard->options : json_null());
	json_set_text(row, "reply", buf_str(&heard->text));
	json_object_set(row, "failures", heard->failures);
	return row;
}

static json_t *
script_json(const struct script_file *file, const struct script *script)
{
	json_t *result = json_object();
	json_set_text(result, "name", script->name);
	json_set_text(result, "file", file->yaml.name);
	json_set_int(result, "line", script->line);
	json_object_set_new(result, "tags", texts_json(&script->tags));
	json_set_text(result, "known", script->known);
	return result;
}

/* ---- Playing */

static bool
play_turn(struct playing *p, const struct script_turn *turn, json_t *turns)
{
	struct heard heard = {
		.failures = json_array(),
		.result.state = p->conversation.state,
		.result.failed_turns = p->conversation.failed_turns,
	};
	buf_init(&heard.text, HEARD_BYTES);
	rehearsal_act(p, turn, &heard);
	rehearsal_expect(p, &heard, &turn->expect);
	bool has_failed = json_array_size(heard.failures) > 0;
	json_array_append_new(turns, turn_json(turn, &heard));
	buf_release(&heard.text);
	json_decref(heard.options);
	json_decref(heard.failures);
	return !has_failed;
}

static void
play(struct playing *p, json_t *result)
{
	const struct script *script = p->script;
	bool is_right = true;
	json_t *turns = json_array();
	for (size_t i = 0; i < script->n_turns; i++)
		is_right &= play_turn(p, &script->turns[i], turns);
	json_object_set_new(result, "turns", turns);
	json_set_text(result, "outcome",
		      script->known ? is_right ? "unexpected" : "known"
		      : is_right    ? "passed"
				    : "failed");
}

static void
begin(struct playing *p, const struct script *script,
      const struct knowledge *known, const struct settings *settings)
{
	*p = (struct playing){
		.script = script,
		.knowledge = *known,
		.claim_ms = settings_int(settings, "desk.claim"),
		.recent = recent_new(),
		.scratch = index_scratch_new(),
		.now_us = script->now_us,
		.next_id = 1,
		.conversation =
			{
				.id = 1,
				.public_id = "cnv_rehearsal",
				.channel = "rehearsal",
				.account = "",
				.key = script->name,
				.language = known->pack->language,
				.state = STATE_BOT,
				.owner = "",
				.memory = "",
				.created_at_us = script->now_us,
				.updated_at_us = script->now_us,
			},
	};
	decide_settings_read(settings, &p->knowledge.settings,
			     p->knowledge.settings_hash);
}

static void
end(struct playing *p)
{
	json_decref(p->options);
	recent_free(p->recent);
	index_scratch_free(p->scratch);
	idmap_release(&p->derived);
	arena_release(&p->arena);
}

json_t *
rehearsal_play(struct rehearsal *rehearsal, const struct script_file *file,
	       const struct script *script, const char *pack_dir,
	       struct err *err)
{
	struct settings *settings = read_settings(file, script, err);
	if (!settings)
		return NULL;
	json_t *result = NULL;
	const struct knowledge *known =
		pack_of(rehearsal, file, script, pack_dir, settings, err);
	if (known && !check_entries(file, script, known->index, err)) {
		struct playing playing;
		begin(&playing, script, known, settings);
		result = script_json(file, script);
		play(&playing, result);
		end(&playing);
	}
	settings_free(settings);
	return result;
}
