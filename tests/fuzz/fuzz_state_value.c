/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_state_value.c - stored values as another instance or a stranger may have written them. What
 * is accepted must be encoded to the very same bytes again. */
#include "state/value.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str value = str_of((const char *)data, size);
    struct buf again = buf_make(VALUE_MAX_BYTES);
    struct state_entry e = {0};

    if (value_decode(value, &e, NULL) == OK &&
        (value_encode(&again, &e, NULL) != OK || !str_eq(buf_str(&again), value)))
        abort();
    buf_reset(&again);
    return 0;
}
