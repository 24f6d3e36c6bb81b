/* Socket addresses.  Any thread: nothing is kept. */
#include "net/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/err.h"

/* An IP address as bytes: 4, 16, or 0 for other families. */
struct ip {
	size_t len;
	unsigned char bytes[16];
};

static const unsigned char mapped[12] = {[10] = 0xFF, [11] = 0xFF};

static void
unmap(struct ip *ip)
{
	if (ip->len != 16 || memcmp(ip->bytes, mapped, sizeof mapped) != 0)
		return;
	memmove(ip->bytes, ip->bytes + 12, 4);
	ip->len = 4;
}

static struct ip
get_ip(const struct sockaddr *address)
{
	struct ip ip = {0};

	if (address->sa_family == AF_INET) {
		const struct sockaddr_in *in = (const void *)address;
		ip.len = 4;
		memcpy(ip.bytes, &in->sin_addr, 4);
	} else if (address->sa_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const void *)address;
		ip.len = 16;
		memcpy(ip.bytes, &in6->sin6_addr, 16);
		unmap(&ip);
	}
	return ip;
}

void
address_text(const struct sockaddr *address, char out[ADDRESS_TEXT_SIZE])
{
	struct ip ip = get_ip(address);

	if (ip.len == 0)
		snprintf(out, ADDRESS_TEXT_SIZE, "unix");
	else
		inet_ntop(ip.len == 4 ? AF_INET : AF_INET6, ip.bytes, out,
			  ADDRESS_TEXT_SIZE);
}

bool
address_is_loopback(const struct sockaddr *address)
{
	static const unsigned char one[16] = {[15] = 1};
	struct ip ip = get_ip(address);

	if (ip.len == 4)
		return ip.bytes[0] == 127;
	return ip.len == 0 || memcmp(ip.bytes, one, sizeof one) == 0;
}

/* Are the first n bits the same? */
static bool
same_bits(const unsigned char *a, const unsigned char *b, int n)
{
	int whole = n / 8, rest = n % 8;
	int mask = 0xFF00 >> rest & 0xFF;

	return memcmp(a, b, (size_t)whole) == 0 &&
	       (rest == 0 || ((a[whole] ^ b[whole]) & mask) == 0);
}

struct net {
	unsigned char bytes[6];
	int bits;
};

static bool
is_in(const unsigned char *bytes, const struct net *nets, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (same_bits(bytes, nets[i].bytes, nets[i].bits))
			return true;
	}
	return false;
}

/* From the IANA's registries of special-purpose addresses. */
static const struct net private_v4[] = {
	{{0}, 8},
	{{10}, 8},
	{{100, 64}, 10},
	{{127}, 8},
	{{169, 254}, 16},
	{{172, 16}, 12},
	{{192, 0, 0}, 24},
	{{192, 0, 2}, 24},
	{{192, 88, 99}, 24},
	{{192, 168}, 16},
	{{198, 18}, 15},
	{{198, 51, 100}, 24},
	{{203, 0, 113}, 24},
	{{224}, 3 /* to the end */},
};
static const struct net public_v6 = {{0x20}, 3};
static const struct net private_v6[] = {
	{{0x20, 0x01, 0x00}, 23},	/* protocols, Teredo among them */
	{{0x20, 0x01, 0x0D, 0xB8}, 32}, /* documentation */
	{{0x3F, 0xFF}, 20},		/* documentation */
};
static const struct net six_to_four = {{0x20, 0x02}, 16};
static const unsigned char nat64[12] = {0x00, 0x64, 0xFF, 0x9B};

#define IS_IN(bytes, nets) is_in(bytes, nets, sizeof(nets) / sizeof *(nets))

bool
address_is_private(const struct sockaddr *address)
{
	struct ip ip = get_ip(address);

	if (ip.len == 4)
		return IS_IN(ip.bytes, private_v4);
	if (ip.len == 16 && memcmp(ip.bytes, nat64, sizeof nat64) == 0)
		return IS_IN(ip.bytes + 12, private_v4);
	if (ip.len == 0 || !is_in(ip.bytes, &public_v6, 1) ||
	    IS_IN(ip.bytes, private_v6))
		return true;
	return is_in(ip.bytes, &six_to_four, 1) &&
	       IS_IN(ip.bytes + 2, private_v4);
}

uint64_t
address_group(const struct sockaddr *address)
{
	struct ip ip = get_ip(address);
	/* No customer has a multicast prefix: it sets IPv4 apart. */
	uint64_t group = ip.len == 4 ? UINT64_C(0xFFFF0000) : 0;

	for (size_t i = 0; i < (ip.len == 4 ? 4 : 8); i++)
		group = group << 8 | ip.bytes[i];
	return group ? group : 1;
}

/* The len bytes of text as an address; len 0 of it: none. */
static struct ip
read_ip(const char *text, size_t len)
{
	struct ip ip = {0};
	char copy[ADDRESS_TEXT_SIZE];

	if (len >= sizeof copy)
		return ip;
	memcpy(copy, text, len);
	copy[len] = '\0';
	if (inet_pton(AF_INET, copy, ip.bytes) == 1)
		ip.len = 4;
	else if (inet_pton(AF_INET6, copy, ip.bytes) == 1)
		ip.len = 16;
	unmap(&ip);
	return ip;
}

bool
address_is_named(const struct sockaddr *address, const char *text, size_t len)
{
	struct ip ip = get_ip(address);

	if (len >= 2 && text[0] == '[' && text[len - 1] == ']') {
		text++;
		len -= 2;
	}
	struct ip named = read_ip(text, len);
	return ip.len > 0 && ip.len == named.len &&
	       memcmp(ip.bytes, named.bytes, ip.len) == 0;
}

bool
address_parse(const char *text, size_t len, struct sockaddr_storage *out)
{
	struct ip ip = read_ip(text, len);

	if (ip.len == 0)
		return false;
	*out = (struct sockaddr_storage){.ss_family = ip.len == 4 ? AF_INET
								  : AF_INET6};
	if (ip.len == 4)
		memcpy(&((struct sockaddr_in *)out)->sin_addr, ip.bytes, 4);
	else
		memcpy(&((struct sockaddr_in6 *)out)->sin6_addr, ip.bytes, 16);
	return true;
}

/* ---- Nets */

int
address_net_parse(struct address_net *net, const char *text, struct err *err)
{
	size_t len = strcspn(text, "/");
	struct ip ip = read_ip(text, len);
	char *end = NULL;

	if (strcmp(text, "unix") == 0) {
		*net = (struct address_net){.len = 0};
		return 0;
	}
	long max = (long)ip.len * 8, n = max;
	if (text[len] && text[len + 1] >= '0' && text[len + 1] <= '9')
		n = strtol(text + len + 1, &end, 10);
	if (ip.len == 0 || n > max || (text[len] && (!end || *end)))
		return err_set(
			err,
			"'%.100s' is no address, such as 192.0.2.1 or "
			"2001:db8::1, nor a net, such as 10.0.0.0/8, nor "
			"unix",
			text);
	*net = (struct address_net){.len = (unsigned char)ip.len,
				    .n_bits = (unsigned char)n};
	memcpy(net->bytes, ip.bytes, ip.len);
	return 0;
}

bool
address_is_in(const struct sockaddr *address, const struct address_net *nets,
	      size_t n)
{
	struct ip ip = get_ip(address);

	for (size_t i = 0; i < n; i++) {
		if (nets[i].len == ip.len &&
		    same_bits(nets[i].bytes, ip.bytes, nets[i].n_bits))
			return true;
	}
	return false;
}
