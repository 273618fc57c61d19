/* SPDX-License-Identifier: Apache-2.0 */
/* network.h - ranges of addresses in CIDR notation. Pure. */
#ifndef GATEWAY_NETWORK_H
#define GATEWAY_NETWORK_H

#include "base/str.h"

#include <netinet/in.h>

struct network {
    struct in6_addr address; /* IPv4 mapped */
    unsigned bits;           /* of 128 */
};

/* Reads "192.0.2.0/24", "2001:db8::/32". Bits behind the prefix do not count. */
MUST_USE int network_parse(struct network *out, struct str text, struct error *err);

/* `a` is IPv6 or IPv4 mapped. */
bool network_has(const struct network *n, const struct in6_addr *a);

#endif
