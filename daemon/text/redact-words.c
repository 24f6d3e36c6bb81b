/* Any thread: the table is made once, then only read. */
#include "text/redact-words.h"

#include <assert.h>
#include <pthread.h>
#include <string.h>

#include "text/redact-glyph.h"

/* Without case and accents, as glyph_read() gives them. */
/* clang-format off */
static const struct group {
	uint32_t flags;
	const char *words;
} groups[] = {
	{WORD_PIN,
	 "pin pins pincode mpin upin tpin puk geheimzahl geheimnummer "
	 "nip"},
	{WORD_CVV,
	 "cvv cvc cvn cvd ccv kpn kartenprufnummer kartenpruefnummer "
	 "kartenprufziffer kartenpruefziffer prufnummer pruefnummer "
	 "prufziffer pruefziffer cryptogramme csc"},
	{WORD_BACK,
	 "back ruckseite rueckseite dos reverso dorso"},
	{WORD_CODE,
	 "code codes codigo codigos kode"},
	{WORD_SECURITY,
	 "sicherheitscode"},
	{WORD_OTP,
	 "otp totp tan mtan smstan pushtan chiptan phototan einmalcode "
	 "einmalkennwort einmalpasswort einmalpin bestatigungscode "
	 "bestaetigungscode verifizierungscode verifikationscode "
	 "freischaltcode freigabecode aktivierungscode zugangscode "
	 "anmeldecode smscode passcode token"},
	{WORD_PASSWORD,
	 "password passwords passphrase pwd pw passwd passwort passworter "
	 "kennwort losungswort zugangspasswort mdp contrasena "
	 "contrasenas clave claves contrasenya onlinepasswort "
	 "bankingpasswort loginpasswort"},
	{WORD_CARD,
	 "card cards cardnumber visa mastercard amex maestro discover "
	 "diners jcb girocard karte karten kreditkarte "
	 "kreditkarten kreditkartennummer kartennummer debitkarte "
	 "bankkarte carte carta tarjeta tarjetas pan cc creditcard "
	 "debitcard cartebancaire"},
	{WORD_IBAN,
	 "iban ibans kontonummer bankverbindung"},
	{WORD_OTHER,
	 "order orders reference ref invoice bill tracking parcel "
	 "shipment package customer client account acct transaction "
	 "contract policy claim case ticket phone telephone tel mobile "
	 "fax ean isbn imei serial batch model article item merchant "
	 "booking confirmation receipt member membership passport tax "
	 "vat amount balance bestellung bestellnummer auftrag "
	 "auftragsnummer rechnung rechnungsnummer kundennummer "
	 "vertragsnummer vorgangsnummer referenz referenznummer "
	 "sendungsnummer telefon telefonnummer handynummer rufnummer "
	 "konto betrag saldo commande facture colis dossier montant "
	 "solde compte pedido factura envio referencia telefono "
	 "cliente cuenta importe contrato"},
	{WORD_LINK,
	 "is are was were equals says reads ist sind war lautet "
	 "lautete hiess heisst est etait es era fue son sera being"},
	{WORD_TO,
	 "to as into with using auf als zu mit en a comme como avec "
	 "con par por"},
	{WORD_MINE,
	 "my the your our his her a an this that mein meine meinen "
	 "meiner meinem dein deine ihr ihre ihren die der das den dem "
	 "ein eine einen mon ma mes le la les un une votre vos notre "
	 "mi mis el los las tu tus su sus una uno"},
	{WORD_FILLER,
	 "number numbers id no nr num numero numeros nummer digit digits "
	 "digital code card debit credit banking bank online mobile "
	 "app account login s i got get gets received receive recieved "
	 "you u they we it sent send gave give me just now new old "
	 "current still only last here temporary for from by via with "
	 "in of at text sms email mail phone message today this chose "
	 "set entered enter entering typed type typing use used using "
	 "changed change changing reset to as that which temp secret "
	 "personal atm visual visuel visuelle value verification "
	 "security securite seguridad access zugang mit fur fuer von "
	 "per als ich habe bekommen erhalten gesendet eingegeben neue "
	 "neuer neues alte aktuelle jetzt noch meiner zu que qui de du "
	 "des d l recu j ai par pour avec nouveau nouvel nouvelle "
	 "actuel secrete secreto secreta nueva nuevo actual recibi "
	 "recibido recibida para con por he esta este"},
	{WORD_BLOCK,
	 "and but or so because und aber oder weil denn et mais ou "
	 "donc y e pero o porque"},
	{WORD_STATE,
	 "not no wrong incorrect invalid expired locked blocked lost "
	 "forgotten forgot stolen weak strong short long too very be "
	 "been being never always still now ok okay fine good bad safe "
	 "secure insecure correct right valid accepted rejected denied "
	 "required needed important private same different new old "
	 "reset changed hacked compromised unknown known missing gone "
	 "broken out on in at for of so only just there here what how "
	 "why where when which who whose that this these those it its "
	 "sensitive protected working set saved stored sent asked used "
	 "because if then than please help can could cannot cant do "
	 "does did dont will would should must may might have has had "
	 "get got i you we they he she me us them your my the a an one "
	 "recovery reminder manager policy field page box link screen "
	 "change changes update prompt hint rules rule requirements "
	 "security login account expiry question questions issue "
	 "issues problem problems request requests email emails "
	 "protection reused resetting again anymore any all some more "
	 "available ready also both after before until since while "
	 "nicht kein keine falsch ungultig ungueltig abgelaufen "
	 "gesperrt vergessen weg verloren zu sehr immer schon wieder "
	 "richtig korrekt sicher unsicher neu alt geandert geaendert "
	 "zuruckgesetzt zurueckgesetzt bekannt unbekannt gestohlen "
	 "gehackt notwendig notig noetig erforderlich mir wie was wo "
	 "warum wann wer welches leider auch nur mehr da hier dass ob "
	 "wenn bitte zurucksetzen zuruecksetzen andern aendern "
	 "gespeichert geschutzt lang kurz stark schwach einfach gleich "
	 "anders pas non faux fausse incorrecte invalide expire "
	 "expiree bloque bloquee oublie oubliee perdu perdue refuse "
	 "refusee trop toujours encore bon bonne correcte valide ne "
	 "obligatoire ancien ancienne ou comment quoi pourquoi quand "
	 "quel quelle qui que si deja plus jamais bien toute tout meme "
	 "sur dans incorrecta incorrecto invalida invalido caducada "
	 "caducado bloqueada bloqueado olvidada olvidado perdida "
	 "perdido muy demasiado correcta correcto valida valido vieja "
	 "viejo como donde cual cuando quien segura seguro insegura "
	 "larga corta siempre nunca ya ha sido aun todavia mas misma "
	 "mismo igual"},
	{WORD_BEFORE_CODE,
	 "zip postal post sort error fault country area branch swift "
	 "bic ifsc promo promotional discount qr bar voucher product "
	 "bank routing dress source merchant category currency tax "
	 "referral reference response status dialing dialling dial "
	 "coupon gift campaign agent employee department store shop "
	 "location http return exit morse binary html python java "
	 "civil penal building fehler promotion gutschein rabatt "
	 "boarding bus travel train tram rail season ski day guest "
	 "visitor gate free monthly weekly mountain"},
	{WORD_AFTER_CODE,
	 "of postal postale banque guichet promo produit produits "
	 "erreur pays swift bic iban naf ape barras civil penal pais "
	 "sucursal producto descuento promocional error oficina fuente "
	 "vestimenta conduct base review"},
	{WORD_STRONG,
	 "verification onetime one time single access login signin sms "
	 "authentication auth authorization authorisation confirmation "
	 "activation mfa 2fa temporary confirmacion verificacion acces "
	 "acceso"},
	{WORD_SAFE,
	 "security securite seguridad safety"},
	{WORD_UNIT,
	 "euro euros eur usd gbp chf dollar dollars pound pounds cents "
	 "cent franken franc francs pesos peso percent prozent years "
	 "year days day hours hour minutes minute seconds months month "
	 "weeks week times jahre jahren tage tagen stunden minuten "
	 "wochen monate mal ans jours heures mois fois anos dias horas "
	 "minutos meses veces people points miles km kg characters "
	 "digits zeichen stellen ziffern chiffres cifras digitos"},
	{WORD_EXPIRY,
	 "exp expiry expiration expires expiring expire valid thru "
	 "until through till date month year mm yy gultig gueltig bis "
	 "ablauf ablaufdatum verfall jusqu au fin validite vence "
	 "vencimiento caducidad valida hasta fecha ends ending"},
	{WORD_DASH,
	 "dash hyphen minus strich bindestrich tiret trait guion "
	 "espacio espace space leerzeichen punkt dot point punto then "
	 "dann puis luego"},
	{WORD_MOT, "mot mots"},
	{WORD_PASSE, "passe"},
	{WORD_ONCE, "time onetime"},
	{WORD_PASS, "pass"},
	{WORD_MEMORABLE, "memorable secret"},
	{WORD_WORD, "word phrase answer name place"},
};

