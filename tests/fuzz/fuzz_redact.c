/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_redact.c - redaction never makes a text longer, and what it leaves has nothing to redact. */
#include "history/redact.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf once = buf_make(size), twice = buf_make(size);

    redact_sql(&once, str_of((const char *)data, size));
    redact_sql(&twice, buf_str(&once));
    if (once.overflow || twice.overflow || !str_eq(buf_str(&once), buf_str(&twice)))
        abort();
    buf_reset(&once);
    buf_reset(&twice);
    return 0;
}
