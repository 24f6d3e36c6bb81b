/* Packs: a new one, and looking through one. */
#include <limits.h>
#include <stdlib.h>

#include "admin/admin.h"
#include "admin/commands.h"
#include "admin/verdict.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/finding.h"
#include "base/json.h"
#include "base/mem.h"
#include "conf/facts.h"
#include "dialog/desk.h"
#include "dialog/pack_broken.h"
#include "dialog/pack_import.h"
#include "dialog/pack_judge.h"
#include "dialog/starters.h"
#include "faq/import.h"
#include "nlu/pack.h"
#include "nlu/pack_new.h"

/* ---- new */

static int
make_new(struct admin_call *call, struct pack_new *wish, struct err *err)
{
	if (!pack_is_name(wish->name))
		return err_misuse(err,
				  "'%.80s' is no name of a pack: 1 to 64 small "
				  "letters, digits, '-' and '_'",
				  wish->name);
	char real[PATH_MAX];
	if (pack_make_new(wish, err))
		return -1;
	call->result = json_object();
	json_set_text(call->result, "pack", wish->name);
	json_set_text(call->result, "title", wish->title);
	json_set_text(call->result, "packs_dir",
		      realpath(wish->to, real) ? real : wish->to);
	return 0;
}

static int
run_new(struct admin_call *call, struct err *err)
{
	const char *title = admin_text(call, "title");
	const char *name = admin_text(call, "NAME");
	struct arena arena = {0};
	struct buf from;
	buf_init(&from, PATH_MAX);
	int rc = desk_find_pack(call->config, admin_text(call, "from"), &from,
				err);
	struct pack_new wish = {
		.from = buf_str(&from),
		.to = json_get_text(call->arguments, "to", "."),
		.name = name,
		.title = title ? title
			       : arena_printf(&arena, "Desk of %s", name),
	};
	if (!rc)
		rc = make_new(call, &wish, err);
	buf_release(&from);
	arena_release(&arena);
	return rc;
}

static void
print_new(const json_t *result, FILE *out)
{
	const char *dir = json_get_text(result, "packs_dir", "");
	const char *name = json_get_text(result, "pack", "");
	fprintf(out,
		"%s/%s is a desk of your own now.\n\n"
		"1. Edit %s/%s/facts.yaml, which is still the firm it was "
		"copied "
		"from, and what else is\n   marked as fictional, such as "
		"hours.\n"
		"2. tellerctl intents check %s/%s\n"
		"3. In the settings:\n"
		"     desk:\n"
		"       packs_dir: %s\n"
		"       pack: %s\n",
		dir, name, dir, name, dir, name, dir, name);
}

/* ---- check */

/* What keeps a desk from starting is all that is found then. */
static void
check_dir(const char *dir, struct findings *findings)
{
	struct faq_file faq = {0};
	struct err err = {0};
	struct pack *pack = pack_read(dir, &err);
	bool is_read = pack && !pack_read_entries(&faq, pack, facts_value,
						  &pack->facts, &err);
	if (!is_read)
		pack_find_broken(dir, findings);
	else
		pack_look_through(pack, &faq, findings);
	if (is_read && starters_check(dir, pack, findings, &err))
		findings_add_err(findings, "unreadable", &err);
	faq_file_release(&faq);
	pack_free(pack);
}

static int
run_check(struct admin_call *call, struct err *err)
{
	struct findings findings = {0};
	struct buf dir;
	buf_init(&dir, PATH_MAX);
	int rc = desk_find_pack(call->config, admin_text(call, "PACK"), &dir,
				err);
	if (!rc) {
		check_dir(buf_str(&dir), &findings);
		call->result =
			verdict_json(&findings, admin_flag(call, "strict"));
	}
	buf_release(&dir);
	return rc;
}

static const struct admin_argument new_arguments[] = {
	{"NAME", ADMIN_TEXT, true, NULL, "of the new pack"},
	{"--from", ADMIN_TEXT, true, "PACK",
	 "what to copy: banking, insurance, or the directory of a pack"},
	{"--to", ADMIN_TEXT, false, "DIR",
	 "the directory that gets it as DIR/NAME; else the present one"},
	{"--title", ADMIN_TEXT, false, "TEXT", "what people call the desk"},
	{0},
};

static const struct admin_argument check_arguments[] = {
	{"PACK", ADMIN_TEXT, false, NULL,
	 "a directory, or the name of a pack; else the one of the settings"},
	{"--strict", ADMIN_FLAG, false, NULL, "fail on warnings, too"},
	{0},
};

const struct admin_command admin_intents_commands[] = {
	{"intents", "new", "Copy a pack, to make it one of your own.",
	 ADMIN_NO_DESK, new_arguments, run_new, print_new},
	{"intents", "check", "Look through a pack, and say what is amiss.",
	 ADMIN_NO_DESK | ADMIN_VERDICT, check_arguments, run_check,
	 verdict_print},
	{0},
};
