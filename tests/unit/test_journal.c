/* Entries are read here as the journal reads them: what was put in comes out,
 * whatever bytes it has. */
#include "test.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/journal.h"

#define N_ROUNDS 20000
#define N_FIELDS 12
#define VALUE_MAX 3000

struct field {
	char name[16];
	char value[VALUE_MAX];
	size_t len;
};

/* The field at *at, which goes on behind it; false: none begins there. */
static bool
read_field(const struct journal_entry *entry, size_t *at, struct field *field)
{
	const char *begin = entry->bytes + *at;
	size_t left = entry->len - *at, name_len = 0;

	while (name_len < left && begin[name_len] != '=' &&
	       begin[name_len] != '\n')
		name_len++;
	if (name_len == left || name_len >= sizeof field->name)
		return false;
	memcpy(field->name, begin, name_len);
	field->name[name_len] = '\0';
	const char *value = begin + name_len + 1;
	if (begin[name_len] == '=') {
		const char *end = memchr(value, '\n', left - name_len - 1);
		if (!end)
			return false;
		field->len = (size_t)(end - value);
	} else {
		field->len = 0;
		for (int i = 7; i >= 0; i--)
			field->len = field->len << 8 | (unsigned char)value[i];
		value += 8;
	}
	if (field->len > VALUE_MAX || value[field->len] != '\n')
		return false;
	memcpy(field->value, value, field->len);
	*at = (size_t)(value + field->len + 1 - entry->bytes);
	return true;
}

static void
expect(const struct journal_entry *entry, const char *bytes, size_t len)
{
	assert_int_equal(entry->len, len);
	assert_memory_equal(entry->bytes, bytes, len);
}

static void
test_a_value_without_line_breaks_stands_behind_its_name(void **state)
{
	struct journal_entry entry = {.len = 0};

	(void)state;
	assert_true(journal_add(&entry, "MESSAGE", "a=b", 3));
	journal_add_text(&entry, "EMPTY", "");
	journal_add_text(&entry, "NOTHING", NULL);
	expect(&entry, "MESSAGE=a=b\nEMPTY=\n", 19);
}

static void
test_one_with_line_breaks_has_its_length_before_it(void **state)
{
	static const char wanted[] = "A\n\3\0\0\0\0\0\0\0x\ny\n"
				     "B\n\1\0\0\0\0\0\0\0\n\n";
	char many[300];
	struct journal_entry entry = {.len = 0};

	(void)state;
	assert_true(journal_add(&entry, "A", "x\ny", 3));
	assert_true(journal_add(&entry, "B", "\n", 1));
	expect(&entry, wanted, sizeof wanted - 1);
	memset(many, '\n', sizeof many);
	entry.len = 0;
	assert_true(journal_add(&entry, "C", many, sizeof many));
	assert_int_equal(entry.len, 1 + 1 + 8 + 300 + 1);
	assert_memory_equal(entry.bytes, "C\n\x2c\1\0\0\0\0\0\0", 10);
}

static void
test_what_has_no_room_is_left_out_whole(void **state)
{
	static char big[JOURNAL_ENTRY_MAX];
	struct journal_entry entry = {.len = 0};

	(void)state;
	memset(big, 'x', sizeof big);
	assert_false(journal_add(&entry, "A", big, sizeof big));
	assert_false(journal_add(&entry, "A", big, (size_t)-1));
	assert_int_equal(entry.len, 0);
	/* Exactly full. */
	assert_true(journal_add(&entry, "A", big, sizeof big - 3));
	assert_int_equal(entry.len, sizeof big);
	assert_false(journal_add(&entry, "B", "", 0));
	assert_int_equal(entry.len, sizeof big);
}

static size_t
random_value(char value[VALUE_MAX])
{
	static const char few[] = "\n=\0A\xff\xc3 ";
	size_t len = (size_t)rand() % (rand() % 8 ? 20 : VALUE_MAX);

	for (size_t i = 0; i < len; i++)
		value[i] = rand() % 2 ? few[(size_t)rand() % sizeof few]
				      : (char)rand();
	return len;
}

static void
test_any_bytes_come_out_as_they_went_in(void **state)
{
	static struct field put[N_FIELDS];
	struct journal_entry entry;

	(void)state;
	srand(1);
	for (int round = 0; round < N_ROUNDS; round++) {
		int n_put = 0, n = rand() % N_FIELDS;
		entry.len = 0;
		for (int i = 0; i < n; i++) {
			struct field *field = &put[n_put];
			snprintf(field->name, sizeof field->name, "F_%d", i);
			field->len = random_value(field->value);
			n_put += journal_add(&entry, field->name, field->value,
					     field->len);
		}
		size_t at = 0;
		for (int i = 0; i < n_put; i++) {
			static struct field found;
			assert_true(read_field(&entry, &at, &found));
			assert_string_equal(found.name, put[i].name);
			assert_int_equal(found.len, put[i].len);
			assert_memory_equal(found.value, put[i].value,
					    found.len);
		}
		assert_int_equal(at, entry.len);
	}
}

static void
test_an_entry_is_one_datagram(void **state)
{
	char dir[] = "/tmp/tellerd-test-XXXXXX", path[64], got[64];
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct journal_entry entry = {.len = 0};
	struct journal journal;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof path, "%s/socket", dir);
	memcpy(address.sun_path, path, strlen(path));
	assert_int_equal(journal_open(&journal, path), 0);
	journal_add_text(&entry, "MESSAGE", "hello");
	/* Nobody is there yet. */
	assert_int_equal(journal_send(&journal, &entry), -1);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address),
			 0);
	assert_int_equal(journal_send(&journal, &entry), 0);
	assert_int_equal(recv(fd, got, sizeof got, 0), entry.len);
	assert_memory_equal(got, entry.bytes, entry.len);
	/* One that does not read is not waited for. */
	int n = 0;
	while (journal_send(&journal, &entry) == 0)
		n++;
	assert_true(n > 0);
	journal_close(&journal);
	close(fd);
	unlink(path);
	rmdir(dir);
}

static void
test_a_path_that_is_too_long_is_none(void **state)
{
	char path[200];
	struct journal journal;

	(void)state;
	memset(path, '/', sizeof path - 1);
	path[sizeof path - 1] = '\0';
	assert_int_equal(journal_open(&journal, path), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_a_value_without_line_breaks_stands_behind_its_name),
		cmocka_unit_test(
			test_one_with_line_breaks_has_its_length_before_it),
		cmocka_unit_test(test_what_has_no_room_is_left_out_whole),
		cmocka_unit_test(test_any_bytes_come_out_as_they_went_in),
		cmocka_unit_test(test_an_entry_is_one_datagram),
		cmocka_unit_test(test_a_path_that_is_too_long_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
