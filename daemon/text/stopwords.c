/* Any thread: nothing changes. */
#include "text/stopwords.h"

#include <string.h>

/* Never in these lists: negations (not, without, nicht, sans), question words
 * (how, where, wie, comment) and what a desk's questions are about. */
/* clang-format off */
static const char *const english[] = {
	"a", "about", "above", "after", "again", "all", "also", "am", "an",
	"and", "any", "are", "as", "at", "be", "because", "been", "before",
	"being", "below", "between", "both", "but", "by", "can", "cheers",
	"could", "dear", "did", "do", "does", "doing", "down", "during", "each",
	"for", "from", "further", "get", "gets", "got", "had", "has", "have",
	"having", "he", "he'd", "he'll", "he's", "hello", "her", "here", "hers",
	"herself", "hey", "hi", "him", "himself", "his", "hiya", "i", "i'd",
	"i'll", "i'm", "i've", "id", "if", "im", "in", "into", "is", "it",
	"it'd", "it'll", "it's", "its", "itself", "ive", "just", "let", "let's",
	"like", "may", "me", "might", "more", "most", "my", "myself", "of",
	"off", "ok", "okay", "on", "once", "only", "or", "other", "our", "ours",
	"ourselves", "out", "over", "own", "please", "pls", "plz", "same",
	"shall", "she", "she'd", "she'll", "she's", "should", "so", "some",
	"sorry", "such", "than", "thank", "thanks", "that", "that'll", "that's",
	"thats", "the", "their", "theirs", "them", "themselves", "then",
	"there", "there's", "these", "they", "they'd", "they'll", "they're",
	"they've", "this", "those", "through", "thx", "to", "too", "under",
	"until", "up", "ur", "us", "very", "was", "we", "we'd", "we'll",
	"we're", "we've", "were", "while", "will", "with", "would", "ye", "yer",
	"you", "you'd", "you'll", "you're", "you've", "your", "yours",
	"yourself", "yourselves",
};

static const char *const german[] = {
	"ab", "aber", "alle", "allem", "allen", "aller", "alles", "als",
	"also", "am", "an", "ander", "andere", "anderem", "anderen",
	"anderer", "anderes", "auch", "auf", "aus", "bei", "beim", "bin",
	"bis", "bist", "bitte", "da", "damit", "danke", "dann", "das", "dass",
	"dasselbe", "dazu", "dein", "deine", "deinem", "deinen", "deiner",
	"deines", "dem", "den", "denn", "der", "deren", "derer", "derselbe",
	"des", "desselben", "dessen", "dich", "die", "dies", "diese",
	"dieselbe", "diesem", "diesen", "dieser", "dieses", "dir", "doch",
	"dort", "du", "durch", "ein", "eine", "einem", "einen", "einer",
	"eines", "einige", "einigem", "einigen", "einiger", "einiges",
	"einmal", "er", "es", "etwas", "euch", "euer", "eure", "eurem",
	"euren", "eurer", "eures", "für", "gegen", "gewesen", "habe", "haben",
	"habt", "hallo", "hat", "hatte", "hatten", "hier", "hin", "hinter",
	"ich", "ihm", "ihn", "ihnen", "ihr", "ihre", "ihrem", "ihren",
	"ihrer", "ihres", "im", "in", "indem", "ins", "ist", "ja", "jede",
	"jedem", "jeden", "jeder", "jedes", "jene", "jenem", "jenen", "jener",
	"jenes", "jetzt", "kann", "kannst", "können", "könnt", "könnte",
	"könnten", "machen", "man", "manche", "manchem", "manchen", "mancher",
	"manches", "mein", "meine", "meinem", "meinen", "meiner", "meines",
	"mich", "mir", "mit", "muss", "musste", "möchte", "möchten", "nach",
	"noch", "nun", "nur", "ob", "oder", "sehr", "sein", "seine", "seinem",
	"seinen", "seiner", "seines", "seit", "selbst", "sich", "sie", "sind",
	"so", "solche", "solchem", "solchen", "solcher", "solches", "soll",
	"sollte", "sondern", "sonst", "um", "und", "uns", "unser", "unsere",
	"unserem", "unseren", "unserer", "unseres", "unter", "viel", "vom",
	"von", "vor", "war", "waren", "warst", "weil", "weiter", "werde",
	"werden", "will", "wir", "wird", "wirst", "wollen", "wollte",
	"während", "würde", "würden", "zu", "zum", "zur", "zwar", "zwischen",
	"über",
};

