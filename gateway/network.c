/* SPDX-License-Identifier: Apache-2.0 */
/* network.c - see network.h. */
#include "gateway/network.h"

#include <arpa/inet.h>
#include <stdio.h>

int network_parse(struct network *out, struct str text, struct error *err)
{
    char address[INET6_ADDRSTRLEN];
    size_t slash = str_find(text, '/');
    struct network n = {0};
    uint64_t bits = 0;
    bool v4;

    if (slash < sizeof(address))
        snprintf(address, sizeof(address), "%.*s", (int)slash, text.p);
    else
        address[0] = '\0';
    v4 = strchr(address, ':') == NULL;
    if (v4)
        n.address.s6_addr[10] = n.address.s6_addr[11] = 0xff;
    if (inet_pton(v4 ? AF_INET : AF_INET6, address, n.address.s6_addr + (v4 ? 12 : 0)) != 1 ||
        !str_to_u64(str_skip(text, slash + 1), &bits) || bits > (v4 ? 32 : 128))
        return error_set(err, ERR_INVALID, "'%.*s' is no network", STR_ARG(text));
    n.bits = (unsigned)bits + (v4 ? 96 : 0);
    *out = n;
    return OK;
}

bool network_has(const struct network *n, const struct in6_addr *a)
{
    unsigned bytes = n->bits / 8, rest = n->bits % 8;

    if (memcmp(&n->address, a, bytes) != 0)
        return false;
    return rest == 0 ||
           ((n->address.s6_addr[bytes] ^ a->s6_addr[bytes]) & (0xff00 >> rest) & 0xff) == 0;
}
