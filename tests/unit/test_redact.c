/* Redaction: what is masked, and as much what is not.  Card numbers are those
 * that schemes publish for tests, IBANs those of the register. */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "text/redact.h"

/* text redacted, borrowed until the next call. */
static const char *
redact(const char *text, size_t len, unsigned int *found)
{
	static char copy[4096];
	struct buf out;

	buf_init(&out, sizeof copy - 1);
	assert_int_equal(text_redact(&out, text, len, found), 0);
	memcpy(copy, buf_str(&out), out.len + 1);
	buf_release(&out);
	return copy;
}

static const char *const cards[][2] = {
	{"4111 1111 1111 1111", "[card ok ...1111]"},
	{"my card 4111-1111-1111-1111 exp 12/27 cvv 123",
	 "my card [card ok ...1111] exp 12/27 cvv [cvv]"},
	{"card 4111111111111111 12/27 123",
	 "card [card ok ...1111] 12/27 [cvv]"},
	{"4111 1111 1111 1111 12/27 123 John Doe",
	 "[card ok ...1111] 12/27 [cvv] John Doe"},
	{"4111 1111 1111 1111 123", "[card ok ...1111] [cvv]"},
	{"371449635398431 12/27 1234", "[card ok ...8431] 12/27 [cvv]"},
	{"4111 dash 1111 dash 1111 dash 1111", "[card ok ...1111]"},
	{"four one one one one one one one one one one one one one one one",
	 "[card ok ...1111]"},
	{"\uFF14\uFF11\uFF11\uFF11 \uFF11\uFF11\uFF11\uFF11 "
	 "\uFF11\uFF11\uFF11\uFF11 \uFF11\uFF11\uFF11\uFF11",
	 "[card ok ...1111]"},
	{"\u0664\u0661\u0661\u0661 \u0661\u0661\u0661\u0661 "
	 "\u0661\u0661\u0661\u0661 \u0661\u0661\u0661\u0661",
	 "[card ok ...1111]"},
	{"4\uFE0F\u20E31\uFE0F\u20E31\uFE0F\u20E31\uFE0F\u20E31111 1111 1111",
	 "[card ok ...1111]"},
	{"4012888888881881 4012-8888-8888-1881 4012 8888 8888 1881",
	 "[card ok ...1881] [card ok ...1881] [card ok ...1881]"},
	{"4111, 1111, 1111, 1111", "[card ok ...1111]"},
	{"4111|1111|1111|1111", "[card ok ...1111]"},
	{"4111;1111;1111;1111", "[card ok ...1111]"},
	{"cvv 111\n4111\n111111111111", "cvv [cvv]\n[card ok ...1111]"},
	{"4111  -  1111  -  1111  -  1111", "[card ok ...1111]"},
	{"4012-8888-8888-1882", "[card bad ...1882]"},
	{"my credit card number is 4012888888881882",
	 "my credit card number is [card bad ...1882]"},
	{"my card number is 1234 5678 9012 3456",
	 "my card number is [card bad ...3456]"},
	{"cc4111111111111111xyz", "cc[card ok ...1111]xyz"},
	{"122000000000003", "[card ok ...0003]"},
	{"30569309025904", "[card ok ...5904]"},
	{"4111 1111 1111 1112", "[card bad ...1112]"},
	{"%B4111111111111111^DOE/JOHN^2712101000000012300000?",
	 "%B[card ok ...1111]"},
	{";4111111111111111=27121010000012300000?", ";[card ok ...1111]"},
	{"4111.1111.1111.1111", "[card ok ...1111]"},
	{"4111/1111/1111/1111", "[card ok ...1111]"},
	{"4111_1111_1111_1111", "[card ok ...1111]"},
	{"4111 - 1111 - 1111 - 1111", "[card ok ...1111]"},
	{"41 11 11 11 11 11 11 11", "[card ok ...1111]"},
	{"4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", "[card ok ...1111]"},
	{"4111 1111 1111 11l1", "[card ok ...1111]"},
	{"4111\u00A01111\u20111111\u200B1111", "[card ok ...1111]"},
	{"3714 496353 98431", "[card ok ...8431]"},
	{"3782-822463-10005", "[card ok ...0005]"},
	{"card 4222222222222", "card [card ok ...2222]"},
	{"my cards are 4111111111111111, 5555555555554444 and 378282246310005.",
	 "my cards are [card ok ...1111], [card ok ...4444] and [card ok "
	 "...0005]."},
	{"Karte 4111 1111 1111 1112", "Karte [card bad ...1112]"},
	{"debit card no. 5555 5555 5555 4440",
	 "debit card no. [card bad ...4440]"},
	{"(4111111111111111)", "([card ok ...1111])"},
	{"#4111111111111111!", "#[card ok ...1111]!"},
	{"4111111111111111 CVC 999", "[card ok ...1111] CVC [cvv]"},
	{"4111111111111111, 11/26, 999", "[card ok ...1111], 11/26, [cvv]"},
	{"carte 4111111111111111 exp 11/26 crypto 999",
	 "carte [card ok ...1111] exp 11/26 crypto 999"},
	{"4111111111111111 500 euros", "[card ok ...1111] 500 euros"},
	{"+4111111111111111", "+[card ok ...1111]"},
};

