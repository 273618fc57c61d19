/* SPDX-License-Identifier: Apache-2.0 */
/* error.c - see error.h. */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>

#undef error_set /* the analyzer's, see error.h */
int error_set(struct error *e, enum err code, const char *fmt, ...)
{
    if (e != NULL) {
        va_list args;

        e->code = code;
        va_start(args, fmt);
        vsnprintf(e->text, sizeof(e->text), fmt, args);
        va_end(args);
    }
    return (int)code;
}

const char *error_name(enum err code)
{
    static const char *const names[ERR_COUNT] = {
        [OK] = "ok",
        [ERR_INVALID] = "invalid",
        [ERR_DENIED] = "denied",
        [ERR_NOT_FOUND] = "not_found",
        [ERR_LIMIT] = "limit",
        [ERR_BUSY] = "busy",
        [ERR_TIMEOUT] = "timeout",
        [ERR_CANCELLED] = "cancelled",
        [ERR_CORRUPT] = "corrupt",
        [ERR_UPSTREAM] = "upstream",
        [ERR_INTERNAL] = "internal",
    };

    return (unsigned)code < ERR_COUNT ? names[code] : "unknown";
}
