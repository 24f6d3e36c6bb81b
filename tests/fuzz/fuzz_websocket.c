/* Any bytes as what a WebSocket server sends: its answer to the handshake, and
 * its frames, which mean the same in whatever pieces they come.  The first byte
 * says how long the pieces are. */
#include "fuzz.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "websocket.h"

#define MESSAGE_MAX 4096
#define KEY "dGhlIHNhbXBsZSBub25jZQ=="

/* How many messages there were, and a sum of all that they say. */
struct told {
	size_t n;
	uint64_t sum;
};

static bool
tell(void *arg, enum websocket_kind kind, const char *data, size_t len,
     int code)
{
	struct told *told = arg;
	assert(len <= MESSAGE_MAX && !data[len]);
	if (kind == WEBSOCKET_TEXT || kind == WEBSOCKET_CLOSE)
		assert(utf8_is_valid(data, len));
	told->n++;
	told->sum = told->sum * 31 + (uint64_t)kind + (uint64_t)code;
	for (size_t i = 0; i < len; i++)
		told->sum = told->sum * 31 + (unsigned char)data[i];
	return true;
}

static int
take(struct told *told, const uint8_t *data, size_t size, size_t piece)
{
	struct websocket_reader reader;
	int code = 0;
	*told = (struct told){0, 0};
	websocket_reader_init(&reader, MESSAGE_MAX);
	for (size_t i = 0; i < size && !code; i += piece)
		code = websocket_read(&reader, data + i,
				      size - i < piece ? size - i : piece, tell,
				      told);
	websocket_reader_release(&reader);
	return code;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct told whole, pieces;
	if (size < 2)
		return 0;
	long n = websocket_answer((const char *)data + 1, size - 1, KEY);
	assert(n >= -1 && n < (long)size);
	int code = take(&whole, data + 1, size - 1, size);
	assert(code == take(&pieces, data + 1, size - 1, data[0] % 16 + 1));
	assert(whole.n == pieces.n && whole.sum == pieces.sum);
	return 0;
}
