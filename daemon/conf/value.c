/* Values by type: one function reads each, a table names it.  Any thread; the
 * arena belongs to the caller's. */
#include "conf/value.h"

#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "conf/units.h"
#include "conf/value_check.h"
#include "conf/yaml-words.h"

/* A text as a message shows it: so many bytes, for "%.*s". */
static int
shown_len(const char *text)
{
	return (int)utf8_cut(text, strlen(text), 60);
}

/* What a setting holds is at most the file, or an argument of a command. */
#define SHOWN_MAX ((size_t)8 << 20)

/* A text on one line: as it is, or in double quotes where it would not be seen
 * whole or could be taken for another. */
static void
add_shown(struct buf *out, const char *text, bool is_item)
{
	size_t len = strlen(text);

	if (len > 0 && text[0] != '"' && text[0] != ' ' &&
	    text[len - 1] != ' ' && !strpbrk(text, "\t\n\r") &&
	    !(is_item && strchr(text, ','))) {
		buf_adds(out, text);
		return;
	}
	buf_addc(out, '"');
	for (; *text; text++) {
		static const char escaped[] = "\t\n\r\"\\";
		static const char letters[] = "tnr\"\\";
		const char *at = strchr(escaped, *text);
		if (at)
			buf_addc(out, '\\');
		buf_addc(out, at ? letters[at - escaped] : *text);
	}
	buf_addc(out, '"');
}

static const char *
keep_shown(struct buf *shown, struct arena *arena)
{
	if (shown->failed)
		mem_exhausted();
	const char *kept = arena_strdup(arena, buf_str(shown));
	buf_release(shown);
	return kept;
}

typedef const char *write_fn(int64_t number, char out[UNITS_TEXT_SIZE]);

/* Whether number is within the option's limits; else words with them. */
static int
check_limits(const struct teller_option *option, int64_t number, write_fn *fn,
	     struct err *err)
{
	char min[UNITS_TEXT_SIZE], max[UNITS_TEXT_SIZE], is[UNITS_TEXT_SIZE];

	if ((option->min == 0 && option->max == 0) ||
	    (number >= option->min && number <= option->max))
		return 0;
	fn(number, is);
	fn(option->min, min);
	if (option->max == INT64_MAX)
		return err_set(err, "must be at least %s, not %s", min, is);
	return err_set(err, "must be from %s to %s, not %s", min,
		       fn(option->max, max), is);
}

static int
read_bool(struct value *value, const struct teller_option *option,
	  const char *text, struct arena *arena, struct err *err)
{
	(void)option;
	(void)arena;
	value->number = strcmp(text, "true") == 0;
	value->shown = value->number ? "true" : "false";
	if (strcmp(text, value->shown) != 0)
		return err_set(err, "must be true or false, not '%.*s'",
			       shown_len(text), text);
	return 0;
}

static int
keep_number(struct value *value, const struct teller_option *option,
	    write_fn *fn, struct arena *arena, struct err *err)
{
	char shown[UNITS_TEXT_SIZE];

	if (check_limits(option, value->number, fn, err) < 0)
		return -1;
	value->shown = arena_strdup(arena, fn(value->number, shown));
	return 0;
}

static int
read_int(struct value *value, const struct teller_option *option,
	 const char *text, struct arena *arena, struct err *err)
{
	if (!units_read_int(text, &value->number))
		return err_set(err, "must be a whole number, not '%.*s'",
			       shown_len(text), text);
	return keep_number(value, option, units_write_int, arena, err);
}

static int
read_duration(struct value *value, const struct teller_option *option,
	      const char *text, struct arena *arena, struct err *err)
{
	int64_t bare;

	if (units_read_int(text, &bare))
		return err_set(err,
			       "needs a unit behind the number %s: ms, s, min, "
			       "h or d, as in '10 s'",
			       text);
	if (!units_read_duration(text, &value->number))
		return err_set(err,
			       "must be a duration, as in 500 ms, 30 s, 5 min, "
			       "2 h or 7 d, not '%.*s'",
			       shown_len(text), text);
	return keep_number(value, option, units_write_duration, arena, err);
}

static int
read_size(struct value *value, const struct teller_option *option,
	  const char *text, struct arena *arena, struct err *err)
{
	if (!units_read_size(text, &value->number))
		return err_set(err,
			       "must be a size, as in 512 (bytes), 64 KiB, "
			       "10 MiB or 1 GiB, not '%.*s'",
			       shown_len(text), text);
	return keep_number(value, option, units_write_size, arena, err);
}

static int
read_real(struct value *value, const struct teller_option *option,
	  const char *text, struct arena *arena, struct err *err)
{
	char shown[UNITS_TEXT_SIZE];

	if (!units_read_real(text, &value->real))
		return err_set(err,
			       "must be a decimal number, as in 0.25, not "
			       "'%.*s'",
			       shown_len(text), text);
	units_write_real(value->real, shown);
	if ((option->min != 0 || option->max != 0) &&
	    (value->real < (double)option->min ||
	     value->real > (double)option->max))
		return err_set(err, "must be from %lld to %lld, not %s",
			       (long long)option->min, (long long)option->max,
			       shown);
	value->shown = arena_strdup(arena, shown);
	return 0;
}

static void
keep_text(struct value *value, const char *text, struct arena *arena)
{
	struct buf shown;

	buf_init(&shown, SHOWN_MAX);
	add_shown(&shown, text, false);
	value->text = arena_strdup(arena, text);
	value->shown = keep_shown(&shown, arena);
}

