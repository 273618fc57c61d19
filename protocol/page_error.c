/* SPDX-License-Identifier: Apache-2.0 */
/* page_error.c - "error", its failureInfo, and "warnings"; see page_parts.h.
 *
 * The message stays as it is: tools parse `line 1:8: ...` out of it. Names and numbers go through
 * the table of errors.h. A failureInfo must have type, suppressed and stack for the Java clients;
 * Trino's has errorInfo, which is added at the top only, where its value is known. */
#include "protocol/page_parts.h"

#include "protocol/errors.h"

#include <limits.h>

#define GATEWAY_WARNING_CODE 0x01000000 /* the first number that is free for connectors */

int page_broken(struct error *err, const char *part, const struct jscan *s, const char *what)
{
    return error_set(err, ERR_UPSTREAM, "page: %s: %s", part,
                     s != NULL && s->error != NULL ? s->error : what);
}

void page_put_key(struct buf *out, bool *first, const char *key)
{
    if (!*first)
        buf_put_c(out, ',');
    *first = false;
    buf_put_c(out, '"');
    buf_put_str(out, str_c(key));
    buf_put_str(out, STR("\":"));
}

struct str page_text(struct str raw)
{
    return raw.n >= 2 && *raw.p == '"' ? str_of(raw.p + 1, raw.n - 2) : STR_NONE;
}

static void put_member(struct buf *out, bool *first, const char *key, struct str raw)
{
    if (raw.n == 0)
        return;
    page_put_key(out, first, key);
    buf_put_str(out, raw);
}

/* A number as int; anything that is none, or too large, gives `otherwise`. */
static int int_of(struct str raw, int otherwise)
{
    uint64_t v;

    return str_to_u64(raw, &v) && v <= INT_MAX ? (int)v : otherwise;
}

/* Texts of the table are plain; those of the page are escaped already. Neither needs escaping. */
static void put_text(struct buf *out, struct str inside)
{
    buf_put_c(out, '"');
    buf_put_str(out, inside);
    buf_put_c(out, '"');
}

/* ---- failureInfo ---- */

enum { F_TYPE, F_MESSAGE, F_CAUSE, F_SUPPRESSED, F_STACK, F_LOCATION, F_COUNT };
static const char *const failure_names[F_COUNT] = {"type",       "message", "cause",
                                                   "suppressed", "stack",   "errorLocation"};

static int put_failure(struct buf *out, struct str raw, const struct error_code *code,
                       struct error *err);

static int put_suppressed(struct buf *out, struct str raw, struct error *err)
{
    struct jscan s = jscan_of(raw);
    bool first = true;
    struct str one;

    buf_put_c(out, '[');
    for (bool more = raw.n > 0 && jscan_enter(&s, '['); more; more = jscan_more(&s, ']')) {
        if (!jscan_skip(&s, &one))
            break;
        if (!first)
            buf_put_c(out, ',');
        first = false;
        TRY(put_failure(out, one, NULL, err));
    }
    buf_put_c(out, ']');
    return s.error == NULL ? OK : page_broken(err, "failureInfo", &s, "");
}

/* `code`: written as errorInfo unless NULL. */
static int put_failure(struct buf *out, struct str raw, const struct error_code *code,
                       struct error *err)
{
    struct jscan s = jscan_of(raw);
    struct str v[F_COUNT];
    bool first = true;

    if (!jscan_pick(&s, failure_names, F_COUNT, v))
        return page_broken(err, "failureInfo", &s, "");
    buf_put_c(out, '{');
    put_member(out, &first, "type", v[F_TYPE].n > 0 ? v[F_TYPE] : STR("\"unknown\""));
    put_member(out, &first, "message", v[F_MESSAGE]);
    if (v[F_CAUSE].n > 0) {
        page_put_key(out, &first, "cause");
        TRY(put_failure(out, v[F_CAUSE], NULL, err));
    }
    page_put_key(out, &first, "suppressed");
    TRY(put_suppressed(out, v[F_SUPPRESSED], err));
    put_member(out, &first, "stack", v[F_STACK].n > 0 ? v[F_STACK] : STR("[]"));
    if (code != NULL) {
        buf_printf(out, ",\"errorInfo\":{\"code\":%d,\"name\":", code->code);
        put_text(out, code->name);
        buf_put_str(out, STR(",\"type\":"));
        put_text(out, code->type);
        buf_put_c(out, '}');
    }
    put_member(out, &first, "errorLocation", v[F_LOCATION]);
    buf_put_c(out, '}');
    return OK;
}

