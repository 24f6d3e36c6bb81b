#include "base/zone.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/crypto.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/zone_rule.h"

#define FILE_BYTES_MAX 65536
#define HEAD_BYTES 44
#define TYPE_BYTES 6
/* No clock on a wall is further from UTC; RFC 8536, section 3.2. */
#define OFFSET_MAX_S 93599
/* Years beyond these are nobody's opening hours, and no sum overflows. */
#define SECONDS_MAX INT64_C(1000000000000)

struct zone {
	int64_t *changes; /* in order */
	int *offsets;	  /* from each change on */
	size_t n;
	int first_s; /* before the first */
	bool has_rule;
	struct zone_rule rule; /* behind the last, if there is one */
	char hash[SHA256_HEX_SIZE];
};

/* The counts of a head: RFC 8536, section 3.1. */
struct head {
	char version;
	size_t n_ut, n_standard, n_leaps, n_times, n_types, n_chars;
};

static uint32_t
read_u32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
	       (uint32_t)at[2] << 8 | at[3];
}

static int64_t
read_i64(const uint8_t *at)
{
	return (int64_t)((uint64_t)read_u32(at) << 32 | read_u32(at + 4));
}

static bool
read_head(const uint8_t *data, size_t len, struct head *head)
{
	if (len < HEAD_BYTES || memcmp(data, "TZif", 4) != 0)
		return false;
	head->version = (char)data[4];
	size_t *const counts[] = {&head->n_ut,	  &head->n_standard,
				  &head->n_leaps, &head->n_times,
				  &head->n_types, &head->n_chars};
	for (size_t i = 0; i < 6; i++) {
		*counts[i] = read_u32(data + 20 + 4 * i);
		if (*counts[i] > FILE_BYTES_MAX)
			return false;
	}
	return head->n_types > 0;
}

/* Of what stands behind a head, with times of that many bytes. */
static size_t
body_bytes(const struct head *head, size_t time_bytes)
{
	return head->n_times * (time_bytes + 1) + head->n_types * TYPE_BYTES +
	       head->n_chars + head->n_leaps * (time_bytes + 4) +
	       head->n_standard + head->n_ut;
}

static bool
read_offset(const uint8_t *types, size_t type, const struct head *head,
	    int *offset_r)
{
	if (type >= head->n_types)
		return false;
	*offset_r = (int)(int32_t)read_u32(types + type * TYPE_BYTES);
	return *offset_r >= -OFFSET_MAX_S && *offset_r <= OFFSET_MAX_S;
}

static bool
read_changes(struct zone *zone, const uint8_t *body, const struct head *head)
{
	const uint8_t *kinds = body + head->n_times * 8;
	const uint8_t *types = kinds + head->n_times;
	zone->n = head->n_times;
	zone->changes = mem_array(zone->n + 1, sizeof(*zone->changes));
	zone->offsets = mem_array(zone->n + 1, sizeof(*zone->offsets));
	if (!zone->changes || !zone->offsets ||
	    !read_offset(types, 0, head, &zone->first_s))
		return false;
	for (size_t i = 0; i < zone->n; i++) {
		zone->changes[i] = read_i64(body + i * 8);
		if (i && zone->changes[i] <= zone->changes[i - 1])
			return false;
		if (!read_offset(types, kinds[i], head, &zone->offsets[i]))
			return false;
	}
	return true;
}

/* "\nTZ\n"; an empty one: no rule. */
static bool
read_footer(struct zone *zone, const uint8_t *at, size_t len)
{
	if (len < 2 || at[0] != '\n')
		return false;
	const uint8_t *end = memchr(at + 1, '\n', len - 1);
	if (!end)
		return false;
	size_t rule_len = (size_t)(end - at) - 1;
	zone->has_rule = rule_len > 0;
	return !zone->has_rule ||
	       zone_rule_parse(&zone->rule, (const char *)at + 1, rule_len);
}