static int
read_text(struct value *value, const struct teller_option *option,
	  const char *text, struct arena *arena, struct err *err)
{
	int64_t len = (int64_t)strlen(text);

	if (len == 0 && option->min > 0)
		return err_set(err, "must not be empty");
	if (len < option->min)
		return err_set(err, "must have at least %lld bytes, not %lld",
			       (long long)option->min, (long long)len);
	if (option->max > 0 && len > option->max)
		return err_set(err, "may have at most %lld bytes, not %lld",
			       (long long)option->max, (long long)len);
	keep_text(value, text, arena);
	return 0;
}

/* The length of the word at text, of words parted by spaces. */
static size_t
word_len(const char *text)
{
	return strcspn(text, " ");
}

/* "error, warn or info" for "error warn info". */
static void
add_choices(struct buf *out, const char *choices)
{
	while (*choices) {
		size_t len = word_len(choices);
		const char *next = choices + len + strspn(choices + len, " ");
		if (out->len > 0)
			buf_adds(out, *next ? ", " : " or ");
		buf_add(out, choices, len);
		choices = next;
	}
}

static int
read_choice(struct value *value, const struct teller_option *option,
	    const char *text, struct arena *arena, struct err *err)
{
	const char *choices = option->choices ? option->choices : "";
	size_t text_len = strlen(text);
	struct buf all;

	for (const char *word = choices; *word;) {
		size_t len = word_len(word);
		if (len == text_len && memcmp(word, text, len) == 0) {
			keep_text(value, text, arena);
			return 0;
		}
		word += len + strspn(word + len, " ");
	}
	buf_init(&all, 400);
	add_choices(&all, choices);
	err_set(err, "must be %s, not '%.*s'", buf_str(&all), shown_len(text),
		text);
	buf_release(&all);
	return -1;
}

/* A name that systemd takes for a credential: one of a file. */
static bool
is_credential(const char *name)
{
	return name[0] && strlen(name) <= 255 && !strchr(name, '/') &&
	       strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

/* The words never quote the value: it may be the secret itself. */
static int
read_secret(struct value *value, const struct teller_option *option,
	    const char *text, struct arena *arena, struct err *err)
{
	bool is_none = text[0] == '\0' && option->fallback &&
		       option->fallback[0] == '\0';
	bool is_file = strncmp(text, "file:/", 6) == 0 && text[6];
	bool is_kept = strncmp(text, "credential:", 11) == 0 &&
		       is_credential(text + 11);

	if (!is_none && !is_file && !is_kept)
		return err_set(err,
			       "must say where the secret is, never the secret "
			       "itself: file:/PATH or credential:NAME");
	keep_text(value, text, arena);
	return 0;
}

static int
read_list(struct value *value, const struct teller_option *option,
	  const char *text, struct arena *arena, struct err *err)
{
	size_t n = 0, most = 1;

	for (const char *at = text; *at; at++)
		most += *at == ',';
	const char **items = arena_array(arena, most, sizeof *items);
	text += strspn(text, " ");
	while (*text) {
		size_t len = strcspn(text, ","), end = len;
		while (end > 0 && text[end - 1] == ' ')
			end--;
		items[n++] = arena_strndup(arena, text, end);
		if (!text[len])
			break;
		text += len + 1;
		text += strspn(text, " ");
		if (!*text)
			items[n++] = "";
	}
	return value_read_items(value, option, items, n, arena, err);
}

int
value_read_items(struct value *value, const struct teller_option *option,
		 const char *const *items, size_t n, struct arena *arena,
		 struct err *err)
{
	struct value read = {.items = items, .n_items = n};
	struct buf shown;

	if (n < (size_t)option->min)
		return err_set(err, "needs %lld or more entries, not %zu",
			       (long long)option->min, n);
	if (option->max > 0 && n > (size_t)option->max)
		return err_set(err, "may have at most %lld entries, not %zu",
			       (long long)option->max, n);
	for (size_t i = 0; i < n; i++)
		if (items[i][0] == '\0')
			return err_set(err, "has an empty entry");
	if (value_check_items(option, items, n, err) < 0)
		return -1;
	buf_init(&shown, SHOWN_MAX);
	for (size_t i = 0; i < n; i++) {
		buf_adds(&shown, i ? ", " : "");
		add_shown(&shown, items[i], true);
	}
	read.shown = keep_shown(&shown, arena);
	*value = read;
	return 0;
}

typedef int read_fn(struct value *, const struct teller_option *,
		    const char *text, struct arena *, struct err *);

static read_fn *const readers[] = {
	[TELLER_BOOL] = read_bool,     [TELLER_INT] = read_int,
	[TELLER_REAL] = read_real,     [TELLER_TEXT] = read_text,
	[TELLER_CHOICE] = read_choice, [TELLER_DURATION] = read_duration,
	[TELLER_SIZE] = read_size,     [TELLER_SECRET] = read_secret,
	[TELLER_LIST] = read_list,     [TELLER_DIGESTS] = read_list,
	[TELLER_ORIGINS] = read_list,
};

int
value_read(struct value *value, const struct teller_option *option,
	   const char *text, struct arena *arena, struct err *err)
{
	struct value read = {0};
	char words[64];
	size_t at;

	if ((size_t)option->type >= sizeof readers / sizeof readers[0] ||
	    !readers[option->type])
		return err_set(err, "cannot be one value");
	if (yaml_words_character(text, strlen(text), words, &at))
		return err_set(err, "holds %s, which is not allowed", words);
	if (readers[option->type](&read, option, text, arena, err) < 0)
		return -1;
	*value = read;
	return 0;
}
