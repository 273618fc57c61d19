/* SPDX-License-Identifier: Apache-2.0 */
/* resolve.h - host names to addresses without ever blocking a loop. */
#ifndef STATE_RESOLVE_H
#define STATE_RESOLVE_H

#include "base/loop.h"
#include "base/str.h"

#include <sys/socket.h>

enum { RESOLVE_MAX = 8 };

struct resolved {
    unsigned count;
    struct resolved_address {
        struct sockaddr_storage addr;
        socklen_t len;
    } list[RESOLVE_MAX];
};

/* An IPv4 or IPv6 address in figures; false when `host` is a name. Never blocks. */
bool resolve_numeric(const char *host, uint16_t port, struct resolved *out);

/* Looks `host` up on a thread of its own. `done` is called once on the loop's thread, never before
 * this returned; r == NULL means failure and `reason` says why. ERR_BUSY when too many look-ups
 * hang.
 */
struct resolve;
MUST_USE int resolve_start(struct resolve **out, struct loop *l, const char *host, uint16_t port,
                           void (*done)(void *arg, const struct resolved *r, const char *reason),
                           void *arg, struct error *err);

/* `done` is not called any more, and the loop may be freed at once. Only before `done` was called.
 * NULL is a no-op. */
void resolve_cancel(struct resolve *r);

#endif
