/* Languages by their function words, which make up half of any text.  A word
 * counts for each language that has it; one language must have many of them
 * and the desk's own hardly any.  Words that are plain English as well ("die",
 * "was", "on", "me") stand in the English list, so that they weigh on both
 * sides, and where each of the desk's own is such a word they say nothing of
 * either.  Any thread: nothing is kept. */
#include "text/language.h"

#include <stdbool.h>
#include <string.h>

#include "base/mem.h"
#include "text/tokens.h"

/* So many function words at least, so much of all words (in per cent), and so
 * many for each of the desk's own.  Without any that only the desk's own has,
 * one less will do, if more of the words are such. */
#define WORDS_MIN 3
#define SHARE_MIN 30
#define PURE_SHARE_MIN 40
#define FOR_EACH_OWN 2
#define LOOKED_AT_MAX 200

/* Folded, as text/tokens.h makes them; with what things cost, which is asked in
 * a few words. */
/* clang-format off */
static const struct language {
	const char *code, *words;
	/* What it is called in it: whoever asks for it in a word or two ("hablas
	 * español?") says no less than with WORDS_MIN others. */
	const char *names;
} languages[] = {
	{"de",
	 "ich du er sie es wir ihr mich mir dich dir uns euch ihnen mein meine "
	 "meinen meiner meinem dein deine sein seine unser unsere ihre ihrem "
	 "ihren der die das den dem des ein eine einen einem einer eines kein "
	 "keine keinen und oder aber denn weil dass wenn ob ist sind bin war "
	 "waren wird werden wurde wurden habe haben hat hatte kann können "
	 "könnte muss müssen soll will möchte darf auf aus bei mit nach seit "
	 "von vom zu zum zur für gegen ohne durch über unter vor zwischen in "
	 "im ins an am beim nicht noch schon nur auch sehr wie wo was wer wann warum "
	 "welche hier da bitte danke gibt mal jetzt immer als so fuer fur "
	 "ueber koennen konnen koennte moechte mochte viel wieviel kostet "
	 "kosten",
	 "deutsch"},
	{"en",
	 "i i'm i've i'd i'll im ive me my mine you your yours he him his she "
	 "her it it's its we us our they them their the a an and or but if "
	 "because so than then that this these those there here is are am was "
	 "were be been being do does did don't didn't doesn't have has had "
	 "can can't could will would should may might must shall not no to of "
	 "in on at by for from with without about into over under after "
	 "before up down out off as what when where which who whom whose why "
	 "how any some all also just only please thanks thank hello hi get "
	 "got need want still now very more much many die man am war also me "
	 "son come dove her on pour to ten per via do we of is had zal hem go "
	 "car care plus pot ate door fare comment dont u w costa",
	 "english"},
	{"es",
	 "yo tú él ella nosotros ellos me te se nos mi mis tu tus su sus el la "
	 "los las un una unos unas y o pero porque si que qué como cómo "
	 "cuando cuándo donde dónde quien cuál cuánto es son está están "
	 "estoy soy era fue ser estar he ha han hay tengo tiene puedo puede "
	 "quiero necesito de del al a en con sin por para sobre entre hasta "
	 "desde no ni ya muy más también esta este esto ese eso lo le les "
	 "hola gracias favor mucho hacer mas tambien esta estan cuesta "
	 "cuestan",
	 "español espanol castellano"},
	{"fr",
	 "je j tu il elle nous vous ils elles on me m te se s mon ma mes ton "
	 "ta tes son sa ses notre nos votre vos leur leurs le la les l un une "
	 "des du de d au aux et ou mais car parce que qu qui quoi dont où "
	 "quand comment pourquoi quel quelle combien est sont suis es êtes "
	 "était ai as a avez avons ont avait peux peut puis pouvez veux "
	 "voudrais dois faire fait dans sur sous avec sans pour par chez vers "
	 "entre ne n pas plus ce c cet cette ces ça y en si très bonjour "
	 "merci c'est j'ai qu'est n'est d'un d'une l'on été toujours ca "
	 "etes etait tres coûte coute coûtent",
	 "français francais"},
	{"it",
	 "io tu lui lei noi voi loro mi ti si ci vi mio mia miei mie tuo tua "
	 "suo sua nostro il lo la i gli le un uno una l di del dello della dei "
	 "degli delle a al allo alla ai agli alle da dal dalla in nel nella "
	 "nei con su sul sulla per tra fra e ed o ma perché se che chi cosa "
	 "come quando dove quale quanto è sono sei siamo era ho hai ha "
	 "abbiamo hanno posso può voglio vorrei devo fare non più già anche "
	 "molto questo questa quello ciao grazie buongiorno ne stato stata "
	 "perche piu puo gia costa costano",
	 "italiano"},
	{"nl",
	 "ik jij je hij zij ze wij we u mij me hem haar ons mijn jouw zijn "
	 "haar onze uw de het een en of maar want omdat dat die dit deze als "
	 "is ben bent was waren wordt worden heb hebt heeft hebben had kan "
	 "kunnen kunt moet moeten wil willen zal mag op in uit bij met naar "
	 "van voor tegen zonder door over onder tussen aan te tot niet geen "
	 "nog al ook heel hoe waar wat wie wanneer waarom welke hier er "
	 "graag bedankt dank hallo mogelijk kost kosten",
	 "nederlands"},
	{"pl",
	 "ja ty on ona my wy oni mi mnie mną ci go jej jego ich się siebie mój "
	 "moja moje moją mojej mojego moim twój wasz i a ale lub albo czy bo "
	 "ponieważ że żeby jeśli jak kiedy gdzie kto co dlaczego ile który "
	 "która jest są jestem był była było być mam ma mają mogę może można "
	 "chcę chciałbym chciałabym muszę proszę w we z ze na do od po za o "
	 "u dla przez przed pod nad bez nie już jeszcze tylko też bardzo to "
	 "ten ta tej tego dzień dobry dziękuję sie moj moja ze zeby mozna "
	 "moge chce prosze juz tez dzien dziekuje kosztuje",
	 "polsku polski"},
	{"pt",
	 "eu tu ele ela nós você vocês eles me te se nos meu minha meus "
	 "minhas seu sua o a os as um uma uns e ou mas porque se que como "
	 "quando onde quem qual quanto é são está estou sou era foi ser estar "
	 "tenho tem há posso pode quero preciso de do da dos das ao à no na "
	 "nos nas em com sem por para pelo pela sobre até não já muito mais "
	 "também este esta isto isso olá obrigado obrigada bom dia fazer nao "
	 "ja voce sao ate tambem ola custa custam",
	 "português portugues"},
	{"ro",
	 "eu tu el ea noi voi ei mă te se ne mi îmi ți și sau dar pentru că să "
	 "dacă cum când unde cine ce care cât este sunt ești era am ai are "
	 "avem au pot poate vreau trebuie de din la în pe cu fără prin "
	 "despre până nu mai foarte acest această meu mea mele un o unei "
	 "bună ziua mulțumesc vă rog si sa ca imi buna multumesc va ma "
	 "costă",
	 "română romana românește romaneste"},
};
/* clang-format on */