/* A language's digits from zero on. */
static const char *const digit_words[] = {
	"zero one two three four five six seven eight nine",
	"null eins zwei drei vier funf sechs sieben acht neun",
	"zero un deux trois quatre cinq six sept huit neuf",
	"cero uno dos tres cuatro cinco seis siete ocho nueve",
};
/* clang-format on */

/* Open addressing, linear probing; at most half full. */
#define SLOTS 2048

static struct slot {
	const char *word; /* ends at a blank or NUL */
	uint32_t flags;
	uint8_t len;
	char digit;
} slots[SLOTS];
static size_t n_slots;
static pthread_once_t slots_once = PTHREAD_ONCE_INIT;

#define HASH_START 2166136261u

/* FNV-1a: the words are ours, nobody can choose them to collide. */
static uint32_t
hash_next(uint32_t hash, char c)
{
	return (hash ^ (unsigned char)c) * 16777619u;
}

static struct slot *
find_slot(const char *word, size_t len, uint32_t hash)
{
	size_t i = (hash ^ hash >> 15) % SLOTS;

	while (slots[i].word &&
	       (slots[i].len != len || memcmp(slots[i].word, word, len) != 0))
		i = (i + 1) % SLOTS;
	return &slots[i];
}

static void
add_words(const char *words, uint32_t flags, bool are_digits)
{
	char digit = '0';

	while (*words) {
		size_t len = strcspn(words, " ");
		uint32_t hash = HASH_START;
		for (size_t i = 0; i < len; i++)
			hash = hash_next(hash, words[i]);
		struct slot *slot = find_slot(words, len, hash);
		n_slots += !slot->word;
		assert(n_slots <= SLOTS / 2);
		slot->word = words;
		slot->len = (uint8_t)len;
		slot->flags |= flags;
		if (are_digits)
			slot->digit = digit++;
		words += len;
		words += *words == ' ';
	}
}