static const char *const french[] = {
	"a", "ai", "aie", "aient", "aies", "ait", "alors", "as", "au", "aura",
	"aurai", "auraient", "aurais", "aurait", "auras", "aurez", "auriez",
	"aurions", "aurons", "auront", "aussi", "aux", "avaient", "avais",
	"avait", "avec", "avez", "aviez", "avions", "avons", "ayant", "ayez",
	"ayons", "bonjour", "c", "car", "ce", "cela", "celle", "celles",
	"celui", "ces", "cet", "cette", "ceux", "chez", "ci", "d", "dans",
	"de", "des", "donc", "du", "elle", "elles", "en", "es", "est", "et",
	"eu", "eue", "eues", "eurent", "eus", "eut", "eux", "faire", "fait",
	"fut", "il", "ils", "j", "je", "l", "la", "le", "les", "leur",
	"leurs", "lui", "là", "m", "ma", "mais", "me", "merci", "mes", "moi",
	"mon", "même", "nos", "notre", "nous", "on", "ont", "or", "ou", "par",
	"peut", "peux", "plus", "pour", "puis", "qu", "s", "sa", "se", "sera",
	"serai", "seraient", "serais", "serait", "seras", "serez", "seriez",
	"serions", "serons", "seront", "ses", "si", "soi", "soient", "sois",
	"soit", "sommes", "son", "sont", "suis", "sur", "svp", "t", "ta",
	"te", "tes", "toi", "ton", "très", "tu", "un", "une", "vers", "voici",
	"voilà", "vos", "votre", "vous", "y", "à", "ça", "étaient", "étais",
	"était", "étant", "étiez", "étions", "été", "êtes", "être",
};

static const char *const spanish[] = {
	"a", "al", "algo", "algunas", "algunos", "ante", "antes", "aquel",
	"aquella", "aquellas", "aquellos", "aquí", "así", "con", "de", "del",
	"desde", "e", "el", "ella", "ellas", "ellos", "en", "entre", "era",
	"eran", "eras", "eres", "es", "esa", "esas", "ese", "eso", "esos",
	"esta", "estaba", "estaban", "estado", "estamos", "estar", "estas",
	"este", "esto", "estos", "estoy", "está", "están", "favor", "fue",
	"fueron", "gracias", "ha", "haber", "había", "habían", "hacer",
	"haces", "hago", "han", "has", "hasta", "hay", "he", "hemos", "hola",
	"la", "las", "le", "les", "lo", "los", "me", "mi", "mis", "mucho",
	"muchos", "muy", "más", "mí", "mía", "mías", "mío", "míos", "nos",
	"nosotras", "nosotros", "nuestra", "nuestras", "nuestro", "nuestros",
	"o", "os", "otra", "otras", "otro", "otros", "para", "pero", "por",
	"porque", "puede", "pueden", "puedo", "pues", "se", "sea", "sean",
	"ser", "si", "sido", "siendo", "sobre", "sois", "somos", "son", "soy",
	"su", "sus", "suya", "suyas", "suyo", "suyos", "sí", "también",
	"tanto", "te", "tenemos", "tener", "tengo", "ti", "tiene", "tienen",
	"todo", "todos", "tu", "tus", "tuya", "tuyas", "tuyo", "tuyos", "tú",
	"un", "una", "uno", "unos", "usted", "ustedes", "vosotras",
	"vosotros", "vuestra", "vuestras", "vuestro", "vuestros", "y", "ya",
	"yo", "él",
};

/* clang-format on */

#define N(list) (sizeof(list) / sizeof *(list))

static const struct stop_list {
	char language[4];
	const char *const *words;
	size_t n;
} stop_lists[] = {
	{"de", german, N(german)},
	{"en", english, N(english)},
	{"es", spanish, N(spanish)},
	{"fr", french, N(french)},
};

const char *const *
stopwords_of(const char *language, size_t *n_r)
{
	size_t len = language ? strcspn(language, "-_") : 0;

	for (size_t i = 0; i < N(stop_lists); i++) {
		const struct stop_list *list = &stop_lists[i];
		if (len == strlen(list->language) &&
		    strncmp(list->language, language, len) == 0) {
			*n_r = list->n;
			return list->words;
		}
	}
	*n_r = 0;
	return NULL;
}