static const char *const ibans[][2] = {
	{"IBAN DE89370400440532013000 failed", "IBAN [iban ok ...3000] failed"},
	{"DE89 3704 0044 0532 0130 00 failed", "[iban ok ...3000] failed"},
	{"de89 3704 0044 0532 0130 00.", "[iban ok ...3000]."},
	{"DE89370400440532013001", "[iban bad ...3001]"},
	{"my iban DE8937040044053201300 is short",
	 "my iban [iban bad ...1300] is short"},
	{"IBANDE89370400440532013000", "IBAN[iban ok ...3000]"},
	{"GB29 NWBK 6016 1331 9268 19", "[iban ok ...6819]"},
	{"gb29nwbk60161331926819 thanks", "[iban ok ...6819] thanks"},
	{"FR14 2004 1010 0505 0001 3M02 606", "[iban ok ...2606]"},
	{"de89 3704 0044 0532 0130 00", "[iban ok ...3000]"},
	{"DE89-3704-0044-0532-0130-00", "[iban ok ...3000]"},
	{"D\u200BE89370400440532013000", "[iban ok ...3000]"},
	{"\uFF24\uFF25\uFF18\uFF19\uFF13\uFF17\uFF10\uFF14\uFF10\uFF10\uFF14"
	 "\uFF14\uFF10\uFF15\uFF13\uFF12\uFF10\uFF11\uFF13\uFF10\uFF10\uFF10",
	 "[iban ok ...3000]"},
	{"IBAN: GB29 NWBK 6016 1331 9268 19, thanks",
	 "IBAN: [iban ok ...6819], thanks"},
	{"my IBAN is DE89 3704 0044 0532 0130",
	 "my IBAN is [iban bad ...0130]"},
	{"mein IBAN ist NL91 ABNA 0417 1643 01",
	 "mein IBAN ist [iban bad ...4301]"},
	{"NL91ABNA0417164301", "[iban bad ...4301]"},
};

