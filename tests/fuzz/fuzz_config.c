/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_config.c - any bytes as a configuration: taken or refused with a place, never worse. */
#include "gateway/config.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_taken(const struct config *c)
{
    struct buf changed = buf_make(4096);

    if (c->backend_count == 0 || c->group_count == 0 || c->default_group == NULL)
        abort();
    for (size_t i = 0; i < c->backend_count; i++)
        if (c->backends[i].url == NULL || c->backends[i].health.user == NULL)
            abort();
    for (size_t i = 0; i < c->group_count; i++)
        for (size_t j = 0; j < c->groups[i].member_count; j++)
            if (c->groups[i].members[j].weight == 0)
                abort();
    config_restart_needed(c, c, &changed);
    if (changed.n > 0)
        abort();
    buf_reset(&changed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf more = buf_make(1 << 16);
    struct error err = {0};
    struct config *c = NULL;

    if (config_parse(&c, "fuzz", str_of((const char *)data, size), &more, &err) == OK)
        check_taken(c);
    else if (c != NULL || strncmp(err.text, "fuzz:", 5) != 0)
        abort();
    config_free(c);
    buf_reset(&more);
    return 0;
}
