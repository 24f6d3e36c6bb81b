/* What is kept of a message. */
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "dialog/intake_parts.h"
#include "dialog/intake_redact.h"
#include "store/message.h"
#include "text/redact.h"

const struct intake_kind intake_kinds[] = {
	[TELLER_MESSAGE_TEXT] = {"text", QUEUED | SPOKEN},
	[TELLER_MESSAGE_OPTION] = {"option", QUEUED},
	[TELLER_MESSAGE_EDIT] = {"text", QUEUED | WITHDRAWS | SPOKEN},
	[TELLER_MESSAGE_DELETE] = {"delete", WITHDRAWS},
	[TELLER_MESSAGE_STOP] = {"stop", WITHDRAWS_ALL},
	[TELLER_MESSAGE_FEEDBACK] = {"feedback", 0},
	[TELLER_MESSAGE_HANDOVER] = {"handover", QUEUED},
	[TELLER_MESSAGE_CLAIM] = {"claim", QUEUED | OF_DESK},
	[TELLER_MESSAGE_AGENT] = {"agent", QUEUED | OF_DESK},
	[TELLER_MESSAGE_NOTE] = {"note", QUEUED | OF_DESK},
	[TELLER_MESSAGE_RETURN] = {"return", QUEUED | OF_DESK},
	[TELLER_MESSAGE_CLOSE] = {"close", QUEUED | OF_DESK},
	[TELLER_MESSAGE_DELIVERY_FAILED] = {"delivery_failed", 0},
	[TELLER_MESSAGE_ACCOUNT_GONE] = {"account_gone", 0},
	[MESSAGE_UNCLAIMED] = {"unclaimed", QUEUED},
	[MESSAGE_LEASE_ENDED] = {"lease_ended", QUEUED},
	[MESSAGE_DESK_GONE] = {"desk_gone", QUEUED},
};

static const char *
write_attachments(struct arena *arena, const struct teller_message *message,
		  unsigned int *found)
{
	if (!message->n_attachments)
		return "";
	json_t *list = json_array();
	for (size_t i = 0; i < message->n_attachments; i++) {
		const struct teller_attachment *file = &message->attachments[i];
		json_t *row = json_object();
		json_set_text(row, "name",
			      intake_redact_word(arena, file->name, found));
		json_set_text(row, "media_type", file->media_type);
		json_set_int(row, "size_bytes", file->size_bytes);
		json_array_append_new(list, row);
	}
	char *text = json_text(list);
	json_decref(list);
	const char *kept = arena_strdup(arena, text ? text : "");
	free(text);
	return kept;
}

static int
fill_text(struct message *message, struct arena *arena, struct recent *recent,
	  const char *channel, const struct teller_message *in, int64_t mono_us,
	  unsigned int *found, const char **alone_r)
{
	const char *alone = intake_redact(arena, in->text, in->text_len, found);
	message->text = alone;
	if (alone && intake_kinds[in->kind].flags & SPOKEN)
		message->text = intake_redact_spoken(arena, recent, channel, in,
						     alone, mono_us, found);
	*alone_r = alone;
	return message->text ? 0 : -1;
}

int
intake_fill(struct message *message, struct arena *arena, struct recent *recent,
	    const char *channel, const struct teller_message *in,
	    int64_t now_us, int64_t mono_us, const char **alone_r)
{
	unsigned int found = 0;
	if (fill_text(message, arena, recent, channel, in, mono_us, &found,
		      alone_r))
		return -1;
	message->kind = intake_kinds[in->kind].name;
	message->author_id = intake_redact_word(arena, in->author.id, &found);
	message->author_name =
		intake_redact_word(arena, in->author.name, &found);
	message->trust = (int)in->author.trust;
	message->option = intake_redact_word(arena, in->option, &found);
	/* Of an act: at which desk it was. */
	const char *target =
		intake_kinds[in->kind].flags & OF_DESK ? channel : in->target;
	message->target = arena_strdup(arena, target ? target : "");
	message->rating = in->rating;
	message->private_key = arena_strdup(
		arena,
		in->private_conversation ? in->private_conversation : "");
	message->attachments = write_attachments(arena, in, &found);
	message->sent_at_us = in->sent_at_us;
	message->received_at_us = now_us;
	char words[64];
	message->redacted =
		arena_strdup(arena, redact_kinds_text(found, words));
	return 0;
}
