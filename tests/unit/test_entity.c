/* What is found in a customer's words, where, and whether it can be right. */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "nlu/entity.h"
#include "packs.h"

/* Saturday, 28 November 2026, 22:30 UTC. */
#define NOW_US INT64_C(1795905000000000)
#define MANY 64

static const char *const policies[] = {"RW########"};
static const char *const claims[] = {"CL-####-####", "C@####**"};
static const char *const books[] = {"978#########*"};
static const char *const isbns[] = {"#########*"};
static const char *const accounts[] = {"AB##*********"};
static const struct entity_reference references[] = {
	{"policy_number", policies, 1, ENTITY_NO_CHECK},
	{"claim_number", claims, 2, ENTITY_NO_CHECK},
};
static const struct entity_reference checked[] = {
	{"customer_number", books, 1, ENTITY_LUHN},
	{"book", isbns, 1, ENTITY_MOD11},
	{"mandate", accounts, 1, ENTITY_MOD97},
};
static const struct entity_rules irish = {
	.currency = "EUR",
	.decimal = '.',
	.dates = ENTITY_DAY_FIRST,
	.country_code = "353",
	.trunk_prefix = "0",
	.references = references,
	.n_references = 2,
};
static const struct entity_context plain = {.rules = &irish, .now_us = NOW_US};

/* "date:10-15 2026-11-03; amount:..." with '!' behind what is not valid, '?'
 * behind what is ambiguous. */
static const char *
found(const struct entity_context *context, const char *text)
{
	static char out[4096];
	struct entity entities[MANY];
	size_t n = entities_find(context, text, strlen(text), entities, MANY);
	size_t len = 0;

	out[0] = '\0';
	for (size_t i = 0; i < n; i++) {
		const struct entity *e = &entities[i];
		assert_true(e->begin < e->end && e->end <= strlen(text));
		assert_true(i == 0 || e->begin >= entities[i - 1].end);
		len += (size_t)snprintf(out + len, sizeof out - len,
					"%s%s:%zu-%zu %s%s", i ? "; " : "",
					e->name, e->begin, e->end, e->value,
					e->is_ambiguous ? "?"
					: e->is_valid	? ""
							: "!");
	}
	return out;
}

/* The same without kind and place, of one kind that is asked for alone. */
static const char *
values(const struct entity_context *context, enum entity_kind kind,
       const char *text)
{
	static char out[4096];
	struct entity_context alone = *context;
	struct entity entities[MANY];
	size_t len = 0;

	alone.kinds = 1u << kind;
	size_t n = entities_find(&alone, text, strlen(text), entities, MANY);
	out[0] = '\0';
	for (size_t i = 0; i < n; i++) {
		const struct entity *e = &entities[i];
		assert_int_equal(e->kind, kind);
		len += (size_t)snprintf(out + len, sizeof out - len, "%s%s%s",
					i ? "; " : "", e->value,
					e->is_ambiguous ? "?"
					: e->is_valid	? ""
							: "!");
	}
	return out;
}

struct row {
	const char *text, *found;
};

static void
expect(const struct entity_context *context, const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *got = found(context, rows[i].text);
		if (strcmp(got, rows[i].found) != 0)
			fail_msg("'%s': %s, not %s", rows[i].text, got,
				 rows[i].found);
	}
}

static void
expect_values(const struct entity_context *context, enum entity_kind kind,
	      const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *got = values(context, kind, rows[i].text);
		if (strcmp(got, rows[i].found) != 0)
			fail_msg("'%s': %s, not %s", rows[i].text, got,
				 rows[i].found);
	}
}

#define EXPECT(context, rows) expect(context, rows, sizeof rows / sizeof *rows)
#define EXPECT_VALUES(context, kind, rows) \
	expect_values(context, kind, rows, sizeof rows / sizeof *rows)

