/* SPDX-License-Identifier: Apache-2.0 */
/* log.c - lines are built on the caller's stack and written whole; there is no lock and no buffer.
 */
#include "base/log.h"

#include "base/clock.h"
#include "base/utf8.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#define MESSAGE_BYTES 2048
#define ESCAPE_BYTES 6                        /* \u001f, the longest form of a character */
#define TAIL_BYTES sizeof(",\"cut\":true}\n") /* kept free for the end of the line */
#define ROOM (LOG_LINE_BYTES - TAIL_BYTES)

static _Atomic int log_fd = STDERR_FILENO;
static _Atomic int log_min = LOG_LEVEL_INFO;
static _Atomic int log_form = LOG_LOGFMT;
static _Atomic uint64_t lost;

static const struct str level_names[] = {
    [LOG_LEVEL_DEBUG] = {"debug", 5}, [LOG_LEVEL_INFO] = {"info", 4},
    [LOG_LEVEL_WARN] = {"warn", 4},   [LOG_LEVEL_ERROR] = {"error", 5},
    [LOG_LEVEL_OFF] = {"off", 3},
};

void log_set(enum log_format format, enum log_level level, int fd)
{
    atomic_store(&log_form, (int)format);
    atomic_store(&log_min, (int)level);
    atomic_store(&log_fd, fd);
}

bool log_enabled(enum log_level level)
{
    return (int)level >= atomic_load_explicit(&log_min, memory_order_relaxed);
}

bool log_level_of(struct str name, enum log_level *out)
{
    for (unsigned i = 0; i < ARRAY_LEN(level_names); i++) {
        if (!str_eq(name, level_names[i]))
            continue;
        *out = (enum log_level)i;
        return true;
    }
    return false;
}

uint64_t log_lost(void)
{
    return atomic_load(&lost);
}

static void put(struct log_line *l, const char *p, size_t n)
{
    memcpy(l->text + l->n, p, n);
    l->n += n;
}

/* The name, unless there is no room for it and `value_n` bytes. */
static bool put_name(struct log_line *l, const char *name, size_t value_n)
{
    size_t n = strlen(name);

    if (!l->on)
        return false;
    if (l->n + n + value_n + 4 > ROOM) {
        l->cut = true;
        return false;
    }
    if (l->json) {
        put(l, l->n == 0 ? "{\"" : ",\"", 2);
        put(l, name, n);
        put(l, "\":", 2);
    } else {
        put(l, " ", l->n == 0 ? 0 : 1);
        put(l, name, n);
        put(l, "=", 1);
    }
    return true;
}

/* Control characters of Unicode too (U+0080..U+009F): terminals obey them. */
static bool is_control(struct str c)
{
    unsigned char first = (unsigned char)c.p[0];

    return first < 0x20 || first == 0x7f || (first == 0xc2 && (unsigned char)c.p[1] < 0xa0);
}

/* One character, `c.n` bytes, escaped as JSON does. */
static void put_char(struct log_line *l, struct str c)
{
    char escape[ESCAPE_BYTES + 1];

    if (c.p[0] == '"' || c.p[0] == '\\') {
        put(l, (const char[]){'\\', c.p[0]}, 2);
    } else if (is_control(c)) {
        snprintf(escape, sizeof(escape), "\\u%04x", (unsigned char)c.p[c.n - 1]);
        put(l, escape, ESCAPE_BYTES);
    } else {
        put(l, c.p, c.n);
    }
}

static void put_quoted(struct log_line *l, struct str value)
{
    put(l, "\"", 1);
    while (value.n > 0) {
        size_t n = utf8_char(value);

        if (l->n + ESCAPE_BYTES + 1 > ROOM) {
            l->cut = true;
            break;
        }
        if (n > 0)
            put_char(l, str_of(value.p, n));
        else
            put(l, UTF8_REPLACEMENT, 3);
        value = str_skip(value, n > 0 ? n : 1);
    }
    put(l, "\"", 1);
}

/* A logfmt value that needs no quotes. */
static bool is_plain(struct str value)
{
    for (size_t i = 0; i < value.n; i++) {
        char c = value.p[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              (c != '\0' && strchr("._:/@+-", c) != NULL)))
            return false;
    }
    return value.n < 256; /* so that put_name() may have made room for it */
}

void log_field_str(struct log_line *l, const char *name, struct str value)
{
    bool plain = !l->json && is_plain(value);

    if (value.n == 0 || !put_name(l, name, plain ? value.n : 2 * ESCAPE_BYTES))
        return;
    if (plain)
        put(l, value.p, value.n);
    else
        put_quoted(l, value);
}

void log_field_u64(struct log_line *l, const char *name, uint64_t value)
{
    char text[21];
    int n = snprintf(text, sizeof(text), "%llu", (unsigned long long)value);

    if (put_name(l, name, (size_t)n))
        put(l, text, (size_t)n);
}

void log_field_bool(struct log_line *l, const char *name, bool value)
{
    if (put_name(l, name, 5))
        put(l, value ? "true" : "false", value ? 4 : 5);
}

static void begin(struct log_line *l, enum log_level level, const char *module)
{
    char time[CLOCK_RFC3339_BYTES];

    l->on = log_enabled(level) && level < LOG_LEVEL_OFF;
    l->json = atomic_load_explicit(&log_form, memory_order_relaxed) == LOG_JSON;
    l->cut = false;
    l->n = 0;
    if (!l->on)
        return;
    clock_rfc3339(time, sizeof(time), clock_wall_ms());
    log_field_str(l, "time", str_c(time));
    log_field_str(l, "level", level_names[level]);
    log_field_str(l, "module", str_c(module));
}

void log_line_begin(struct log_line *l, enum log_level level, const char *module, const char *event)
{
    begin(l, level, module);
    log_field_str(l, "event", str_c(event));
}

void log_line_end(struct log_line *l)
{
    ssize_t n;

    if (!l->on)
        return;
    if (l->cut)
        put(l, l->json ? ",\"cut\":true" : " cut=true", l->json ? 11 : 9);
    if (l->json)
        put(l, "}", 1);
    put(l, "\n", 1);
    do
        n = write(atomic_load_explicit(&log_fd, memory_order_relaxed), l->text, l->n);
    while (n < 0 && errno == EINTR);
    if (n != (ssize_t)l->n) /* nowhere to complain */
        atomic_fetch_add(&lost, 1);
    l->on = false;
}

void log_write(enum log_level level, const char *module, struct str statement, const char *fmt, ...)
{
    char message[MESSAGE_BYTES];
    struct log_line l;
    va_list args;
    int n;

    begin(&l, level, module);
    if (!l.on)
        return;
    va_start(args, fmt);
    n = vsnprintf(message, sizeof(message), fmt, args);
    va_end(args);
    log_field_str(&l, "statement", statement);
    log_field_str(&l, "message", str_c(n < 0 ? fmt : message));
    l.cut |= n >= MESSAGE_BYTES;
    log_line_end(&l);
}
