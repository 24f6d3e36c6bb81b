#include "emoji.h"

#include <stdlib.h>
#include <string.h>

#define EMOJI_NAME_MAX 40

/* Those that people write to a desk; in order of the bytes of their names, and
 * none is longer than its name with the two colons. */
static const struct emoji {
	const char *name, *text;
} emojis[] = {
	{"+1", "👍"},
	{"-1", "👎"},
	{"airplane", "✈"},
	{"alarm_clock", "⏰"},
	{"ambulance", "🚑"},
	{"angry", "😠"},
	{"arrow_down", "⬇"},
	{"arrow_left", "⬅"},
	{"arrow_right", "➡"},
	{"arrow_up", "⬆"},
	{"baby", "👶"},
	{"bangbang", "‼"},
	{"bank", "🏦"},
	{"birthday", "🎂"},
	{"blue_heart", "💙"},
	{"blush", "😊"},
	{"broken_heart", "💔"},
	{"bulb", "💡"},
	{"calendar", "📆"},
	{"car", "🚗"},
	{"chart_with_downwards_trend", "📉"},
	{"chart_with_upwards_trend", "📈"},
	{"clap", "👏"},
	{"clock1", "🕐"},
	{"coffee", "☕"},
	{"computer", "💻"},
	{"confused", "😕"},
	{"credit_card", "💳"},
	{"cry", "😢"},
	{"date", "📅"},
	{"disappointed", "😞"},
	{"dollar", "💵"},
	{"email", "✉"},
	{"envelope", "✉"},
	{"euro", "💶"},
	{"exclamation", "❗"},
	{"expressionless", "😑"},
	{"eyes", "👀"},
	{"face_palm", "🤦"},
	{"face_with_rolling_eyes", "🙄"},
	{"facepalm", "🤦"},
	{"fearful", "😨"},
	{"fire", "🔥"},
	{"gift", "🎁"},
	{"green_heart", "💚"},
	{"grey_question", "❔"},
	{"grin", "😁"},
	{"grinning", "😀"},
	{"handshake", "🤝"},
	{"heart", "❤"},
	{"heart_eyes", "😍"},
	{"heavy_check_mark", "✔"},
	{"hospital", "🏥"},
	{"hourglass", "⌛"},
	{"hourglass_flowing_sand", "⏳"},
	{"house", "🏠"},
	{"information_source", "ℹ"},
	{"interrobang", "⁉"},
	{"iphone", "📱"},
	{"joy", "😂"},
	{"key", "🔑"},
	{"laughing", "😆"},
	{"lock", "🔒"},
	{"mag", "🔍"},
	{"mask", "😷"},
	{"memo", "📝"},
	{"money_with_wings", "💸"},
	{"moneybag", "💰"},
	{"muscle", "💪"},
	{"neutral_face", "😐"},
	{"no_entry", "⛔"},
	{"no_entry_sign", "🚫"},
	{"ok_hand", "👌"},
	{"page_facing_up", "📄"},
	{"paperclip", "📎"},
	{"phone", "☎"},
	{"point_down", "👇"},
	{"point_left", "👈"},
	{"point_right", "👉"},
	{"point_up", "☝"},
	{"pound", "💷"},
	{"pray", "🙏"},
	{"question", "❓"},
	{"rage", "😡"},
	{"raised_hands", "🙌"},
	{"receipt", "🧾"},
	{"rocket", "🚀"},
	{"rolling_on_the_floor_laughing", "🤣"},
	{"rotating_light", "🚨"},
	{"scream", "😱"},
	{"shrug", "🤷"},
	{"sleeping", "😴"},
	{"slightly_frowning_face", "🙁"},
	{"slightly_smiling_face", "🙂"},
	{"smile", "😄"},
	{"smiley", "😃"},
	{"sob", "😭"},
	{"sos", "🆘"},
	{"sparkles", "✨"},
	{"star", "⭐"},
	{"sunglasses", "😎"},
	{"sweat_smile", "😅"},
	{"tada", "🎉"},
	{"telephone_receiver", "📞"},
	{"thinking_face", "🤔"},
	{"thumbsdown", "👎"},
	{"thumbsup", "👍"},
	{"tired_face", "😫"},
	{"umbrella", "☔"},
	{"unamused", "😒"},
	{"unlock", "🔓"},
	{"v", "✌"},
	{"warning", "⚠"},
	{"wave", "👋"},
	{"weary", "😩"},
	{"wheelchair", "♿"},
	{"white_check_mark", "✅"},
	{"white_frowning_face", "☹"},
	{"wink", "😉"},
	{"worried", "😟"},
	{"x", "❌"},
	{"yen", "💴"},
};

static int
compare(const void *name, const void *emoji)
{
	return strcmp(name, ((const struct emoji *)emoji)->name);
}

/* The one whose name stands between this colon and the next; *len_r bytes are
 * its name with both.  NULL: there is none. */
static const char *
find(const char *colon, size_t *len_r)
{
	char name[EMOJI_NAME_MAX + 1];
	size_t n = strcspn(colon + 1, ": \t\r\n");
	if (n == 0 || n > EMOJI_NAME_MAX || colon[1 + n] != ':')
		return NULL;
	memcpy(name, colon + 1, n);
	name[n] = '\0';
	const struct emoji *found =
		bsearch(name, emojis, sizeof(emojis) / sizeof(*emojis),
			sizeof(*emojis), compare);
	*len_r = n + 2;
	return found ? found->text : NULL;
}

/* "::skin-tone-3:" behind a name is left out. */
static size_t
skin_tone(const char *text)
{
	static const char tone[] = ":skin-tone-";
	size_t n = sizeof(tone) - 1;
	if (strncmp(text, tone, n) != 0 || text[n] < '2' || text[n] > '6' ||
	    text[n + 1] != ':')
		return 0;
	return n + 2;
}

void
emoji_decode(char *text)
{
	char *out = text;
	while (*text) {
		size_t len;
		const char *emoji = *text == ':' ? find(text, &len) : NULL;
		if (!emoji) {
			*out++ = *text++;
			continue;
		}
		text += len;
		text += skin_tone(text);
		len = strlen(emoji);
		memcpy(out, emoji, len);
		out += len;
	}
	*out = '\0';
}
