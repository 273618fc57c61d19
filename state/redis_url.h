/* SPDX-License-Identifier: Apache-2.0 */
/* redis_url.h - Redis URLs as a list of places to try. */
#ifndef STATE_REDIS_URL_H
#define STATE_REDIS_URL_H

#include "base/mem.h"

/* One address; a Sentinel URL gives one for each of its hosts. */
struct redis_target {
    const char *host;
    uint16_t port;
    bool tls;
    const char *user, *password; /* NULL = none */
    const char *master; /* not NULL = the address is a Sentinel's, which knows the master */
    unsigned db;
    struct redis_target *next;
};

/* Appends the targets of `url` to the list that ends at `*tail`. Never quotes the URL in an error:
 * it may hold a password. */
MUST_USE int redis_url_parse(struct arena *a, const char *url, struct redis_target ***tail,
                             struct error *err);

#endif