static const char *const secrets[][2] = {
	{"my pin is 1234", "my pin is [pin]"},
	{"1234 is my PIN", "[pin] is my PIN"},
	{"PIN: 1234", "PIN: [pin]"},
	{"password: hunter2", "password: [password]"},
	{"Passwort lautet xyz", "Passwort lautet [password]"},
	{"the code I got was 482913", "the code I got was [code]"},
	{"482913 is the code I received", "[code] is the code I received"},
	{"My password is swordfish and it fails",
	 "My password is [password] and it fails"},
	{"hunter2 is my password", "[password] is my password"},
	{"mot de passe : azerty12", "mot de passe : [password]"},
	{"mi contrase\u00F1a es gato123", "mi contrase\u00F1a es [password]"},
	{"mi clave es 1234", "mi clave es [password]"},
	{"Meine PIN lautet 4321", "Meine PIN lautet [pin]"},
	{"meine Geheimzahl ist 4321", "meine Geheimzahl ist [pin]"},
	{"TAN 123456", "TAN [code]"},
	{"Die TAN ist 123 456", "Die TAN ist [code]"},
	{"code de s\u00E9curit\u00E9 : 123",
	 "code de s\u00E9curit\u00E9 : [cvv]"},
	{"cvc 123", "cvc [cvv]"},
	{"cvv2 123", "cvv2 [cvv]"},
	{"the security code on the back is 123",
	 "the security code on the back is [cvv]"},
	{"your verification code is 928311",
	 "your verification code is [code]"},
	{"use 928311 as your code", "use [code] as your code"},
	{"G-482913 is your verification code",
	 "[code] is your verification code"},
	{"my otp is A7K9Q2", "my otp is [code]"},
	{"I changed my password to hunter2!",
	 "I changed my password to [password]!"},
	{"password \"correct horse battery\"", "password \"[password]\""},
	{"my pin is one two three four", "my pin is [pin]"},
	{"one two three four is my pin", "[pin] is my pin"},
	{"seven three nine nine is the PIN", "[pin] is the PIN"},
	{"four eight two nine one one is the code you sent",
	 "[code] is the code you sent"},
	{"pw=Kanarie4", "pw=[password]"},
	{"username bob pass Kanarie8", "username bob pass [password]"},
	{"user bob, pass: kanarie", "user bob, pass: [password]"},
	{"my pass is Kanarie8", "my pass is [password]"},
	{"pass word X1y2", "pass word [password]"},
	{"my pass word is X1y2", "my pass word is [password]"},
	{"my memorable word is Kanarie6", "my memorable word is [password]"},
	{"memorable word: fluffy", "memorable word: [password]"},
	{"my security answer is Fluffy7", "my security answer is [password]"},
	{"3 digits on back are 744", "3 digits on back are [cvv]"},
	{"my p i n is 7399", "my p i n is [pin]"},
	{"p.i.n. 7399", "p.i.n. [pin]"},
	{"my P.I.N. is 7399", "my P.I.N. is [pin]"},
	{"c-v-v 744", "c-v-v [cvv]"},
	{"G B 2 9 N W B K 6 0 1 6 1 3 3 1 9 2 6 8 1 9", "[iban ok ...6819]"},
	{"my iban is D E 8 9 3 7 0 4 0 0 4 4 0 5 3 2 0 1 3 0 0 0",
	 "my iban is [iban ok ...3000]"},
	{"El c\u00F3digo es 483920", "El c\u00F3digo es [code]"},
	{"PIN for the card ending in 4431 is 1234",
	 "PIN for the card ending in 4431 is [pin]"},
	{"I want to pin 2000 posts", "I want to pin [pin] posts"},
	{"code secret 1234", "code secret [code]"},
	{"security code 123", "security code [cvv]"},
	{"security code: 482913", "security code: [code]"},
	{"card security code is 1234", "card security code is [cvv]"},
	{"the three digits on the back are 123",
	 "the three digits on the back are [cvv]"},
	{"the three digits on the back: 123",
	 "the three digits on the back: [cvv]"},
	{"Pr\u00FCfnummer 123", "Pr\u00FCfnummer [cvv]"},
	{"Kartenpr\u00FCfnummer lautet 123",
	 "Kartenpr\u00FCfnummer lautet [cvv]"},
	{"cryptogramme 123", "cryptogramme [cvv]"},
	{"c\u00F3digo de seguridad 123", "c\u00F3digo de seguridad [cvv]"},
	{"123 is my cvv", "[cvv] is my cvv"},
	{"PIN 1234 5678", "PIN [pin] 5678"},
	{"PIN: 1 2 3 4", "PIN: [pin]"},
	{"PIN 12 34", "PIN [pin]"},
	{"my new PIN for the app is 123456", "my new PIN for the app is [pin]"},
	{"pin = 9876", "pin = [pin]"},
	{"Geheimzahl: 4321", "Geheimzahl: [pin]"},
	{"code PIN 1234", "code PIN [pin]"},
	{"c\u00F3digo PIN 1234", "c\u00F3digo PIN [pin]"},
	{"\"1234\" is my pin", "\"[pin]\" is my pin"},
	{"OTP 482-913", "OTP [code]"},
	{"otp: 4829", "otp: [code]"},
	{"mTAN 482913", "mTAN [code]"},
	{"einmalcode 482 913", "einmalcode [code]"},
	/* What goes on behind the second group says nothing of the first. */
	{"TAN 1881 4012-818888881888888", "TAN [code] [card ok ...8888]"},
	{"code 4829 5000 euros", "code [code] 5000 euros"},
	{"code 4829, 2024 was the year", "code [code], 2024 was the year"},
	{"Best\u00E4tigungscode: 482913", "Best\u00E4tigungscode: [code]"},
	{"code de v\u00E9rification 482913",
	 "code de v\u00E9rification [code]"},
	{"le code est 482913", "le code est [code]"},
	{"mi c\u00F3digo es 482913", "mi c\u00F3digo es [code]"},
	{"The code is X7K9Q2", "The code is [code]"},
	{"password hunter2", "password [password]"},
	{"pw: hunter2", "pw: [password]"},
	{"passwort: geheim123", "passwort: [password]"},
	{"Kennwort = Sommer2024!", "Kennwort = [password]!"},
	{"mdp: soleil", "mdp: [password]"},
	{"mot de passe est soleil2", "mot de passe est [password]"},
	{"la contrase\u00F1a es secreto1", "la contrase\u00F1a es [password]"},
	{"my password is \"correct horse battery\"",
	 "my password is \"[password]\""},
	{"my password is 'let me in'", "my password is '[password]'"},
	{"change my password to Tr0ub4dor&3",
	 "change my password to [password]"},
	{"user: bob password: bob1", "user: bob password: [password]"},
	{"one-time password 482913", "one-time password [code]"},
	{"the PIN, which I chose, is 1234", "the PIN, which I chose, is [pin]"},
	{"[pin] is my PIN 1234", "[pin] is my PIN [pin]"},
};