static void
test_amounts(void **state)
{
	static const struct row rows[] = {
		{"I paid 1.234,56 EUR", "amount:7-19 1234.56 EUR"},
		{"1,234.56 euro", "amount:0-13 1234.56 EUR"},
		{"\xe2\x82\xac"
		 "50",
		 "amount:0-5 50.00 EUR"},
		{"50\xe2\x82\xac.", "amount:0-5 50.00 EUR"},
		{"50 $", "amount:0-4 50.00 USD"},
		{"fifty euros", "amount:0-11 50.00 EUR"},
		{"two hundred and fifty-five pounds", "amount:0-33 255.00 GBP"},
		{"a hundred euro", "amount:0-14 100.00 EUR"},
		{"one thousand two hundred dollars", "amount:0-32 1200.00 USD"},
		{"2k", "amount:0-2 2000.00 EUR"},
		{"2.5k euros", "amount:0-10 2500.00 EUR"},
		{"two grand", "amount:0-9 2000.00 EUR"},
		{"1.5 million euros", "amount:0-17 1500000.00 EUR"},
		{"EUR 12.5", "amount:0-8 12.50 EUR"},
		{"eur12", "amount:0-5 12.00 EUR"},
		{"CHF 1'234.50", "amount:0-12 1234.50 CHF"},
		{"10 000 EUR", "amount:0-10 10000.00 EUR"},
		{"10\xc2\xa0"
		 "000\xe2\x80\xaf\xe2\x82\xac",
		 "amount:0-13 10000.00 EUR"},
		{"5 euros and 20 cents", "amount:0-20 5.20 EUR"},
		{"5 euro 5 cent", "amount:0-13 5.05 EUR"},
		{"99c or 99p", "amount:0-3 0.99 EUR; amount:7-10 0.99 GBP"},
		{"5000 JPY", "amount:0-8 5000 JPY"},
		{"-\xe2\x82\xac"
		 "5 and -6 EUR",
		 "amount:0-5 -5.00 EUR; amount:10-16 -6.00 EUR"},
		{"20-50 euro", "number:0-2 20; amount:3-10 50.00 EUR"},
		{"between \xe2\x82\xac"
		 "20 and \xe2\x82\xac"
		 "30",
		 "amount:8-13 20.00 EUR; amount:18-23 30.00 EUR"},
		/* Three digits behind the mark for cents are two things. */
		{"1.234 EUR", "amount:0-9 1.234 EUR?"},
		{"1,234 EUR", "amount:0-9 1234.00 EUR"},
		{"12.3456 EUR", "amount:0-11 12.3456 EUR!"},
		{"12.50 JPY", "amount:0-9 12.50 JPY!"},
		{"1.2.3 EUR", "amount:0-9 1.2.3 EUR!"},
		{"99999999999999999999 EUR",
		 "amount:0-24 99999999999999999999 EUR!"},
		/* No money. */
		{"I try 50 try 5 c", "number:6-8 50; number:13-14 5"},
		{"2 thousand people, 3 million",
		 "number:0-1 2; number:19-20 3"},
		{"5 m away, the euro is fine", "number:0-1 5"},
	};

	(void)state;
	EXPECT(&plain, rows);
}

static void
test_an_amount_has_its_cents_and_currency(void **state)
{
	struct entity e;

	(void)state;
	assert_int_equal(entities_find(&plain, "EUR 1.234.567,05", 16, &e, 1),
			 1);
	assert_int_equal(e.minor, 123456705);
	assert_string_equal(e.currency, "EUR");
	assert_int_equal(e.kind, ENTITY_AMOUNT);
}

static void
test_a_figure_is_an_amount_to_whoever_asks_for_one(void **state)
{
	static const struct row rows[] = {
		{"50", "50.00 EUR"},
		{"it was 49.99 I think", "49.99 EUR"},
		{"fifty", "50.00 EUR"},
		{"about 1,200", "1200.00 EUR"},
		{"1.200", "1.200?"},
		{"20 pounds", "20.00 GBP"},
		{"12a", ""},
		{"none", ""},
	};

	(void)state;
	EXPECT_VALUES(&plain, ENTITY_AMOUNT, rows);
}

