/* SPDX-License-Identifier: Apache-2.0 */
/* redis_server.h - real Redis servers as children of a test; they die with it. */
#ifndef TESTS_UNIT_REDIS_SERVER_H
#define TESTS_UNIT_REDIS_SERVER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static char work_dir[] = "/tmp/sleipnir-state-XXXXXX";

struct server {
    pid_t pid;
    unsigned port;
};

static inline unsigned free_port(void)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof(a);

    assert_int_equal(bind(fd, (struct sockaddr *)&a, n), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &n), 0);
    close(fd);
    return ntohs(a.sin_port);
}

static inline int connect_to(unsigned port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_port = htons((uint16_t)port),
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct timeval limit = {.tv_sec = 3};

    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    if (connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0)
        return fd;
    close(fd);
    return -1;
}

static inline bool wait_for_port(unsigned port, unsigned ms)
{
    for (unsigned waited = 0; waited < ms; waited += 10) {
        int fd = connect_to(port);

        if (fd >= 0) {
            close(fd);
            return true;
        }
        usleep(10000);
    }
    return false;
}

static inline void run_program(const char *const *argv)
{
    int quiet = open("/dev/null", O_RDWR | O_CLOEXEC);

    prctl(PR_SET_PDEATHSIG, SIGKILL); /* nothing is left behind */
    dup2(quiet, 0);
    dup2(quiet, 1);
    dup2(quiet, 2);
    execvp(argv[0], (char *const *)(uintptr_t)argv);
    _exit(127);
}

static inline pid_t spawn(const char *const *argv)
{
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0)
        run_program(argv);
    return pid;
}

/* `extra`: more arguments, ends with NULL. */
static inline struct server start_redis_on(unsigned port, const char *const *extra)
{
    char text[16];
    const char *argv[40] = {"redis-server", "--port", text,    "--bind", "127.0.0.1", "--save", "",
                            "--appendonly", "no",     "--dir", work_dir};
    size_t n = 11;
    struct server s = {.port = port};

    snprintf(text, sizeof(text), "%u", port);
    for (; extra != NULL && *extra != NULL; extra++)
        argv[n++] = *extra;
    s.pid = spawn(argv);
    if (!wait_for_port(port, 5000))
        fail_msg("redis-server does not listen on port %u", port);
    return s;
}

static inline struct server start_redis(void)
{
    return start_redis_on(free_port(), NULL);
}

static inline void stop(struct server *s)
{
    if (s->pid > 0) {
        kill(s->pid, SIGKILL);
        waitpid(s->pid, NULL, 0);
    }
    s->pid = 0;
}

/* One inline command on a connection of its own; the first line of the reply. */
static inline const char *tell(const struct server *s, const char *fmt, ...)
{
    static char reply[512];
    char command[512];
    int fd = connect_to(s->port), n;
    ssize_t got;
    va_list args;

    assert_true(fd >= 0);
    va_start(args, fmt);
    n = vsnprintf(command, sizeof(command) - 2, fmt, args);
    va_end(args);
    memcpy(command + n, "\r\n", 2);
    assert_int_equal(write(fd, command, (size_t)n + 2), n + 2);
    got = read(fd, reply, sizeof(reply) - 1);
    close(fd);
    assert_true(got > 0);
    reply[got] = '\0';
    return reply;
}

static inline const char *url_of(const struct server *s)
{
    static char urls[4][64];
    static unsigned next;
    char *url = urls[next++ % 4];

    snprintf(url, sizeof(urls[0]), "redis://127.0.0.1:%u", s->port);
    return url;
}

#endif