#define N_LANGUAGES (sizeof languages / sizeof *languages)

static bool
has_word(const char *words, const char *word, size_t len)
{
	for (const char *at = words; (at = strstr(at, word)); at += len)
		if ((at == words || at[-1] == ' ') &&
		    (at[len] == ' ' || !at[len]))
			return true;
	return false;
}

static size_t
find_language(const char *code)
{
	size_t len = strcspn(code, "-_"), i = 0;

	while (i < N_LANGUAGES && (strlen(languages[i].code) != len ||
				   memcmp(languages[i].code, code, len) != 0))
		i++;
	return i;
}

struct count {
	size_t all;	/* the words that a language has */
	size_t alone;	/* those of them that the desk's own has not */
	size_t without; /* those of the desk's own that it has not */
};

static void
count_word(struct count *count, const struct language *language,
	   const char *word, size_t len, bool is_own)
{
	size_t n = has_word(language->words, word, len) ? 1 : 0;

	if (has_word(language->names, word, len))
		n += WORDS_MIN;
	count->all += n;
	count->alone += is_own ? 0 : n;
	count->without += is_own && !n;
}

static void
count_words(const struct tokens *tokens, size_t n, size_t mine,
	    struct count *counts)
{
	for (size_t i = 0; i < n; i++) {
		const char *word = token_word(tokens, i);
		size_t len = tokens->list[i].word_len;
		bool is_own = has_word(languages[mine].words, word, len);
		for (size_t k = 0; k < N_LANGUAGES; k++)
			count_word(&counts[k], &languages[k], word, len,
				   is_own);
	}
}

static bool
is_clear(const struct count *count, size_t own, size_t n)
{
	if (!count->without && count->alone && count->all + 1 >= WORDS_MIN &&
	    count->all * 100 >= n * PURE_SHARE_MIN)
		return true;
	return count->all >= WORDS_MIN && count->all * 100 >= n * SHARE_MIN &&
	       count->all >= FOR_EACH_OWN * own;
}

const char *
text_foreign_language(const char *text, size_t len, const char *own)
{
	struct count counts[N_LANGUAGES] = {0};
	size_t mine = find_language(own), best = 0;
	struct tokens tokens;

	if (mine == N_LANGUAGES)
		return NULL;
	tokens_init(&tokens);
	if (tokens_split(&tokens, text, len, "") < 0)
		mem_exhausted();
	size_t n = tokens.n < LOOKED_AT_MAX ? tokens.n : LOOKED_AT_MAX;
	count_words(&tokens, n, mine, counts);
	tokens_release(&tokens);
	for (size_t k = 1; k < N_LANGUAGES; k++)
		if (counts[k].all > counts[best].all)
			best = k;
	if (best == mine || !is_clear(&counts[best], counts[mine].all, n))
		return NULL;
	return languages[best].code;
}