static void
test_a_currency_is_the_desks_own_first(void **state)
{
	struct entity_rules rules = irish;
	struct entity_context context = {.rules = &rules, .now_us = NOW_US};

	(void)state;
	memcpy(rules.currency, "CAD", 4);
	assert_string_equal(found(&context, "$5"), "amount:0-2 5.00 CAD");
	assert_string_equal(found(&context, "5 euro"), "amount:0-6 5.00 EUR");
	rules = entity_rules_default;
	assert_string_equal(found(&context, "2k"), "amount:0-2 2000.00");
	rules.decimal = ',';
	assert_string_equal(found(&context, "1.234 EUR"),
			    "amount:0-9 1234.00 EUR");
	assert_string_equal(found(&context, "1,234 EUR"),
			    "amount:0-9 1,234 EUR?");
}

static void
test_dates(void **state)
{
	static const struct row rows[] = {
		{"2026-11-03", "date:0-10 2026-11-03"},
		{"on 3/11/2026.", "date:3-12 2026-11-03"},
		{"3.11.2026", "date:0-9 2026-11-03"},
		{"3. 11. 2026", "date:0-11 2026-11-03"},
		{"03-11-26", "date:0-8 2026-11-03"},
		{"born 3/11/62", "date:5-12 1962-11-03"},
		{"3 May", "date:0-5 2027-05-03"},
		{"3 Jan", "date:0-5 2027-01-03"},
		{"3rd of May 2025", "date:0-15 2025-05-03"},
		{"the 3rd of May, 2025", "date:0-20 2025-05-03"},
		{"May 3rd, 2025", "date:0-13 2025-05-03"},
		{"Nov. 3", "date:0-6 2026-11-03"},
		{"3-May-25", "date:0-8 2025-05-03"},
		{"3May2025", "date:0-8 2025-05-03"},
		{"2026-11-03T14:30", "date:0-10 2026-11-03; number:14-16 30"},
		{"3 November last year", "date:0-20 2025-11-03"},
		{"on May 3rd, of this year", "date:3-24 2026-05-03"},
		{"3 Jan. next year", "date:0-16 2027-01-03"},
		{"the twenty-first of june", "date:0-24 2026-06-21"},
		{"on the 3rd.", "date:3-10 2026-12-03"},
		{"the 3rd of last month", "date:0-21 2026-10-03"},
		{"the 27th and the 29th",
		 "date:0-8 2026-11-27; date:13-21 2026-11-29"},
		/* 31 February is found, and not made a day that exists. */
		{"31 February 2026", "date:0-16 2026-02-31!"},
		{"31/02/2026", "date:0-10 2026-02-31!"},
		{"2026-13-01", "date:0-10 2026-13-01!"},
		{"29 Feb 2024 and 29 Feb 2026",
		 "date:0-11 2024-02-29; date:16-27 2026-02-29!"},
		{"3/14/2026", "date:0-9 2026-14-03!"},
		{"0/5/2026, 2026-00-01, 0 May",
		 "date:0-8 0/5/2026!; date:10-20 2026-00-01!; number:22-23 0"},
		/* No dates. */
		{"it may 3 times, march 4 of us", "number:7-8 3; "
						  "number:22-23 4"},
		{"the 3rd time, the first one, 24/7",
		 "number:29-31 24; number:32-33 7"},
		{"1.2.3.4", "number:0-7 1.2.3.4!"},
		{"May I ask", ""},
		{"3 may be wrong", "number:0-1 3"},
		{"3 May be", "date:0-5 2027-05-03"},
	};

	(void)state;
	EXPECT(&plain, rows);
}

