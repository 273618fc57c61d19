/* SPDX-License-Identifier: Apache-2.0 */
/* log.h - leveled log lines, JSON or logfmt, one write(2) a line. Any thread.
 *
 * A line is a record: time, level, module, statement (when there is one), then a message or fields.
 * Values may be hostile: control characters are escaped and bytes that are no UTF-8 become U+FFFD.
 * A line never exceeds LOG_LINE_BYTES (so a pipe takes it whole); what does not fit is cut, and the
 * line says so with `cut`. Module names and field names are literals of ours and are not escaped.
 * Never log secrets, nor SQL literals above debug. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/str.h"

#define LOG_LINE_BYTES 4096

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_LEVEL_ERROR, LOG_LEVEL_OFF };
enum log_format { LOG_LOGFMT, LOG_JSON };

/* At the start: logfmt, info, standard error. `fd` stays the caller's. */
void log_set(enum log_format format, enum log_level level, int fd);
bool log_enabled(enum log_level level);

/* "debug", "info", "warn", "error", "off"; false on anything else. */
bool log_level_of(struct str name, enum log_level *out);

/* Lines that write(2) did not take. */
uint64_t log_lost(void);

void log_write(enum log_level level, const char *module, struct str statement, const char *fmt, ...)
    PRINTF_LIKE(4, 5);

/* log_info("history", id, "rows: %u", n); the arguments are evaluated only when the level is on. */
#define log_at_(level, ...) (log_enabled(level) ? log_write(level, __VA_ARGS__) : (void)0)
#define log_debug(...) log_at_(LOG_LEVEL_DEBUG, __VA_ARGS__)
#define log_info(...) log_at_(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_warn(...) log_at_(LOG_LEVEL_WARN, __VA_ARGS__)
#define log_error(...) log_at_(LOG_LEVEL_ERROR, __VA_ARGS__)

/* A record of fields: begin, fields, end. When the level is off all of them do nothing. */
struct log_line {
    bool on, json, cut;
    size_t n;
    char text[LOG_LINE_BYTES];
};

void log_line_begin(struct log_line *l, enum log_level level, const char *module,
                    const char *event);
void log_field_str(struct log_line *l, const char *name, struct str value); /* "" is left out */
void log_field_u64(struct log_line *l, const char *name, uint64_t value);
void log_field_bool(struct log_line *l, const char *name, bool value);
void log_line_end(struct log_line *l);

#endif
