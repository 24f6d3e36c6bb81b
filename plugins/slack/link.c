/* Socket Mode: which connections there are.  Slack ends each after some hours
 * and says so before; then another one is made, and the first goes when that
 * works, so that events always have a way.  What Slack is not told to be taken
 * it brings again, by any of them. */
#include <stdio.h>
#include <string.h>

#include "api.h"
#include "slack.h"

#define CHECK_MS (10 * 1000)
#define AGAIN_MS (5 * 1000) /* times the connections that were lost */
#define AGAIN_MAX_MS (60 * 1000)
#define LOST_AGAIN_MS 200
#define DOWN_AGAIN_MS (5 * 60 * 1000)
#define JITTER_MS 1000

static void connect_now(void *arg);

static void
set_words(struct slack *slack, const char *words, bool is_down)
{
	snprintf(slack->link_words, sizeof(slack->link_words), "%s", words);
	slack->is_link_down = is_down;
	workspaces_tell_health(slack);
}

static void
connect_after(struct slack *slack, int64_t delay_ms)
{
	if (slack->is_stopping || slack->is_linking)
		return;
	slack->link_timer = slack->services->watch_timer(
		slack->host, delay_ms, false, connect_now, slack);
	slack->is_linking = slack->link_timer != NULL;
}

/* There is no other attempt but the one that is begun now, if any. */
static void
set_unlinked(struct slack *slack)
{
	if (slack->link_timer)
		slack->services->unwatch(slack->host, slack->link_timer);
	slack->link_timer = NULL;
	slack->is_linking = false;
}

/* The microseconds of a clock are as good as chance. */
static int64_t
delay_ms(const struct slack *slack)
{
	int64_t ms = AGAIN_MS * (int64_t)slack->n_lost;
	int64_t chance = slack->services->now_us(slack->host) % JITTER_MS;
	if (slack->n_lost == 0)
		return 0;
	return (ms < AGAIN_MAX_MS ? ms : AGAIN_MAX_MS) + chance;
}

void
link_down(struct slack *slack, const char *words)
{
	slack_log(slack, TELLER_LOG_ERROR, "Socket Mode: %s", words);
	set_words(slack, words, true);
	set_unlinked(slack);
	connect_after(slack, DOWN_AGAIN_MS);
}

/* Is there a connection, ready or not, that no other has the place of? */
static bool
has_link(const struct slack *slack)
{
	const struct socket *socket = slack->sockets;
	while (socket && socket_is_leaving(socket))
		socket = socket_next(socket);
	return socket;
}

static void
try_again(struct slack *slack, const char *words, int64_t at_least_ms)
{
	int64_t ms = delay_ms(slack);
	if (slack->link_timer) /* it is known already when */
		return;
	slack->is_linking = false;
	slack->n_lost++;
	if (!has_link(slack))
		set_words(slack, words, false);
	connect_after(slack, ms > at_least_ms ? ms : at_least_ms);
}

static void
on_address(void *arg, const struct api_answer *answer)
{
	struct slack *slack = arg;
	const char *url =
		json_string_value(json_object_get(answer->body, "url"));
	switch (answer->result) {
	case API_OK:
		if (!url || socket_open(slack, url))
			try_again(slack, "Slack's address is none", AGAIN_MS);
		break;
	case API_DEAD:
	case API_SETTINGS:
		link_down(slack, answer->words);
		break;
	case API_HELD:
		try_again(slack, answer->words, answer->retry_after_s * 1000);
		break;
	default:
		try_again(slack, answer->words, AGAIN_MS);
	}
}

/* An address is good for one connection. */
static void
connect_now(void *arg)
{
	struct slack *slack = arg;
	slack->link_timer = NULL;
	if (slack->is_stopping)
		return;
	slack->is_linking = true;
	if (api_call_as_app(slack, "apps.connections.open", on_address, slack))
		try_again(slack, "app_token cannot be read", AGAIN_MS);
}

void
link_renew(struct slack *slack)
{
	connect_after(slack, 0);
}

void
link_ready(struct socket *socket)
{
	struct slack *slack = socket_slack(socket);
	struct socket *next;
	set_unlinked(slack);
	slack->n_lost = 0;
	slack_count(slack, "connections");
	set_words(slack, "", false);
	for (struct socket *other = slack->sockets; other; other = next) {
		next = socket_next(other);
		if (other != socket)
			socket_leave(other);
	}
}

void
link_lost(struct socket *socket, const char *words)
{
	struct slack *slack = socket_slack(socket);
	bool is_new = !socket_is_ready(socket) && !socket_is_leaving(socket);
	socket_free(socket);
	if (slack->is_stopping)
		return;
	slack_log(slack, TELLER_LOG_INFO, "Socket Mode: %s", words);
	/* One that is being replaced, or was, is not missed. */
	if (is_new || (!slack->is_linking && !has_link(slack)))
		try_again(slack, words, LOST_AGAIN_MS);
}

static void
check(void *arg)
{
	struct slack *slack = arg;
	struct socket *next;
	for (struct socket *socket = slack->sockets; socket; socket = next) {
		next = socket_next(socket);
		socket_check(socket);
	}
}

void
link_start(struct slack *slack)
{
	set_words(slack, "Slack has not been reached yet", false);
	slack->services->watch_timer(slack->host, CHECK_MS, true, check, slack);
	connect_now(slack);
}

void
link_close(struct slack *slack)
{
	while (slack->sockets)
		socket_free(slack->sockets);
}