static void
test_days_near_today(void **state)
{
	static const struct row rows[] = {
		{"today", "date:0-5 2026-11-28"},
		{"Yesterday!", "date:0-9 2026-11-27"},
		{"the day before yesterday", "date:0-24 2026-11-26"},
		{"tomorrow's", "date:0-8 2026-11-29"},
		{"3 days ago", "date:0-10 2026-11-25"},
		{"a week ago", "date:0-10 2026-11-21"},
		{"two weeks ago", "date:0-13 2026-11-14"},
		{"in 5 days", "date:0-9 2026-12-03"},
		{"last Tuesday", "date:0-12 2026-11-24"},
		{"last Saturday", "date:0-13 2026-11-21"},
		{"on Tuesday", "date:3-10 2026-12-01"},
		{"this tuesday", "date:0-12 2026-11-24"},
		{"Tuesday last week", "date:0-17 2026-11-17"},
		{"next Monday", "date:0-11 2026-11-30"},
		{"next Sunday", "date:0-11 2026-11-29?"},
		{"Tuesday 24 November", "date:0-19 2026-11-24"},
		{"on Tuesday, the 24th", "date:3-20 2026-11-24"},
		{"Tuesday 25 November 2026", "date:0-24 2026-11-25?"},
		{"Sat", "date:0-3 2026-11-28"},
		{"I sat in the sun, 5 days", "number:18-19 5"},
	};

	(void)state;
	EXPECT(&plain, rows);
}

static void
test_a_date_lies_where_its_sense_is(void **state)
{
	struct entity_context context = plain;
	static const struct row past[] = {
		{"3 Jan", "date:0-5 2026-01-03"},
		{"3 Dec", "date:0-5 2025-12-03"},
		{"28 Nov", "date:0-6 2026-11-28"},
		{"on the 29th", "date:3-11 2026-10-29"},
		{"on the 3rd", "date:3-10 2026-11-03"},
		{"Sunday", "date:0-6 2026-11-22"},
		{"Saturday", "date:0-8 2026-11-28"},
	};
	static const struct row future[] = {
		{"3 Jan", "date:0-5 2027-01-03"},
		{"3 Dec", "date:0-5 2026-12-03"},
		{"28 Nov", "date:0-6 2026-11-28"},
		{"on the 3rd", "date:3-10 2026-12-03"},
		{"Friday", "date:0-6 2026-12-04"},
		/* November has no such day, so it is not the 30th. */
		{"on the 31st", "date:3-11 2026-11-31!"},
	};

	(void)state;
	context.time = ENTITY_PAST;
	EXPECT(&context, past);
	context.time = ENTITY_FUTURE;
	EXPECT(&context, future);
}

/* Said at 22:30 on a Saturday, and at 7:30 on it. */
static void
test_a_time_of_day_that_is_to_come_was_a_week_ago(void **state)
{
	struct entity_context context = plain;
	static const struct row night[] = {
		{"Saturday night", "date:0-8 2026-11-28"},
		{"Saturday evening", "date:0-8 2026-11-28"},
	};
	static const struct row morning[] = {
		{"Saturday night", "date:0-8 2026-11-21"},
		{"Saturday evening", "date:0-8 2026-11-21"},
		{"Saturday afternoon", "date:0-8 2026-11-21"},
		{"Saturday morning", "date:0-8 2026-11-28"},
		{"Saturday", "date:0-8 2026-11-28"},
		{"Friday evening", "date:0-6 2026-11-27"},
	};

	(void)state;
	context.time = ENTITY_PAST;
	EXPECT(&context, night);
	context.now_us -= INT64_C(15) * 3600 * 1000000;
	EXPECT(&context, morning);
}

static void
test_a_zone_says_what_day_it_is(void **state)
{
	struct entity_context context = plain;

	(void)state;
	context.zone_minutes = 120;
	assert_string_equal(found(&context, "today"), "date:0-5 2026-11-29");
	context.zone_minutes = -23 * 60;
	assert_string_equal(found(&context, "today"), "date:0-5 2026-11-27");
	context.now_us = -1;
	context.zone_minutes = 0;
	assert_string_equal(found(&context, "today"), "date:0-5 1969-12-31");
}