static void
make_slots(void)
{
	for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
		add_words(groups[i].words, groups[i].flags, false);
	for (size_t i = 0; i < sizeof digit_words / sizeof *digit_words; i++)
		add_words(digit_words[i], WORD_DIGIT, true);
}

void
word_read(const char *text, size_t len, size_t i, struct word *word)
{
	char plain[WORD_PLAIN_MAX];
	size_t n = 0, last = i;
	uint32_t hash = HASH_START;

	pthread_once(&slots_once, make_slots);
	*word = (struct word){.end = i, .tail = i};
	while (i < len) {
		struct glyph glyph = glyph_read(text + i, len - i);
		if (glyph.class == GLYPH_LETTER) {
			word->tail = last;
			last = i;
			word->last[0] = word->last[1];
			word->last[1] = glyph.plain;
			if (n < sizeof plain)
				plain[n] = glyph.plain;
			n++;
			hash = hash_next(hash, glyph.plain);
			word->end = i + glyph.len;
		} else if (glyph.class != GLYPH_INVISIBLE) {
			break;
		}
		i += glyph.len;
	}
	if (n <= sizeof plain) {
		const struct slot *slot = find_slot(plain, n, hash);
		word->flags = slot->flags;
		word->digit = slot->digit;
	}
}

/* The letter of a keyword that is spelt at i, behind a blank, a dot or a dash
 * and maybe a blank behind those; its place to *i_r, 0: none stands there
 * alone.
 */
static char
next_letter(const char *text, size_t len, size_t *i_r)
{
	size_t i = *i_r;

	if (i < len && (text[i] == '.' || text[i] == '-'))
		i++;
	if (i < len && text[i] == ' ')
		i++;
	if (i == *i_r || i >= len ||
	    glyph_read(text + i, len - i).class != GLYPH_LETTER)
		return 0;
	*i_r = i + 1;
	if (i + 1 < len) {
		struct glyph next = glyph_read(text + i + 1, len - i - 1);
		if (next.class == GLYPH_LETTER || next.class == GLYPH_INVISIBLE)
			return 0;
	}
	return glyph_read(text + i, len - i).plain;
}

void
word_read_spelled(const char *text, size_t len, size_t i, struct word *word)
{
	char letters[4] = {0};
	size_t end = i + 1;

	if (word->end != end)
		return;
	letters[0] = glyph_read(text + i, len - i).plain;
	for (size_t n = 1; n < 3; n++) {
		letters[n] = next_letter(text, len, &end);
		if (!letters[n])
			return;
	}
	struct word spelled;
	word_read(letters, 3, 0, &spelled);
	if (!(spelled.flags & WORD_KEYS))
		return;
	/* The last dot of "P.I.N." ends no sentence. */
	if (text[i + 1] == '.' && end < len && text[end] == '.')
		end++;
	*word = (struct word){.flags = spelled.flags, .end = end, .tail = end};
}