static const char *const plain[] = {
	"order number 4012888888881882",
	"amounts: 4000, 5000, 4500, 5500",
	"rows 4500|1200|3000|2000 in all",
	"columns 4021     1130     1445     2210",
	"no 10 working days left here",
	"what is a PIN?",
	"password reset",
	"code of conduct 2024",
	"my password is not working",
	"my password is wrong",
	"please call +49 171 2345678",
	"I paid 1500.00 euros on 12.05.2024 with my PIN",
	"my PIN does not work and my balance is 1500",
	"sort code 20-00-00",
	"zip code 90210",
	"error code 5003",
	"Forgot password? I have 4 accounts",
	"[card ok ...1111] and [pin] 123",
	"4111111111111112",
	"invoice 2024-05-12 13:45:22 2024-06-13",
	"my code has 6 digits",
	"Mein Passwort ist nicht korrekt",
	"code postal 75001 Paris",
	"eins zwei drei",
	"order 4111 2222 3333 4444",
	"tracking number 5555666677778888",
	"call me at 0171 2345678 or +49 30 1234567",
	"it costs 4.111,11 EUR or 4111 dollars",
	"born 12.05.1984, moved 2024-05-12",
	"0.4111111111111111",
	"we met at 12 3456 people",
	"PIN 12345 euros",
	"PIN 2024-05-12",
	"PIN 12:30",
	"my pin was blocked after 3 attempts",
	"I forgot my PIN in 2019 euros",
	"the year 2024 is my favourite",
	"promo code SAVE20",
	"postal code 75001",
	"c\u00F3digo postal 28001",
	"country code 0049",
	"HTTP error code 5000",
	"QR code 12345",
	"dress code 2000",
	"building code 1234",
	"my password isn't working",
	"my password is still the same",
	"My password is expired, what now?",
	"password reset link",
	"password: how do I reset it?",
	"is \"hunter2\" my password?",
	"swordfish! is my password",
	"I need a new password please",
	"what is my password?",
	"Passwort vergessen",
	"mein Passwort ist falsch",
	"mon mot de passe ne marche pas",
	"mi contrase\u00F1a no funciona",
	"I used my bus pass 1234 today",
	"the boarding pass ABC123 is lost",
	"my boarding pass is XK44",
	"pass me on to a person",
	"I have to pass 3 exams",
	"can you pass this on",
	"the memorable word is not accepted",
	"they asked for the 3 digits on the back",
	"I was back at 744",
	"one two three testing",
	"one two three is my favourite song",
	"A B 1 2 3 4 5 6",
	"I like p, i and n: 7399",
	"pass the 1234 test",
};

