/* SPDX-License-Identifier: Apache-2.0 */
/* keys.h - the keys that seal tickets: of the configuration, or one of our own in data_dir. */
#ifndef GATEWAY_KEYS_H
#define GATEWAY_KEYS_H

#include "gateway/config.h"
#include "protocol/ticket.h"

struct keys {
    unsigned char key[TICKET_KEYS_MAX][TICKET_KEY_BYTES]; /* the first seals, all open */
    size_t count;
};

/* The configured keys; without any, the one in `data_dir`/ticket.key, which is made (mode 0600)
 * when there is none. Blocks (disk). */
MUST_USE int keys_load(struct keys *out, const struct config_strings *configured,
                       const char *data_dir, struct error *err);

#endif
