/* SPDX-License-Identifier: Apache-2.0 */
/* resolve.h - addresses of host names, kept fresh by a thread so that no loop waits for DNS.
 *
 * Literal addresses are known at once and for ever; names are looked up now and every
 * RESOLVE_INTERVAL_MS. A name that fails keeps its last addresses. */
#ifndef BASE_RESOLVE_H
#define BASE_RESOLVE_H

#include "base/str.h"

#include <sys/socket.h>

#define RESOLVE_INTERVAL_MS 30000

struct resolve; /* one host and port */

/* Starts to look up. Never blocks, never fails: see resolve_address(). */
struct resolve *resolve_new(struct str host, uint16_t port);
void resolve_free(struct resolve *r); /* NULL is a no-op */

/* The n-th address (IPv4 first); false beyond the last, or as long as none is known. Any thread. */
bool resolve_address(struct resolve *r, unsigned n, struct sockaddr_storage *out, socklen_t *len);

#endif
