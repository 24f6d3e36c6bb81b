/* What comes in: redacted, stored, and only then acknowledged and scheduled.
 * On the loop thread. */
#ifndef DIALOG_INTAKE_H
#define DIALOG_INTAKE_H

#include <stddef.h>
#include <stdint.h>

#include <tellerd/plugin.h>

struct arena;
struct loop;
struct message;
struct outbox;
struct recent;
struct schedule;
struct store;

/* Kinds that no plugin can bring: what timers find. */
#define MESSAGE_TIMER(n) \
	((enum teller_message_kind)(TELLER_MESSAGE_ACCOUNT_GONE + (n)))
#define MESSAGE_UNCLAIMED MESSAGE_TIMER(1)   /* nobody took it in time */
#define MESSAGE_LEASE_ENDED MESSAGE_TIMER(2) /* who has it does nothing */
#define MESSAGE_DESK_GONE MESSAGE_TIMER(3)   /* his desk does not run */

struct intake {
	struct loop *loop;
	struct store *store;
	struct schedule *schedule;
	struct outbox *outbox;
	struct recent *recent;
	const uint8_t *key;  /* 32 bytes: of fingerprints */
	int64_t max_chars;   /* of a text */
	int64_t max_waiting; /* conversations in work: beyond it we are busy */
	/* Called when a message is refused because the disk is full. */
	void (*disk_full)(void *arg);
	void *disk_full_arg;
};

/* What is kept of a message: everything the customer or the channel may have
 * put words into is redacted, a customer's words as going on what he wrote a
 * moment before.  Texts are in the arena; ids and crashes are not set; *alone_r
 * is the text, redacted by itself.  0, or -1: it cannot be redacted whole, and
 * so must not be kept. */
int intake_fill(struct message *, struct arena *, struct recent *,
		const char *channel, const struct teller_message *,
		int64_t now_us, int64_t mono_us, const char **alone_r);

/* Redact the message, a customer's words as going on what he wrote a moment
 * ago, keep it with the states in one transaction, schedule a
 * turn, and call on_stored(stored_arg, ...) once, later, on the loop.  channel
 * is the plugin's name; what is passed is borrowed for the call. */
void intake_receive(const struct intake *, const char *channel,
		    int64_t burst_ms, const struct teller_message *,
		    const struct teller_state *states, size_t n_states,
		    teller_stored_fn *on_stored, void *stored_arg);

#endif
