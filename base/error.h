/* SPDX-License-Identifier: Apache-2.0 */
/* error.h - one error type for the whole program: a code and a caller-owned text.
 *
 * Functions that can fail return `enum err` as int (OK is 0) and fill `struct error` on failure.
 * The struct lives on the caller's stack; passing NULL means "I only want the code". */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

enum err {
    OK = 0,
    ERR_INVALID,   /* the input is wrong: syntax, range, type */
    ERR_DENIED,    /* the caller may not do this */
    ERR_NOT_FOUND, /* no such statement, backend, file */
    ERR_LIMIT,     /* a size, depth or memory limit was reached */
    ERR_BUSY,      /* no room now, later perhaps */
    ERR_TIMEOUT,   /* a deadline passed */
    ERR_CANCELLED, /* someone asked for the end */
    ERR_CORRUPT,   /* stored or received data contradicts itself */
    ERR_UPSTREAM,  /* another server failed or broke the protocol */
    ERR_INTERNAL,  /* an invariant of ours is broken */
    ERR_COUNT
};

struct error {
    enum err code;
    char text[240];
};

#define MUST_USE __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))

/* Sets code and text (cut to fit, always terminated); `e` may be NULL. Returns `code`. */
int error_set(struct error *e, enum err code, const char *fmt, ...) PRINTF_LIKE(3, 4);
#ifdef __clang_analyzer__ /* it sees one file at a time: tell it what comes back */
#define error_set(e, code, ...) ((error_set)(e, code, __VA_ARGS__), (int)(code))
#endif

/* The code's name as used in logs and metric labels: "ok", "invalid", … */
const char *error_name(enum err code);

/* Leaves the function with the error of `expr`. Only where nothing but an arena is owned. */
#define TRY(expr)                                                                                  \
    do {                                                                                           \
        int try_rc_ = (expr);                                                                      \
        if (try_rc_ != OK)                                                                         \
            return try_rc_;                                                                        \
    } while (0)

#endif
