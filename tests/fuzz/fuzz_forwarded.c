/* What proxies say of clients, in both forms: the first byte says which, and
 * whom we take for a proxy. */
#include "fuzz.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "net/address.h"
#include "net/forwarded.h"

/* Whatever the client wrote, what the proxy put behind it is understood. */
static void
check_last_word(enum forwarded_field field, const char *value, size_t len)
{
	const char *last =
		field == FORWARDED_X_FOR ? ", 192.0.2.7" : ", for=192.0.2.7";
	struct sockaddr_storage client;
	char text[ADDRESS_TEXT_SIZE];
	char *whole = malloc(len + strlen(last) + 1);

	if (!whole)
		return;
	stpcpy(stpcpy(whole, value), last);
	assert(forwarded_client(field, whole, NULL, 0, &client));
	address_text((struct sockaddr *)&client, text);
	assert(strcmp(text, "192.0.2.7") == 0);
	free(whole);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const nets[] = {"10.0.0.0/8", "::/0", "0.0.0.0/0"};
	struct sockaddr_storage client;
	struct address_net net;
	char text[ADDRESS_TEXT_SIZE];

	if (size == 0)
		return 0;
	assert(address_net_parse(&net, nets[data[0] / 2 % 3], NULL) == 0);
	char *value = malloc(size);
	if (!value)
		return 0;
	memcpy(value, data + 1, size - 1);
	value[size - 1] = '\0';
	if (forwarded_client(data[0] % 2, value, &net, 1, &client)) {
		address_text((struct sockaddr *)&client, text);
		assert(strcmp(text, "unix") != 0);
	}
	check_last_word(data[0] % 2, value, size);
	free(value);
	return 0;
}
