/* SPDX-License-Identifier: Apache-2.0 */
/* http_box.h - one loop and raw sockets on its own thread, for the tests of HTTP and TLS. */
#ifndef TESTS_UNIT_HTTP_BOX_H
#define TESTS_UNIT_HTTP_BOX_H

#include "base/clock.h"
#include "base/http_client.h"
#include "base/http_server.h"
#include "base/mem.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static struct loop *the_loop;

#define PATIENCE_MS 30000 /* the machine may be busy */

/* Turns the loop until `condition` holds; fails the test when it does not in time. */
#define SPIN(condition)                                                                            \
    do {                                                                                           \
        uint64_t until_ = loop_now_ms(the_loop) + PATIENCE_MS;                                     \
        while (!(condition)) {                                                                     \
            loop_turn(the_loop, 5);                                                                \
            if (loop_now_ms(the_loop) > until_)                                                    \
                fail_msg("never came true: %s", #condition);                                       \
        }                                                                                          \
    } while (0)

static inline void turns(unsigned n)
{
    while (n-- > 0)
        loop_turn(the_loop, 0);
}

static inline void turn_for(uint64_t ms)
{
    uint64_t until = loop_now_ms(the_loop) + ms;

    while (loop_now_ms(the_loop) < until)
        loop_turn(the_loop, 5);
}

static inline int open_loop(void **state)
{
    struct error err;

    (void)state;
    return loop_new(&the_loop, &err);
}

static inline int close_loop(void **state)
{
    (void)state;
    loop_free(the_loop);
    return 0;
}

static inline struct sockaddr_in loopback(uint16_t port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

/* A listening, non-blocking socket; its port goes to `*port`. */
static inline int raw_listen(uint16_t *port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct sockaddr_in a = loopback(0);
    socklen_t n = sizeof(a);

    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&a, n), 0);
    assert_int_equal(listen(fd, 64), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &n), 0);
    *port = ntohs(a.sin_port);
    return fd;
}

static inline int raw_socket(void)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    return fd;
}

static inline void raw_connect_fd(int fd, uint16_t port)
{
    struct sockaddr_in a = loopback(port);

    assert_true(connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0 || errno == EINPROGRESS);
}

static inline int raw_connect(uint16_t port)
{
    int fd = raw_socket();

    raw_connect_fd(fd, port);
    return fd;
}

/* Sends all of `s`, turning the loop while the socket is full. False when the peer is gone. */
static inline bool raw_send(int fd, struct str s)
{
    uint64_t until = loop_now_ms(the_loop) + PATIENCE_MS;

    while (s.n > 0) {
        ssize_t n = send(fd, s.p, s.n, MSG_NOSIGNAL);

        if (n < 0 && errno != EAGAIN)
            return false;
        if (n < 0)
            loop_turn(the_loop, 5);
        else
            s = str_skip(s, (size_t)n);
        assert_true(loop_now_ms(the_loop) <= until);
    }
    return true;
}

enum { RAW_OPEN, RAW_EOF, RAW_RESET };

/* Appends what is there. */
static inline int raw_read(int fd, struct buf *in)
{
    char bytes[65536];

    for (;;) {
        ssize_t n = recv(fd, bytes, sizeof(bytes), 0);

        if (n < 0)
            return errno == EAGAIN ? RAW_OPEN : RAW_RESET;
        if (n == 0)
            return RAW_EOF;
        buf_put(in, bytes, (size_t)n);
    }
}

static inline bool buf_has(const struct buf *b, const char *text)
{
    return str_search(buf_str(b), str_c(text)) < b->n;
}

/* How many times `text` stands in `b`. */
static inline unsigned buf_count(const struct buf *b, const char *text)
{
    struct str rest = buf_str(b);
    unsigned count = 0;

    for (;;) {
        size_t at = str_search(rest, str_c(text));

        if (at >= rest.n)
            return count;
        count++;
        rest = str_skip(rest, at + 1);
    }
}

#endif