static void
test_a_correction_keeps_what_it_does_not_say(void **state)
{
	struct entity_context context = plain;
	struct entity e;
	static const struct row rows[] = {
		{"no, the 3rd", "date:4-11 2025-02-03"},
		{"sorry, 4 March", "date:7-14 2025-03-04"},
		{"the 31st.", "date:0-8 2025-02-31!"},
		{"5 March 2024", "date:0-12 2024-03-05"},
	};
	static const struct row alone[] = {
		{"no, 3", "2025-02-03"},
		{"3rd", "2025-02-03"},
		{"the third", "2025-02-03"},
		{"3/4", "2025-04-03"},
		{"I meant the 3", "2025-02-03"},
		{"no, 3 cards", ""},
		{"at 5 pm", ""},
		{"at 5:30", ""},
		{"5:30", ""},
		{"at 10.11", ""},
		{"10.30", ""},
		{"10.11", "2025-11-10"},
		{"2 may", "2025-05-02"},
		{"1,234.50", ""},
	};

	(void)state;
	context.earlier = "2025-02-11";
	EXPECT(&context, rows);
	EXPECT_VALUES(&context, ENTITY_DATE, alone);
	entities_find(&context, "no, the 3rd", 11, &e, 1);
	assert_int_equal(e.given, ENTITY_DAY);
	entities_find(&context, "4 March", 7, &e, 1);
	assert_int_equal(e.given, ENTITY_DAY | ENTITY_MONTH);
	entities_find(&context, "yesterday", 9, &e, 1);
	assert_int_equal(e.given, ENTITY_DAY | ENTITY_MONTH | ENTITY_YEAR);
}

static void
test_without_an_order_of_its_own_a_desk_asks(void **state)
{
	struct entity_rules rules = irish;
	struct entity_context context = {.rules = &rules, .now_us = NOW_US};

	(void)state;
	rules.dates = ENTITY_ANY_FIRST;
	assert_string_equal(found(&context, "3/11/2026"),
			    "date:0-9 3/11/2026?");
	assert_string_equal(found(&context, "13/11/2026"),
			    "date:0-10 2026-11-13");
	assert_string_equal(found(&context, "11/13/2026"),
			    "date:0-10 2026-11-13");
	assert_string_equal(found(&context, "3/3/2026"), "date:0-8 2026-03-03");
	rules.dates = ENTITY_MONTH_FIRST;
	assert_string_equal(found(&context, "3/11/2026"),
			    "date:0-9 2026-03-11");
}

static void
test_marks_of_the_redactor(void **state)
{
	struct entity e;
	static const struct row rows[] = {
		{"card [card ok ...1111] lost", "card:5-22 [card ok ...1111]"},
		{"[iban bad ...3000]", "iban:0-18 [iban bad ...3000]!"},
		{"[cvv] [card ok] 12", "number:16-18 12"},
	};

	(void)state;
	EXPECT(&plain, rows);
	entities_find(&plain, "[card bad ...1111]", 18, &e, 1);
	assert_string_equal(e.last_four, "1111");
	assert_false(e.is_valid);
	/* Nobody looks into one. */
	assert_string_equal(values(&plain, ENTITY_NUMBER, "[card ok ...1111]"),
			    "");
}

static void
test_numbers_of_the_desk(void **state)
{
	static const struct row rows[] = {
		{"my policy RW12345678", "policy_number:10-20 RW12345678"},
		{"rw 1234 5678", "policy_number:0-12 RW12345678"},
		{"RW-1234.5678,", "policy_number:0-12 RW12345678"},
		{"RW1234567", "policy_number:0-9 RW1234567!"},
		{"RW 123 456 789 and", "policy_number:0-14 RW 123 456 789!"},
		{"RW123456789", "policy_number:0-11 RW123456789!"},
		{"RW34 567\xce\x83no",
		 "policy_number:0-12 RW34 567\xce\x83no!"},
		{"CL12345678", "claim_number:0-10 CL-1234-5678"},
		{"cl-1234-5678", "claim_number:0-12 CL-1234-5678"},
		{"ck1234a5", "claim_number:0-8 CK1234A5"},
		/* Only words. */
		{"RW is ours, CL as well, rw", ""},
		{"RWX12345678", ""},
	};

	(void)state;
	EXPECT(&plain, rows);
}

