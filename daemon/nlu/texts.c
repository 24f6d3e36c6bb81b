/* One thread while reading. */
#include "nlu/texts.h"

#include "base/err.h"
#include "nlu/pack.h"
#include "nlu/read.h"

static const struct {
	const char *name;
	const char *moment; /* the one value that is known only later */
} rows[PACK_TEXTS] = {
	[TEXT_DISCLOSURE] = {"disclosure", NULL},
	[TEXT_OUT_OF_SCOPE] = {"out_of_scope", NULL},
	[TEXT_FOREIGN_LANGUAGE] = {"foreign_language", NULL},
	[TEXT_ASK] = {"ask", NULL},
	[TEXT_ASK_ABOUT] = {"ask_about", "topic"},
	[TEXT_OFFER_PERSON] = {"offer_person", NULL},
	[TEXT_HANDOVER] = {"handover", NULL},
	[TEXT_WAITING] = {"waiting", NULL},
	[TEXT_CLAIMED] = {"claimed", "agent"},
	[TEXT_UNCLAIMED] = {"unclaimed", NULL},
	[TEXT_RETURNED] = {"returned", NULL},
	[TEXT_CLOSED] = {"closed", NULL},
	[TEXT_REDACTED] = {"redacted", "kinds"},
	[TEXT_UNREADABLE] = {"unreadable", NULL},
	[TEXT_CRASHED] = {"crashed", NULL},
	[TEXT_PERSON_BUTTON] = {"person_button", NULL},
	[TEXT_OUT_OF_HOURS] = {"out_of_hours", "when"},
	[TEXT_CALL_BACK] = {"call_back", "number"},
	[TEXT_PERSON_LEFT] = {"person_left", NULL},
	[TEXT_BOT_BUTTON] = {"bot_button", NULL},
	[TEXT_OPTIONS] = {"options", NULL},
	[TEXT_WHICH] = {"which", NULL},
	[TEXT_NONE_BUTTON] = {"none_button", NULL},
	[TEXT_PRIVATE] = {"private", NULL},
	[TEXT_UNREACHED] = {"unreached", NULL},
};

const char *
pack_text_name(enum pack_text text)
{
	return rows[text].name;
}

int
texts_read(struct pack *pack, const struct yaml_file *file, struct err *err)
{
	struct yaml_field fields[PACK_TEXTS + 1] = {0};

	for (int i = 0; i < PACK_TEXTS; i++)
		fields[i] = (struct yaml_field){rows[i].name, YAML_TEXT, true};
	if (yaml_check(file, file->root, fields, err) < 0)
		return -1;
	for (int i = 0; i < PACK_TEXTS; i++) {
		const struct yaml *node = yaml_get(file->root, rows[i].name);
		pack->texts[i] =
			read_text(pack, file, node, rows[i].moment, err);
		if (!pack->texts[i])
			return -1;
	}
	return 0;
}
