#include "dialog/desk_parts.h"

#include "base/time.h"
#include "dialog/ask.h"
#include "dialog/outbox.h"
#include "dialog/schedule.h"
#include "dialog/waiting.h"

bool
desk_is_ready(const struct desk *desk)
{
	return desk->is_started && !atomic_load(&desk->is_stopping) &&
	       !atomic_load(&desk->is_broken);
}

bool
desk_is_stopping(const struct desk *desk)
{
	return atomic_load(&desk->is_stopping);
}

struct loop *
desk_loop(struct desk *desk)
{
	return desk->loop;
}

struct store *
desk_store(struct desk *desk)
{
	return desk->store;
}

struct library *
desk_library(struct desk *desk)
{
	return desk->library;
}

struct host *
desk_host(struct desk *desk)
{
	return desk->host;
}

struct generator *
desk_generator(struct desk *desk)
{
	return desk->generator;
}

struct http_server *
desk_http(struct desk *desk)
{
	return desk->http;
}

struct keys *
desk_keys(struct desk *desk)
{
	return desk->keys;
}

struct pool *
desk_commands(struct desk *desk)
{
	return desk->commands;
}

struct asks *
desk_asks(struct desk *desk)
{
	return desk->asks;
}

const char *
desk_state_dir(const struct desk *desk)
{
	return desk->state_dir;
}

const struct settings *
desk_settings(const struct desk *desk)
{
	return desk->settings;
}

void
desk_watched(struct desk *desk)
{
	desk->watched_at_us = time_mono_us();
}

void
desk_numbers(struct desk *desk, struct desk_numbers *out)
{
	*out = (struct desk_numbers){
		.turns_running = schedule_length(desk->schedule),
		.replies_waiting = outbox_length(desk->outbox),
		.customers_waiting = waiting_length(desk->waiting),
		.started_at_us = desk->started_at_us,
	};
}