static void
test_numbers_of_the_desk_with_a_check_digit(void **state)
{
	struct entity_rules rules = irish;
	const struct entity_context context = {.rules = &rules};
	static const struct row rows[] = {
		{"9780306406157", "customer_number:0-13 "
				  "9780306406157!"},
		{"9780306406156", "customer_number:0-13 9780306406156"},
		{"0306406152", "book:0-10 0306406152"},
		{"080442957x", "book:0-10 080442957X"},
		{"0306406153", "book:0-10 0306406153!"},
		{"AB12CDEFGH106", "mandate:0-13 AB12CDEFGH106"},
		{"ab12 cdefgh107", "mandate:0-14 AB12CDEFGH107!"},
	};

	(void)state;
	rules.references = checked;
	rules.n_references = 3;
	EXPECT(&context, rows);
}

static void
test_one_number_may_be_asked_for_by_name(void **state)
{
	struct entity_context context = plain;

	(void)state;
	context.kinds = 1u << ENTITY_REFERENCE;
	context.reference = "claim_number";
	assert_string_equal(found(&context, "RW12345678 CL12345678"),
			    "claim_number:11-21 CL-1234-5678");
}

static void
test_telephone_numbers(void **state)
{
	static const struct row rows[] = {
		{"+353 20 914 0100", "phone:0-16 +353209140100"},
		{"020 914 0100", "phone:0-12 +353209140100"},
		{"(020) 914-0100", "phone:0-14 +353209140100"},
		{"00353 20 914 0100", "phone:0-17 +353209140100"},
		{"+353 (0)20 914 0100", "phone:0-19 +353209140100"},
		{"+353 020 914 0100", "phone:0-17 +353 020 914 0100!"},
		{"+49 30 123456, call", "phone:0-13 +4930123456"},
		{"087 123 4567 2 times",
		 "phone:0-12 +353871234567; number:13-14 2"},
		{"+1234567890123456", "phone:0-17 +1234567890123456!"},
		{"914 0100", "number:0-3 914; number:4-8 0100"},
		{"112", "number:0-3 112"},
	};
	static const struct row alone[] = {
		{"914 0100", "914 0100!"},
		{"my number is 0871234567 ok", "+353871234567"},
		{"12", ""},
	};

	(void)state;
	EXPECT(&plain, rows);
	EXPECT_VALUES(&plain, ENTITY_PHONE, alone);
}

static void
test_a_desk_without_a_country_knows_international_numbers(void **state)
{
	const struct entity_context context = {.rules = &entity_rules_default,
					       .now_us = NOW_US};
	static const struct row rows[] = {
		{"+353 20 914 0100", "+353209140100"},
		{"020 914 0100", "020 914 0100!"},
	};

	(void)state;
	EXPECT_VALUES(&context, ENTITY_PHONE, rows);
}

static void
test_mail_addresses(void **state)
{
	static const struct row rows[] = {
		{"write to Mary.O'Neill+x@Bank.Example.",
		 "email:9-36 Mary.O'Neill+x@bank.example"},
		{"<joe@x.ie>", "email:1-9 joe@x.ie"},
		{"mailto:joe@x.ie?a", "email:7-15 joe@x.ie"},
		{"joe@bank", "email:0-8 joe@bank!"},
		{"joe.@bank.ie", "email:0-12 joe.@bank.ie!"},
		{"a..b@bank.ie", "email:0-12 a..b@bank.ie!"},
		{"joe@10.0.0.1", "email:0-12 joe@10.0.0.1!"},
		{"joe@-x.ie @home x@", ""},
		{"m\xc3\xbcller@gmx.de", "email:0-14 m\xc3\xbcller@gmx.de!"},
	};

	(void)state;
	EXPECT(&plain, rows);
}

static void
test_numbers(void **state)
{
	static const struct row rows[] = {
		{"12", "number:0-2 12"},
		{"12,5 %", "number:0-4 12.5"},
		{"-12.5", "number:0-5 -12.5"},
		{"1,234.5", "number:0-7 1234.5"},
		{"0.125", "number:0-5 0.125"},
		{"12 km, 3rd, 5G, 12a", "number:0-2 12"},
		{"caf\xc3\xa9"
		 "5",
		 ""},
	};
	static const struct row alone[] = {
		{"twenty-two", "22"},
		{"0871234567", "0871234567"},
		{"two cards and a half", "2"},
	};

	(void)state;
	EXPECT(&plain, rows);
	EXPECT_VALUES(&plain, ENTITY_NUMBER, alone);
}