static void
check(const char *const (*cases)[2], size_t n)
{
	unsigned int found;

	for (size_t i = 0; i < n; i++) {
		const char *text = cases[i][0];
		const char *masked = redact(text, strlen(text), &found);
		assert_string_equal(masked, cases[i][1]);
		char *once = strdup(masked);
		assert_string_equal(redact(once, strlen(once), &found), once);
		assert_int_equal(found, 0);
		free(once);
	}
}

#define N(list) (sizeof(list) / sizeof *(list))

static void
test_cards_are_masked(void **state)
{
	(void)state;
	check(cards, N(cards));
}

static void
test_ibans_are_masked(void **state)
{
	(void)state;
	check(ibans, N(ibans));
}

static void
test_secrets_beside_their_words_are_masked(void **state)
{
	(void)state;
	check(secrets, N(secrets));
}

static void
test_other_numbers_and_words_stay(void **state)
{
	unsigned int found;

	(void)state;
	for (size_t i = 0; i < N(plain); i++) {
		assert_string_equal(redact(plain[i], strlen(plain[i]), &found),
				    plain[i]);
		assert_int_equal(found, 0);
	}
}

/* Forms read them. */
static void
check_behind(const char *before, const char *text, const char *due)
{
	char both[200];
	unsigned int found;
	struct buf out;

	snprintf(both, sizeof both, "%s %s", before, text);
	buf_init(&out, 1000);
	assert_int_equal(text_redact_behind(&out, both, strlen(both),
					    strlen(before) + 1, &found),
			 0);
	assert_string_equal(buf_str(&out), due);
	assert_int_equal(found != 0, strcmp(text, due) != 0);
	buf_release(&out);
}

static void
test_what_stands_before_tells_but_is_not_told(void **state)
{
	(void)state;
	check_behind("my pin is", "6284", "[pin]");
	check_behind("My PIN?", "6284, thanks", "[pin], thanks");
	check_behind("my password:", "hunter2", "[password]");
	check_behind("my pin is [pin]", "6284", "6284");
	check_behind("my pin is 6284 and", "what now", "what now");
	check_behind("6284", "is my pin", "is my pin");
	check_behind("[card ok ...1111]", "744", "[cvv]");
	check_behind("4111 1111 1111", "1111 ok", "[card ok ...1111] ok");
	check_behind("4111 1111 1111 1111", "ok", "ok");
	check_behind("DE89 3704 0044 0532", "0130 00 ok",
		     "[iban ok ...3000] ok");
	check_behind("I lost my card", "order 6284 came", "order 6284 came");
	check_behind("+", "4111111111111111", "[card ok ...1111]");
	check_behind("", "hello", "hello");
}

static void
test_kinds_that_were_found_are_told(void **state)
{
	const char *text = "my card 4111 1111 1111 1111, cvv 123, PIN 9876";
	char names[64];
	unsigned int found;

	(void)state;
	redact(text, strlen(text), &found);
	assert_int_equal(found, 1u << REDACT_CARD | 1u << REDACT_CVV |
					1u << REDACT_PIN);
	assert_string_equal(redact_kinds_text(found, names), "card,cvv,pin");
	assert_string_equal(redact_kinds_text(0, names), "");
	assert_string_equal(redact_kinds_text((1u << REDACT_KINDS) - 1, names),
			    "card,iban,cvv,pin,code,password");
}

static void
test_marks_are_known_by_their_exact_form(void **state)
{
	static const struct {
		const char *text;
		size_t len;
	} marks[] = {
		{"[card ok ...1111]", 17},
		{"[iban bad ...AB12] x", 18},
		{"[pin]1234", 5},
		{"[password]", 10},
		{"[card]", 0},
		{"[card ok ...11111]", 0},
		{"[card ok ...]", 0},
		{"[card fine ...1111]", 0},
		{"[pin", 0},
		{"[pins]", 0},
		{"pin]", 0},
		{"", 0},
	};

	(void)state;
	for (size_t i = 0; i < N(marks); i++)
		assert_int_equal(redact_mark_length(marks[i].text,
						    strlen(marks[i].text),
						    NULL),
				 marks[i].len);
}