static bool
read_zone(struct zone *zone, const uint8_t *data, size_t len)
{
	struct head head;
	if (!read_head(data, len, &head) || head.version < '2')
		return false;
	/* First comes all of it with times of 32 bits, for old programs. */
	size_t skip = HEAD_BYTES + body_bytes(&head, 4);
	if (skip > len)
		return false;
	data += skip;
	len -= skip;
	if (!read_head(data, len, &head))
		return false;
	size_t bytes = HEAD_BYTES + body_bytes(&head, 8);
	return bytes <= len && read_changes(zone, data + HEAD_BYTES, &head) &&
	       read_footer(zone, data + bytes, len - bytes);
}

struct zone *
zone_parse(const void *data, size_t len, struct err *err)
{
	struct zone *zone = mem_new(sizeof(*zone));
	if (len <= FILE_BYTES_MAX && read_zone(zone, data, len)) {
		crypto_sha256_hex(data, len, zone->hash);
		return zone;
	}
	zone_free(zone);
	err_set(err, "this is no file of a time zone that can be read");
	return NULL;
}

void
zone_free(struct zone *zone)
{
	if (!zone)
		return;
	free(zone->changes);
	free(zone->offsets);
	free(zone);
}

/* Nothing but the names of the database: no way out of its directory. */
static bool
is_name(const char *name)
{
	size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz"
				  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-/");
	return len > 0 && len <= 64 && !name[len] && name[0] != '/';
}

static int
read_file(const char *path, struct buf *out, struct err *err)
{
	char block[4096];
	ssize_t n;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, "%s", path);
	while ((n = read(fd, block, sizeof(block))) > 0)
		if (buf_add(out, block, (size_t)n) < 0)
			break;
	int rc = n < 0 ? err_errno(err, "%s", path) : 0;
	close(fd);
	return rc;
}

struct zone *
zone_read(const char *name, struct err *err)
{
	struct zone *zone = NULL;
	struct buf bytes;
	char path[128];
	if (!is_name(name)) {
		err_set(err,
			"'%.80s' is no name of a time zone: write "
			"Europe/Dublin, ...",
			name);
		return NULL;
	}
	if (access(ZONE_DIR "/UTC", R_OK) < 0) {
		err_set(err, "there are no time zones in " ZONE_DIR
			     ": install the package tzdata");
		return NULL;
	}
	snprintf(path, sizeof(path), ZONE_DIR "/%s", name);
	buf_init(&bytes, FILE_BYTES_MAX + 1);
	if (access(path, F_OK) < 0)
		err_set(err, "there is no time zone '%s' in " ZONE_DIR, name);
	else if (read_file(path, &bytes, err) == 0 &&
		 !(zone = zone_parse(bytes.data, bytes.len, err)))
		err_prefix(err, "%s", path);
	buf_release(&bytes);
	return zone;
}

int
zone_offset(const struct zone *zone, int64_t seconds)
{
	size_t low = 0, high = zone->n; /* changes before low are past */
	if (seconds > SECONDS_MAX)
		seconds = SECONDS_MAX;
	if (seconds < -SECONDS_MAX)
		seconds = -SECONDS_MAX;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (zone->changes[middle] <= seconds)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == zone->n && zone->has_rule)
		return zone_rule_offset(&zone->rule, seconds);
	return low ? zone->offsets[low - 1] : zone->first_s;
}

int64_t
zone_to_utc(const struct zone *zone, int64_t local)
{
	/* Clocks change less often than every two days: one of the two offsets
	 * is in force then. */
	int before = zone_offset(zone, local - 86400);
	int after = zone_offset(zone, local + 86400);
	if (zone_offset(zone, local - before) == before)
		return local - before;
	if (zone_offset(zone, local - after) == after)
		return local - after;
	return local - before;
}

const char *
zone_hash(const struct zone *zone)
{
	return zone->hash;
}