static void
test_the_packs_that_ship_know_their_numbers(void **state)
{
	struct pack *insurance = pack_shipped("insurance");
	struct pack *banking = pack_shipped("banking");
	struct entity_context context = {.now_us = NOW_US};

	(void)state;
	context.rules = insurance->entities;
	assert_string_equal(
		found(&context, "RW12345678, cl 1234-5678, 3/11/26"),
		"policy_number:0-10 RW12345678; "
		"claim_number:12-24 CL12345678; "
		"date:26-33 2026-11-03");
	context.rules = banking->entities;
	assert_string_equal(found(&context, "50 cents, 020 914 0100"),
			    "amount:0-8 0.50 EUR; phone:10-22 +353209140100");
	pack_free(insurance);
	pack_free(banking);
}

static void
test_several_stand_in_one_text(void **state)
{
	(void)state;
	assert_string_equal(
		found(&plain, "On 3 May I paid \xe2\x82\xac"
			      "50.00 with [card ok ...1111], policy "
			      "RW12345678, call 087 123 4567 or a@b.ie"),
		"date:3-8 2027-05-03; amount:16-24 50.00 EUR; "
		"card:30-47 [card ok ...1111]; policy_number:56-66 "
		"RW12345678; phone:73-85 +353871234567; email:89-95 a@b.ie");
}

static void
test_no_more_are_found_than_there_is_room_for(void **state)
{
	struct entity e[2];

	(void)state;
	assert_int_equal(entities_find(&plain, "1 2 3 4", 7, e, 2), 2);
	assert_int_equal(e[1].begin, 2);
	assert_int_equal(entities_find(&plain, "1 2 3 4", 7, e, 0), 0);
	assert_int_equal(entities_find(&plain, "", 0, e, 2), 0);
}

static void
test_kinds_have_names(void **state)
{
	enum entity_kind kind;

	(void)state;
	for (int i = 0; i < ENTITY_KINDS; i++) {
		assert_true(entity_kind_of(entity_kind_name(i), &kind));
		assert_int_equal(kind, i);
	}
	assert_false(entity_kind_of("colour", &kind));
	assert_true(entity_date_exists("2024-02-29"));
	assert_false(entity_date_exists("2026-02-29"));
	assert_false(entity_date_exists("2026-2-9"));
	assert_false(entity_date_exists("3 May"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_amounts),
		cmocka_unit_test(test_an_amount_has_its_cents_and_currency),
		cmocka_unit_test(
			test_a_figure_is_an_amount_to_whoever_asks_for_one),
		cmocka_unit_test(test_a_currency_is_the_desks_own_first),
		cmocka_unit_test(test_dates),
		cmocka_unit_test(test_days_near_today),
		cmocka_unit_test(test_a_date_lies_where_its_sense_is),
		cmocka_unit_test(
			test_a_time_of_day_that_is_to_come_was_a_week_ago),
		cmocka_unit_test(test_a_zone_says_what_day_it_is),
		cmocka_unit_test(test_a_correction_keeps_what_it_does_not_say),
		cmocka_unit_test(test_without_an_order_of_its_own_a_desk_asks),
		cmocka_unit_test(test_marks_of_the_redactor),
		cmocka_unit_test(test_numbers_of_the_desk),
		cmocka_unit_test(test_numbers_of_the_desk_with_a_check_digit),
		cmocka_unit_test(test_one_number_may_be_asked_for_by_name),
		cmocka_unit_test(test_telephone_numbers),
		cmocka_unit_test(
			test_a_desk_without_a_country_knows_international_numbers),
		cmocka_unit_test(test_mail_addresses),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_the_packs_that_ship_know_their_numbers),
		cmocka_unit_test(test_several_stand_in_one_text),
		cmocka_unit_test(test_no_more_are_found_than_there_is_room_for),
		cmocka_unit_test(test_kinds_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