/* ---- error ---- */

enum { E_MESSAGE, E_STATE, E_CODE, E_NAME, E_TYPE, E_LOCATION, E_FAILURE, E_COUNT };
static const char *const error_names[E_COUNT] = {
    "message", "sqlState", "errorCode", "errorName", "errorType", "errorLocation", "failureInfo"};

static struct error_code translated(const struct str *v, enum dialect to)
{
    struct error_code code = errors_translate(
        to, (struct error_code){page_text(v[E_NAME]), page_text(v[E_TYPE]),
                                int_of(v[E_CODE], 0x10000 /* GENERIC_INTERNAL_ERROR */)});

    if (code.type.n == 0)
        code.type = STR("INTERNAL_ERROR");
    return code;
}

int page_put_error(struct buf *out, struct str raw, enum dialect to, struct page_facts *facts,
                   struct error *err)
{
    struct jscan s = jscan_of(raw);
    struct error_code code;
    struct str v[E_COUNT];
    bool first = true;

    if (!jscan_pick(&s, error_names, E_COUNT, v))
        return page_broken(err, "error", &s, "");
    code = translated(v, to);
    facts->error_name = v[E_NAME].n > 0 ? page_text(v[E_NAME]) : code.name;
    facts->error_type = v[E_TYPE].n > 0 ? page_text(v[E_TYPE]) : code.type;
    facts->error_message = page_text(v[E_MESSAGE]);
    buf_put_c(out, '{');
    put_member(out, &first, "message", v[E_MESSAGE].n > 0 ? v[E_MESSAGE] : STR("\"\""));
    put_member(out, &first, "sqlState", v[E_STATE]);
    buf_printf(out, ",\"errorCode\":%d,\"errorName\":", code.code);
    put_text(out, code.name);
    buf_put_str(out, STR(",\"errorType\":"));
    put_text(out, code.type);
    if (to == DIALECT_PRESTO)
        buf_put_str(out, STR(",\"retriable\":false"));
    put_member(out, &first, "errorLocation", v[E_LOCATION]);
    if (v[E_FAILURE].n > 0) {
        page_put_key(out, &first, "failureInfo");
        TRY(put_failure(out, v[E_FAILURE], to == DIALECT_TRINO ? &code : NULL, err));
    }
    buf_put_c(out, '}');
    return OK;
}

/* ---- warnings ---- */

static int put_warning(struct buf *out, struct str raw, enum dialect to, struct error *err)
{
    static const char *const names[] = {"warningCode", "message"};
    static const char *const code_names[] = {"code", "name"};
    struct jscan s = jscan_of(raw);
    struct str v[2], code[2] = {STR_NONE, STR_NONE};

    if (!jscan_pick(&s, names, 2, v))
        return page_broken(err, "warnings", &s, "");
    s = jscan_of(v[0]);
    if (v[0].n > 0 && !jscan_pick(&s, code_names, 2, code))
        return page_broken(err, "warnings", &s, "");
    buf_printf(out, "{\"warningCode\":{\"code\":%d,\"name\":",
               errors_warning_code(to, page_text(code[1]), int_of(code[0], 0)));
    put_text(out, page_text(code[1]));
    buf_put_str(out, STR("},\"message\":"));
    put_text(out, page_text(v[1]));
    buf_put_c(out, '}');
    return OK;
}

int page_put_warnings(struct buf *out, struct str raw, enum dialect to, struct str extra,
                      struct error *err)
{
    struct jscan s = jscan_of(raw);
    bool first = true;
    struct str one;

    buf_put_c(out, '[');
    for (bool more = raw.n > 0 && jscan_enter(&s, '['); more; more = jscan_more(&s, ']')) {
        if (!jscan_skip(&s, &one))
            break;
        if (!first)
            buf_put_c(out, ',');
        first = false;
        TRY(put_warning(out, one, to, err));
    }
    if (s.error != NULL)
        return page_broken(err, "warnings", &s, "");
    if (extra.n > 0) {
        buf_printf(out,
                   "%s{\"warningCode\":{\"code\":%d,\"name\":\"GATEWAY_WARNING\"},\"message\":",
                   first ? "" : ",", GATEWAY_WARNING_CODE);
        buf_put_json(out, extra);
        buf_put_c(out, '}');
    }
    buf_put_c(out, ']');
    return OK;
}
