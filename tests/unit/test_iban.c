/* IBANs: the examples that the register publishes. */
#include "test.h"

#include <string.h>

#include "text/iban.h"

static const char *const examples[] = {
	"AD1200012030200359100100",
	"AE070331234567890123456",
	"AL47212110090000000235698741",
	"AT611904300234573201",
	"AZ21NABZ00000000137010001944",
	"BA391290079401028494",
	"BE68539007547034",
	"BG80BNBG96611020345678",
	"BH67BMAG00001299123456",
	"BR9700360305000010009795493P1",
	"BY13NBRB3600900000002Z00AB00",
	"CH9300762011623852957",
	"CR05015202001026284066",
	"CY17002001280000001200527600",
	"CZ6508000000192000145399",
	"DE89370400440532013000",
	"DK5000400440116243",
	"DO28BAGR00000001212453611324",
	"EE382200221020145685",
	"EG380019000500000000263180002",
	"ES9121000418450200051332",
	"FI2112345600000785",
	"FO6264600001631634",
	"FR1420041010050500013M02606",
	"GB29NWBK60161331926819",
	"GE29NB0000000101904917",
	"GI75NWBK000000007099453",
	"GL8964710001000206",
	"GR1601101250000000012300695",
	"GT82TRAJ01020000001210029690",
	"HR1210010051863000160",
	"HU42117730161111101800000000",
	"IE29AIBK93115212345678",
	"IL620108000000099999999",
	"IQ98NBIQ850123456789012",
	"IS140159260076545510730339",
	"IT60X0542811101000000123456",
	"JO94CBJO0010000000000131000302",
	"KW81CBKU0000000000001234560101",
	"KZ86125KZT5004100100",
	"LB62099900000001001901229114",
	"LC55HEMM000100010012001200023015",
	"LI21088100002324013AA",
	"LT121000011101001000",
	"LU280019400644750000",
	"LV80BANK0000435195001",
	"LY83002048000020100120361",
	"MC5811222000010123456789030",
	"MD24AG000225100013104168",
	"ME25505000012345678951",
	"MK07250120000058984",
	"MR1300020001010000123456753",
	"MT84MALT011000012345MTLCAST001S",
	"MU17BOMM0101101030300200000MUR",
	"NL91ABNA0417164300",
	"NO9386011117947",
	"PK36SCBL0000001123456702",
	"PL61109010140000071219812874",
	"PS92PALS000000000400123456702",
	"PT50000201231234567890154",
	"QA58DOHB00001234567890ABCDEFG",
	"RO49AAAA1B31007593840000",
	"RS35260005601001611379",
	"SA0380000000608010167519",
	"SC18SSCB11010000000000001497USD",
	"SE4550000000058398257466",
	"SI56263300012039086",
	"SK3112000000198742637541",
	"SM86U0322509800000000270100",
	"ST68000100010051845310112",
	"SV62CENR00000000000000700025",
	"TL380080012345678910157",
	"TN5910006035183598478831",
	"TR330006100519786457841326",
	"UA213223130000026007233566001",
	"VA59001123000012345678",
	"VG96VPVG0000012345678901",
	"XK051212012345678906",
};

#define N_EXAMPLES (sizeof examples / sizeof *examples)

static bool
is_of_form(const char *iban)
{
	const char *form = iban_form(iban[0], iban[1]);

	if (!form || iban_length(form) != strlen(iban))
		return false;
	for (size_t i = 0; iban[i]; i++)
		if (!iban_allows(form, i, iban[i]))
			return false;
	return true;
}

static void
test_examples_of_the_register_are_right(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_EXAMPLES; i++)
		if (!is_of_form(examples[i]) ||
		    !iban_is_valid(examples[i], strlen(examples[i])))
			fail_msg("%s is refused", examples[i]);
}

static void
test_one_wrong_digit_fails_the_check(void **state)
{
	char iban[IBAN_LENGTH_MAX + 1];

	(void)state;
	for (size_t i = 0; i < N_EXAMPLES; i++) {
		size_t len = strlen(examples[i]);
		memcpy(iban, examples[i], len + 1);
		char *digit = &iban[len - 5];
		if (*digit > '9')
			continue;
		*digit = *digit == '9' ? '0' : (char)(*digit + 1);
		assert_false(iban_is_valid(iban, len));
	}
}

static void
test_countries_are_found_in_either_case(void **state)
{
	(void)state;
	assert_string_equal(iban_form('D', 'E'), "18n");
	assert_string_equal(iban_form('d', 'e'), "18n");
	assert_null(iban_form('Z', 'Z'));
	assert_null(iban_form('U', 'S'));
	assert_null(iban_form('1', '2'));
}

static void
test_forms_say_what_stands_where(void **state)
{
	(void)state;
	assert_int_equal(iban_length("4a14n"), 22);
	assert_true(iban_allows("4a14n", 0, 'G'));
	assert_false(iban_allows("4a14n", 0, '1'));
	assert_true(iban_allows("4a14n", 2, '1'));
	assert_false(iban_allows("4a14n", 3, 'A'));
	assert_true(iban_allows("4a14n", 7, 'A'));
	assert_false(iban_allows("4a14n", 7, '1'));
	assert_true(iban_allows("4a14n", 8, '1'));
	assert_false(iban_allows("4a14n", 22, '1'));
	assert_true(iban_allows("20c", 5, 'A'));
	assert_true(iban_allows("20c", 5, '1'));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_examples_of_the_register_are_right),
		cmocka_unit_test(test_one_wrong_digit_fails_the_check),
		cmocka_unit_test(test_countries_are_found_in_either_case),
		cmocka_unit_test(test_forms_say_what_stands_where),
	};

	return cmocka_run_group_tests_name("iban", tests, NULL, NULL);
}