static void
test_a_false_mark_hides_nothing(void **state)
{
	const char *text = "[card ok ...4111111111111111]";
	unsigned int found;

	(void)state;
	assert_string_equal(redact(text, strlen(text), &found),
			    "[card ok ...[card ok ...1111]]");
}

static void
test_ill_formed_bytes_are_replaced(void **state)
{
	unsigned int found;

	(void)state;
	assert_string_equal(redact("a\xFF\0b", 4, &found), "a\uFFFD\uFFFDb");
	assert_string_equal(redact("4111\xFF"
				   "111111111111",
				   17, &found),
			    "[card ok ...1111]");
}

static void
test_a_full_buffer_keeps_nothing_of_the_text(void **state)
{
	struct buf out;
	unsigned int found = 99;

	(void)state;
	buf_init(&out, 10);
	buf_adds(&out, "x");
	assert_int_equal(text_redact(&out, "my PIN is 1234", 14, &found), -1);
	assert_string_equal(buf_str(&out), "x");
	assert_int_equal(found, 99);
	buf_release(&out);
}

/* Every issuer's number, in every form that people write. */
static void
test_no_separator_hides_a_card(void **state)
{
	static const char *const separators[] = {
		"",	  " ",	    "-",      ".",	"  ",	   " - ",
		"\u00A0", "\u2009", "\u2011", "\u2013", "\u200B",  "\u2060",
		"\uFEFF", "\u3000", "\n",     " dash ", " minus ", ", ",
		",",	  "|",	    " | ",    "  -  ",	"\t",	   "/",
	};
	char text[200];
	unsigned int found;

	(void)state;
	for (size_t i = 0; i < N(separators); i++) {
		size_t len = 0;
		for (int group = 0; group < 4; group++) {
			const char *digits = group == 0	  ? "4012"
					     : group == 3 ? "1881"
							  : "8888";
			len += (size_t)snprintf(
				text + len, sizeof text - len, "%s%s",
				group > 0 ? separators[i] : "", digits);
		}
		assert_string_equal(redact(text, strlen(text), &found),
				    "[card ok ...1881]");
	}
}

/* 60 KB of what could make a careless search go on for ever. */
static void
test_hostile_texts_take_linear_time(void **state)
{
	static const char *const pieces[] = {
		"1 ",	   "4",	    "one ",    "password ",
		"'",	   "DE89 ", "is my ",  "code code ",
		"\u200B1", "(((",   "pin is ", "[card ok ",
	};
	static char text[60000];
	struct buf out;
	unsigned int found;

	(void)state;
	for (size_t i = 0; i < N(pieces); i++) {
		size_t len = strlen(pieces[i]), n = 0;
		for (; n + len <= sizeof text; n += len)
			memcpy(text + n, pieces[i], len);
		buf_init(&out, 4 * sizeof text);
		assert_int_equal(text_redact(&out, text, n, &found), 0);
		buf_release(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cards_are_masked),
		cmocka_unit_test(test_ibans_are_masked),
		cmocka_unit_test(test_secrets_beside_their_words_are_masked),
		cmocka_unit_test(test_other_numbers_and_words_stay),
		cmocka_unit_test(test_what_stands_before_tells_but_is_not_told),
		cmocka_unit_test(test_kinds_that_were_found_are_told),
		cmocka_unit_test(test_marks_are_known_by_their_exact_form),
		cmocka_unit_test(test_a_false_mark_hides_nothing),
		cmocka_unit_test(test_ill_formed_bytes_are_replaced),
		cmocka_unit_test(test_a_full_buffer_keeps_nothing_of_the_text),
		cmocka_unit_test(test_no_separator_hides_a_card),
		cmocka_unit_test(test_hostile_texts_take_linear_time),
	};

	return cmocka_run_group_tests_name("redact", tests, NULL, NULL);
}
