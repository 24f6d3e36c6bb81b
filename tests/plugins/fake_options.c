/* Settings and secrets of the fake host. */
#include "fake_inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Is name one of the items, which commas part? */
static bool
has_item(const char *items, const char *name)
{
	size_t len = strlen(name);

	while (items) {
		size_t n = strcspn(items, ",");
		if (n == len && memcmp(items, name, n) == 0)
			return true;
		items = items[n] ? items + n + 1 : NULL;
	}
	return false;
}

static void
add_section(struct fake *fake, const char *table, const char *name)
{
	const char *names = map_get(&fake->inside->sections, table);

	if (!has_item(names, name))
		map_put(&fake->inside->sections, table,
			arena_printf(&fake->arena, "%s%s%s", names ? names : "",
				     names ? "," : "", name));
}

/* "accounts.acme.port": acme is one of the accounts; and so on, in tables of
 * tables. */
static void
add_sections(struct fake *fake, const char *path)
{
	const char *dot = strchr(path, '.');

	while (dot) {
		const char *name = dot + 1;
		size_t len = strcspn(name, ".");
		add_section(
			fake,
			arena_strndup(&fake->arena, path, (size_t)(dot - path)),
			arena_strndup(&fake->arena, name, len));
		dot = name[len] ? strchr(name + len + 1, '.') : NULL;
	}
}

void
fake_set(struct fake *fake, const char *path, const char *value)
{
	add_sections(fake, path);
	map_put(&fake->inside->options, path,
		arena_strdup(&fake->arena, value));
}

/* The row of a path: every second part below a table names a section. */
static const struct teller_option *
find_row(struct fake *fake, const char *path)
{
	const struct teller_option *row = fake->inside->plugin->options;

	while (row && row->name) {
		size_t len = strcspn(path, ".");
		if (strlen(row->name) != len ||
		    memcmp(row->name, path, len) != 0) {
			row++;
			continue;
		}
		if (!path[len])
			return row;
		path += len + 1;
		path += strcspn(path, ".");
		if (!*path++ || row->type != TELLER_TABLE)
			return NULL;
		row = row->fields;
	}
	return NULL;
}

/* The text of an option of one of those types (a bit each). */
static const char *
get_text(struct teller_host *host, const char *path, unsigned int types)
{
	struct fake *fake = fake_of(host);
	const struct teller_option *row = find_row(fake, path);
	const char *text = map_get(&fake->inside->options, path);

	if (!row || !(1u << row->type & types))
		fail_msg("the plugin asks for the option '%s', which it has "
			 "not, or not of that type",
			 path);
	if (!text && !row->fallback && row->type != TELLER_TABLE)
		fail_msg("the test must set the option '%s'", path);
	if (row->type == TELLER_TABLE)
		text = map_get(&fake->inside->sections, path);
	return text ? text : row->fallback ? row->fallback : "";
}

/* "600 ms", "5 min", "64 KiB", "7". */
static int64_t
read_number(const char *text)
{
	static const struct {
		const char *name;
		int64_t factor;
	} units[] = {
		{"ms", 1},
		{"s", 1000},
		{"min", 60 * 1000},
		{"h", 3600 * 1000},
		{"d", 24 * 3600 * 1000},
		{"KiB", 1024},
		{"MiB", 1024 * 1024},
		{"GiB", 1024 * 1024 * 1024},
	};
	char *end;
	int64_t number = strtoll(text, &end, 10);

	end += strspn(end, " ");
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (strcmp(end, units[i].name) == 0)
			return number * units[i].factor;
	return number;
}

int64_t
fake_option_int(struct teller_host *host, const char *path)
{
	return read_number(get_text(host, path,
				    1u << TELLER_INT | 1u << TELLER_DURATION |
					    1u << TELLER_SIZE));
}

double
fake_option_real(struct teller_host *host, const char *path)
{
	return strtod(get_text(host, path, 1u << TELLER_REAL), NULL);
}

bool
fake_option_bool(struct teller_host *host, const char *path)
{
	return strcmp(get_text(host, path, 1u << TELLER_BOOL), "true") == 0;
}

const char *
fake_option_text(struct teller_host *host, const char *path)
{
	return get_text(host, path, 1u << TELLER_TEXT | 1u << TELLER_CHOICE);
}

#define LISTS                                                              \
	(1u << TELLER_LIST | 1u << TELLER_DIGESTS | 1u << TELLER_ORIGINS | \
	 1u << TELLER_TABLE)

size_t
fake_option_count(struct teller_host *host, const char *path)
{
	const char *text = get_text(host, path, LISTS);
	size_t n = *text != '\0';

	for (; *text; text++)
		n += *text == ',';
	return n;
}

const char *
fake_option_item(struct teller_host *host, const char *path, size_t i)
{
	const char *text = get_text(host, path, LISTS);

	if (i >= fake_option_count(host, path))
		return NULL;
	while (i-- > 0)
		text += strcspn(text, ",") + 1;
	text += strspn(text, " ");
	return arena_strndup(&fake_of(host)->arena, text, strcspn(text, ","));
}

void
fake_starters(struct teller_host *host, teller_text_fn *each, void *arg)
{
	struct fake *fake = fake_of(host);

	if (!fake_may(fake, "starters", FAKE_STOPPING))
		return;
	for (size_t i = 0; fake->starters[i]; i++)
		each(arg, fake->starters[i]);
}

void
fake_front(struct teller_host *host, teller_front_fn *fn, void *arg)
{
	struct fake *fake = fake_of(host);

	if (fake_may(fake, "front", FAKE_STOPPING) && fake->front)
		fn(arg, fake->front);
}

/* ---- Secrets */

struct fake_secret {
	size_t len;
	char data[];
};

static void
keep_secret(struct fake *fake, const char *name, const void *value, size_t len)
{
	struct fake_secret *secret =
		arena_new(&fake->arena, sizeof *secret + len + 1);

	secret->len = len;
	memcpy(secret->data, value, len);
	map_put(&fake->inside->secrets, name, secret);
}

void
fake_set_secret(struct fake *fake, const char *name, const char *value)
{
	add_sections(fake, name);
	keep_secret(fake, name, value, strlen(value));
}

const char *
fake_get_secret(struct fake *fake, const char *name)
{
	struct fake_secret *secret = map_get(&fake->inside->secrets, name);

	return secret ? secret->data : NULL;
}

const void *
fake_secret_get(struct teller_host *host, const char *name, size_t *len_r)
{
	struct fake_secret *secret =
		map_get(&fake_of(host)->inside->secrets, name);

	*len_r = secret ? secret->len : 0;
	return secret ? secret->data : NULL;
}

struct kept_call {
	teller_kept_fn *done;
	void *arg;
};

static void
tell_kept(struct fake *fake, struct fake_due *due)
{
	struct kept_call *call = due->what;

	(void)fake;
	if (call->done)
		call->done(call->arg, true);
}

int
fake_secret_put(struct teller_host *host, const char *name, const void *value,
		size_t len, teller_kept_fn *done, void *arg)
{
	struct fake *fake = fake_of(host);
	struct kept_call *call = arena_new(&fake->arena, sizeof *call);

	if (!fake_may(fake, "secret_put", FAKE_STOPPING))
		return -1;
	keep_secret(fake, name, value, len);
	*call = (struct kept_call){done, arg};
	fake_add_due(fake, tell_kept)->what = call;
	return 0;
}
