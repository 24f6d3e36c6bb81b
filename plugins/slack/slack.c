/* Slack as a channel: events come by HTTP (request.c) or by Socket Mode
 * (link.c, socket.c), and are taken alike (take.c, action.c); replies leave by
 * the Web API (post.c, look.c).  And as a desk (desk.c). */
#include "slack.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "settings.h"

/* ---- What others need */

void
slack_log(const struct slack *slack, enum teller_level level, const char *fmt,
	  ...)
{
	char line[500];
	va_list args;
	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	slack->services->log(slack->host, level, line);
}

void
slack_count(const struct slack *slack, const char *name)
{
	slack->services->metric(slack->host, name, 1);
}

int64_t
slack_now_us(struct slack *slack)
{
	int64_t clock_us = slack->services->now_us(slack->host);
	if (clock_us < slack->clock_us)
		slack->set_back_us += slack->clock_us - clock_us;
	slack->clock_us = clock_us;
	return clock_us + slack->set_back_us;
}

void
slack_settle(struct slack *slack)
{
	if (slack->is_stopping && !slack->calls)
		slack->services->stopped(slack->host);
}

/* ---- Life */

static int
slack_open(const struct teller_services *services, struct teller_host *host,
	   void **self_r, struct teller_words *words)
{
	struct slack *slack = calloc(1, sizeof(*slack));
	if (!slack) {
		snprintf(words->text, sizeof(words->text), "no memory");
		return -1;
	}
	slack->services = services;
	slack->host = host;
	slack->started_at_us = services->now_us(host);
	*self_r = slack;
	if (settings_read(slack, words) == 0 &&
	    workspaces_open(slack, words) == 0 && desk_open(slack, words) == 0)
		return 0;
	workspaces_close(slack);
	free(slack);
	return -1;
}

static int
slack_start(void *self, struct teller_words *words)
{
	struct slack *slack = self;
	bool is_linked;
	if (settings_read_way(slack, &is_linked, words))
		return -1;
	if ((!is_linked && slack_serve(slack)) ||
	    (install_is_on(slack) && install_serve(slack))) {
		snprintf(words->text, sizeof(words->text),
			 "a route is taken, or there is no listener for HTTP: "
			 "see the log");
		return -1;
	}
	if (is_linked)
		link_start(slack);
	workspaces_start(slack);
	desk_start(slack);
	return 0;
}

/* What is under way is waited for; what waits to be posted is given to us again
 * at the next start. */
static void
slack_stop(void *self)
{
	struct slack *slack = self;
	slack->is_stopping = true;
	statuses_clear(slack);
	slack_settle(slack);
}

static void
slack_close(void *self)
{
	struct slack *slack = self;
	api_drop_calls(slack);
	checks_drop(slack);
	install_close(slack);
	link_close(slack);
	slack->is_stopping = true;
	lanes_drop(slack);
	updates_drop(slack);
	statuses_drop(slack);
	names_drop(slack);
	directs_drop(slack);
	takings_drop(slack);
	desk_close(slack);
	workspaces_close(slack);
	free(slack);
}

const struct teller_plugin teller_plugin = {
	.size = sizeof(struct teller_plugin),
	.abi_major = TELLER_ABI_MAJOR,
	.abi_minor = TELLER_ABI_MINOR,
	.capabilities = TELLER_CAN_CHANNEL | TELLER_CAN_BUTTONS |
			TELLER_CAN_TYPING | TELLER_CAN_DESK |
			TELLER_CAN_RECEIPTS,
	.name = "slack",
	.version = "1",
	.options = settings_options,
	.burst_ms = 1000,
	.open = slack_open,
	.start = slack_start,
	.send = slack_send,
	.typing = slack_typing,
	.cancel = slack_cancel,
	.stop = slack_stop,
	.close = slack_close,
	.check = slack_check,
	.desk_option = "desk",
};
