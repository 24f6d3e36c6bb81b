/* Socket addresses: their texts and classes.  An IPv4 address mapped into
 * IPv6 is treated as the IPv4 address everywhere.  Any thread. */
#ifndef NET_ADDRESS_H
#define NET_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sockaddr;

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

#endif
