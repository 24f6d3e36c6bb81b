/* In which language a whole text is, and that English is never taken for
 * another one. */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "text/language.h"

static const char *
foreign(const char *text)
{
	const char *code = text_foreign_language(text, strlen(text), "en-IE");

	return code ? code : "-";
}

static const struct {
	const char *code, *text;
} texts[] = {
	{"de", "Wie kann ich meine Karte sperren lassen?"},
	{"de", "Guten Tag, ich möchte ein Konto eröffnen. Was brauche ich?"},
	{"de", "wo finde ich die gebuehren fuer eine ueberweisung"},
	{"de", "Ich habe meine PIN vergessen und komme nicht in die App."},
	{"de", "Was kostet eine neue Karte?"},
	{"de", "Wie viel kostet das Konto?"},
	{"fr", "Comment ouvrir un compte ?"},
	{"it", "quanto costa il bonifico"},
	{"es", "Hola, ¿cómo puedo abrir una cuenta con ustedes?"},
	{"es", "No me funciona la tarjeta en el cajero"},
	{"es", "¿Cuánto cuesta una transferencia internacional?"},
	{"es", "quiero cancelar mi póliza"},
	{"pl", "jak moge otworzyc konto"},
	{"es", "quiero saber cuanto cuesta una transferencia a mi pais"},
	{"fr", "Bonjour, comment est-ce que je peux changer mon code ?"},
	{"fr", "J'ai perdu ma carte et je ne sais pas quoi faire"},
	{"fr", "Quels sont les frais pour un virement dans un autre pays ?"},
	{"it", "Buongiorno, come posso aprire un conto con voi?"},
	{"it", "Non riesco a entrare nella app e la mia carta è bloccata"},
	{"nl", "Hoe kan ik mijn pas blokkeren als ik hem kwijt ben?"},
	{"nl", "Wat kost het om geld naar een ander land over te maken?"},
	{"pl", "Dzień dobry, jak mogę otworzyć u was konto?"},
	{"pl", "nie moge sie zalogowac do aplikacji, co mam zrobic"},
	{"pt", "Olá, como é que eu posso abrir uma conta no banco?"},
	{"pt", "Não consigo entrar na aplicação com o meu código"},
	{"ro", "Bună ziua, cum pot să deschid un cont la voi?"},
	{"ro", "Nu pot să intru în aplicație și nu știu de ce"},
};

static void
test_a_whole_text_tells_its_language(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (strcmp(foreign(texts[i].text), texts[i].code) != 0)
			fail_msg("%s, not %s: %s", foreign(texts[i].text),
				 texts[i].code, texts[i].text);
}

static void
test_the_desks_own_language_is_not_foreign(void **state)
{
	const char *text = texts[0].text;

	(void)state;
	assert_null(text_foreign_language(text, strlen(text), "de"));
	assert_null(text_foreign_language(text, strlen(text), "de-AT"));
	text = "How do I open an account with you, and what does it cost?";
	assert_string_equal(text_foreign_language(text, strlen(text), "de"),
			    "en");
	/* Of a language that is not known nothing can be said. */
	assert_null(text_foreign_language(text, strlen(text), "fi"));
	assert_null(text_foreign_language(text, strlen(text), ""));
}

static void
test_what_is_short_or_mixed_is_left_open(void **state)
{
	static const char *const open[] = {
		"",
		"...",
		"Karte gesperrt",
		"la tarjeta",
		"IBAN",
		"hola",
		"qwertz uiopasdf",
		"What does \"Die Karte ist nicht für Sie\" mean?",
		"my card from Banco de la Nación does not work, why is that",
		"Can I get cash in Las Palmas de Gran Canaria?",
		"per person per day, via de la Croix",
		"I want to die",
		"go to settings",
		"guide me through jump starting a car",
		"die Karte is broken and I need a new one",
	};

	(void)state;
	for (size_t i = 0; i < sizeof open / sizeof *open; i++)
		assert_string_equal(foreign(open[i]), "-");
}

static void
test_who_asks_for_a_language_speaks_it(void **state)
{
	(void)state;
	assert_string_equal(foreign("Hablas español?"), "es");
	assert_string_equal(foreign("¿Habla usted castellano?"), "es");
	assert_string_equal(foreign("Sprechen Sie Deutsch?"), "de");
	assert_string_equal(foreign("parlez-vous français"), "fr");
	assert_string_equal(foreign("Parla italiano?"), "it");
	assert_string_equal(foreign("fala portugues?"), "pt");
	assert_string_equal(foreign("po polsku"), "pl");
	assert_string_equal(foreign("Do you speak Deutsch or not?"), "-");
	assert_string_equal(foreign("is there an app in Español"), "-");
	assert_string_equal(foreign("Do you speak Spanish?"), "-");
	assert_string_equal(foreign("Deutsche Bank"), "-");
}

static void
test_any_bytes_may_be_looked_at(void **state)
{
	char bytes[5000];

	(void)state;
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (char)(i * 7 + i / 251);
	text_foreign_language(bytes, sizeof bytes, "en");
	assert_null(text_foreign_language(NULL, 0, "en"));
}

struct count {
	int n, foreign;
};

static void
count_line(struct count *count, const char *text, size_t len)
{
	const char *code = text_foreign_language(text, len, "en");

	count->n += len > 0;
	count->foreign += code != NULL;
	if (code)
		print_message("# %s: %.*s\n", code, (int)len, text);
}

/* Each line of each text of a file of one JSON object a line. */
static void
count_set(struct count *count, const char *path)
{
	FILE *file = fopen(path, "r");
	char *line = NULL;
	size_t size = 0;

	if (!file)
		return;
	for (ssize_t n; (n = getline(&line, &size, file)) > 0;) {
		json_t *row = json_read(line, (size_t)n, 4, NULL);
		const char *text = json_get_text(row, "text", "");
		for (; *text; text += *text == '\n') {
			size_t len = strcspn(text, "\n");
			count_line(count, text, len);
			text += len;
		}
		json_decref(row);
	}
	free(line);
	fclose(file);
}

static void
test_english_is_hardly_ever_taken_for_another_language(void **state)
{
	static const char *const sets[] = {"banking77-train",
					   "bitext-intents",
					   "clinc150-train-val",
					   "hwu64-train-valid",
					   "stackfaq-paraphrases",
					   "watson-bank",
					   "askcfpb-a",
					   "dstc11-track5",
					   "finllmopt-retailbank"};
	const char *data = getenv("TELLERD_DATA");
	struct count count = {0, 0};
	char path[4096];

	(void)state;
	for (size_t i = 0; data && i < sizeof sets / sizeof *sets; i++) {
		snprintf(path, sizeof path, "%s/text/%s.jsonl", data, sets[i]);
		count_set(&count, path);
	}
	if (count.n == 0)
		test_skip("TELLERD_DATA has no texts");
	print_message("# %d of %d lines taken for another language\n",
		      count.foreign, count.n);
	assert_true(count.foreign * 10000.0 <= count.n);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_whole_text_tells_its_language),
		cmocka_unit_test(test_the_desks_own_language_is_not_foreign),
		cmocka_unit_test(test_what_is_short_or_mixed_is_left_open),
		cmocka_unit_test(test_who_asks_for_a_language_speaks_it),
		cmocka_unit_test(test_any_bytes_may_be_looked_at),
		cmocka_unit_test(
			test_english_is_hardly_ever_taken_for_another_language),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
