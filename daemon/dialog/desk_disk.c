/* A full disk in the log, and a database that another program holds: one line
 * when it begins and one when it is over, however many messages are refused in
 * between.  A message that a full disk refused tells at once; the timer finds
 * what no message met, and the end. */
#include "base/log.h"
#include "base/time.h"
#include "conf/options.h"
#include "conf/units.h"
#include "dialog/desk_parts.h"
#include "net/loop.h"
#include "store/store.h"

#define LOOK_EVERY_MS 1000
/* Around the limit it is full and not full in turns. */
#define WELL_FOR_US (10 * 1000 * 1000)
#define MIB (1024.0 * 1024.0)

static void
log_full(const struct desk *desk, int64_t free_bytes)
{
	char least[UNITS_TEXT_SIZE];
	units_write_size(settings_int(desk->at_start, "store.min_free"), least);
	log_warn("desk: the disk of %s is full: %.1f MiB are free "
		 "(store.min_free is %s).  No message is taken, senders are "
		 "told to come again; reading goes on.  Make room: it goes on "
		 "by itself",
		 desk->state_dir, (double)free_bytes / MIB, least);
}

static void
see(struct disk_watch *watch, bool is_full, int64_t free_bytes)
{
	struct desk *desk = watch->desk;
	int64_t now_us = time_mono_us();
	if (is_full)
		watch->full_at_us = now_us;
	if (is_full && !watch->is_full) {
		watch->is_full = true;
		log_full(desk, free_bytes);
	} else if (watch->is_full && now_us - watch->full_at_us > WELL_FOR_US) {
		watch->is_full = false;
		log_info("desk: the disk of %s has room again, %.1f MiB are "
			 "free: messages are taken",
			 desk->state_dir, (double)free_bytes / MIB);
	}
}

static void
see_held(struct disk_watch *watch, const struct store_health *health)
{
	const char *dir = watch->desk->state_dir;
	if (health->is_held && !watch->is_held) {
		watch->is_held = true;
		log_warn("desk: another program reads the database in %s, so "
			 "what the last process left in its log cannot be "
			 "copied back.  No message is taken, senders are told "
			 "to come again.  End that program ('fuser "
			 "%s/store.db' names it): it goes on by itself",
			 dir, dir);
	} else if (watch->is_held && !health->is_held && !health->is_full) {
		watch->is_held = false;
		log_info("desk: what the last process left in %s is copied "
			 "back: messages are taken",
			 dir);
	}
}

static void
look(void *arg)
{
	struct disk_watch *watch = arg;
	struct store_health health;
	store_health(watch->desk->store, &health);
	see(watch, health.is_full, health.free_bytes);
	see_held(watch, &health);
	timer_set(watch->timer, LOOK_EVERY_MS);
}

void
disk_watch_begin(struct disk_watch *watch, struct desk *desk)
{
	watch->desk = desk;
	watch->timer = timer_new(desk->loop, look, watch);
	timer_set(watch->timer, 0);
}

void
disk_watch_end(struct disk_watch *watch)
{
	timer_free(watch->timer);
	watch->timer = NULL;
}

void
disk_watch_refused(void *arg)
{
	struct disk_watch *watch = arg;
	struct store_health health;
	if (!watch->timer)
		return;
	store_health(watch->desk->store, &health);
	see(watch, true, health.free_bytes);
}
