/* Socket addresses: their texts and classes.  An IPv4 address mapped into
 * IPv6 is treated as the IPv4 address everywhere.  Any thread. */
#ifndef NET_ADDRESS_H
#define NET_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct sockaddr;
struct sockaddr_storage;

#define ADDRESS_TEXT_SIZE 46

/* "127.0.0.1", "2001:db8::1", "unix"; without the port. */
void address_text(const struct sockaddr *, char out[ADDRESS_TEXT_SIZE]);
/* 127.0.0.0/8, ::1, and any unix socket. */
bool address_is_loopback(const struct sockaddr *);
/* Is it anything but a public unicast address: loopback, private, link-local
 * (a cloud's metadata service among them), unspecified, multicast, reserved,
 * or one that leads to such an IPv4 address (6to4, NAT64)? */
bool address_is_private(const struct sockaddr *);
/* A number for whoever is at the address: of IPv6 only the first 64 bits
 * count, as one customer has them all.  Never 0. */
uint64_t address_group(const struct sockaddr *);
/* Do the len bytes of text ("127.0.0.1", "::1" or "[::1]") name it? */
bool address_is_named(const struct sockaddr *, const char *text, size_t len);

/* The address that the len bytes of text are: "192.0.2.1", "2001:db8::1".
 * false: none. */
bool address_parse(const char *text, size_t len, struct sockaddr_storage *);

/* Addresses that have their first bits in common; len 0: unix sockets. */
struct address_net {
	unsigned char bytes[16];
	unsigned char len, n_bits;
};
/* "192.0.2.1", "10.0.0.0/8", "2001:db8::/32", "unix".  0, or -1 and *err. */
int address_net_parse(struct address_net *, const char *text, struct err *);
bool address_is_in(const struct sockaddr *, const struct address_net *,
		   size_t n);

#endif
