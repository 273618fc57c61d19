/* SPDX-License-Identifier: Apache-2.0 */
/* conn.c - see conn.h. States: CONNECTING (TCP) -> SHAKING (TLS) -> OPEN; BROKEN ends all of them.
 */
#include "base/conn.h"

#include "base/mem.h"
#include "base/tls_internal.h"

#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CLOSED, CONNECTING, SHAKING, OPEN, BROKEN };

static int break_conn(struct conn *c, int error)
{
    if (c->state != BROKEN) {
        c->error = error;
        if (error == 0) {
            char reason[160];

            tls_reason(reason, sizeof(reason));
            free(c->tls_error);
            c->tls_error = str_dup(str_c(reason));
        }
    }
    c->state = BROKEN;
    return CONN_ERROR;
}

/* The certificate's fault is worth more than "certificate verify failed". */
static void break_handshake(struct conn *c)
{
    long verdict = SSL_get_verify_result(c->ssl);

    if (verdict != X509_V_OK) {
        struct buf text = buf_make(200);

        buf_printf(&text, "TLS: certificate of the peer: %s",
                   X509_verify_cert_error_string(verdict));
        c->tls_error = str_dup(buf_str(&text));
        buf_reset(&text);
        ERR_clear_error();
        c->error = 0;
        c->state = BROKEN;
    } else {
        break_conn(c, 0);
    }
}

static void shake(struct conn *c)
{
    int rc, why;

    ERR_clear_error();
    errno = 0;
    rc = SSL_do_handshake(c->ssl);
    if (rc == 1) {
        c->state = OPEN;
        return;
    }
    why = SSL_get_error(c->ssl, rc);
    if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE)
        return;
    if (why == SSL_ERROR_ZERO_RETURN || (why == SSL_ERROR_SYSCALL && ERR_peek_error() == 0))
        break_conn(c, errno != 0 ? errno : ECONNRESET);
    else
        break_handshake(c);
}

static void finish_connect(struct conn *c)
{
    int error = 0;
    socklen_t n = sizeof(error);

    if (getsockopt(c->watch.fd, SOL_SOCKET, SO_ERROR, &error, &n) != 0)
        error = errno;
    if (error != 0)
        break_conn(c, error);
    else
        c->state = c->ssl != NULL ? SHAKING : OPEN;
}

static unsigned translate(struct conn *c, unsigned events)
{
    unsigned out = events & WATCH_HANGUP;

    if ((events & WATCH_READ) || (c->read_wants_write && (events & WATCH_WRITE)))
        out |= WATCH_READ;
    if ((events & WATCH_WRITE) || (c->write_wants_read && (events & WATCH_READ)))
        out |= WATCH_WRITE;
    return out;
}

static void on_watch(struct watch *w, unsigned events)
{
    struct conn *c = (struct conn *)w; /* first member */
    unsigned char before = c->state;

    if (c->state == CONNECTING && (events & (WATCH_WRITE | WATCH_HANGUP)))
        finish_connect(c);
    if (c->state == SHAKING)
        shake(c);
    if (c->state == BROKEN)
        c->on_event(c, WATCH_HANGUP);
    else if (c->state == OPEN && before != OPEN)
        c->on_event(c, WATCH_WRITE | WATCH_READ | (events & WATCH_HANGUP));
    else if (c->state == OPEN)
        c->on_event(c, c->ssl != NULL ? translate(c, events) : events);
}

static void set_nodelay(int fd)
{
    int one = 1;

    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)); /* not for unix sockets */
}

static int watch_conn(struct conn *c, struct loop *l, int fd, struct error *err)
{
    int rc;

    c->loop = l;
    c->watch.fd = fd;
    c->watch.on_event = on_watch;
    set_nodelay(fd);
    rc = watch_add(l, &c->watch, err);
    if (rc != OK) {
        c->error = errno;
        close(fd);
        SSL_free(c->ssl);
        c->ssl = NULL;
        c->state = CLOSED;
    }
    return rc;
}

int conn_accept(struct conn *c, struct loop *l, int fd, struct tls_context *tls, struct error *err)
{
    c->ssl = tls != NULL ? tls_session_new(tls, fd, true, STR_NONE) : NULL;
    c->state = tls != NULL ? SHAKING : OPEN;
    return watch_conn(c, l, fd, err);
}

int conn_connect(struct conn *c, struct loop *l, const struct sockaddr *addr, socklen_t addr_len,
                 struct tls_context *tls, struct str host, struct error *err)
{
    int fd = socket(addr->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    c->error = 0;
    if (fd < 0) {
        c->error = errno;
        return error_set(err, ERR_LIMIT, "socket: %s", strerror(errno));
    }
    if (connect(fd, addr, addr_len) != 0 && errno != EINPROGRESS) {
        int rc = error_set(err, ERR_UPSTREAM, "connect: %s", strerror(errno));

        c->error = errno;

        close(fd);
        return rc;
    }
    c->ssl = tls != NULL ? tls_session_new(tls, fd, false, host) : NULL;
    c->state =
        CONNECTING; /* also when it succeeded at once: the first event is never inside a call */
    return watch_conn(c, l, fd, err);
}

static ssize_t tls_result(struct conn *c, int rc, bool reading)
{
    int why = SSL_get_error(c->ssl, rc);

    switch (why) {
    case SSL_ERROR_WANT_READ:
        if (!reading)
            c->write_wants_read = true;
        return CONN_AGAIN;
    case SSL_ERROR_WANT_WRITE:
        if (reading)
            c->read_wants_write = true;
        return CONN_AGAIN;
    case SSL_ERROR_ZERO_RETURN:
        return reading ? CONN_EOF : break_conn(c, EPIPE);
    case SSL_ERROR_SYSCALL:
        if (ERR_peek_error() == 0)
            return break_conn(c, errno != 0 ? errno : ECONNRESET);
        return break_conn(c, 0);
    default:
        return break_conn(c, 0);
    }
}

static ssize_t tls_read(struct conn *c, char *p, size_t n)
{
    size_t got = 0;

    c->read_wants_write = false;
    while (got < n) { /* one record a call: drain, as the watch is edge-triggered */
        int rc;

        ERR_clear_error();
        errno = 0;
        rc = SSL_read(c->ssl, p + got, (int)(n - got > 1 << 30 ? 1 << 30 : n - got));
        if (rc <= 0) {
            ssize_t result = tls_result(c, rc, true);

            return got > 0 ? (ssize_t)got : result;
        }
        got += (size_t)rc;
    }
    return (ssize_t)got;
}

ssize_t conn_read(struct conn *c, void *p, size_t n)
{
    ssize_t got;

    if (c->state != OPEN)
        return c->state == BROKEN ? CONN_ERROR : CONN_AGAIN;
    if (c->ssl != NULL)
        return tls_read(c, p, n);
    do
        got = recv(c->watch.fd, p, n, 0);
    while (got < 0 && errno == EINTR);
    if (got >= 0)
        return got;
    return errno == EAGAIN ? CONN_AGAIN : break_conn(c, errno);
}

static ssize_t tls_writev(struct conn *c, const struct iovec *iov, int n)
{
    ssize_t sent = 0;

    c->write_wants_read = false;
    for (int i = 0; i < n; i++) {
        size_t done = 0;

        while (done < iov[i].iov_len) {
            size_t left = iov[i].iov_len - done;
            int rc;

            ERR_clear_error();
            errno = 0;
            rc = SSL_write(c->ssl, (const char *)iov[i].iov_base + done,
                           (int)(left > 1 << 30 ? 1 << 30 : left));
            if (rc <= 0) {
                ssize_t result = tls_result(c, rc, false);

                return sent > 0 && result == CONN_AGAIN ? sent : result;
            }
            done += (size_t)rc;
            sent += rc;
        }
    }
    return sent;
}

ssize_t conn_writev(struct conn *c, const struct iovec *iov, int n)
{
    struct msghdr m = {0};
    ssize_t sent;

    if (c->state != OPEN)
        return c->state == BROKEN ? CONN_ERROR : CONN_AGAIN;
    if (c->ssl != NULL)
        return tls_writev(c, iov, n);
    memcpy(&m.msg_iov, &(const struct iovec *){iov}, sizeof(iov)); /* sendmsg() does not write it */
    m.msg_iovlen = (size_t)(n < IOV_MAX ? n : IOV_MAX); /* the rest counts as not taken */
    do
        sent = sendmsg(c->watch.fd, &m, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    if (sent >= 0)
        return sent;
    if (errno == EAGAIN)
        return CONN_AGAIN;
    c->error = errno; /* not the end of reading: an answer sent before the peer closed is there */
    return CONN_ERROR;
}

void conn_finish(struct conn *c)
{
    if (c->state != OPEN)
        return;
    if (c->ssl != NULL) {
        ERR_clear_error();
        SSL_shutdown(c->ssl);
        ERR_clear_error();
    }
    shutdown(c->watch.fd, SHUT_WR);
}

bool conn_is_open(const struct conn *c)
{
    return c->state == OPEN;
}

const char *conn_error_text(const struct conn *c, char *buf, size_t n)
{
    if (c->tls_error != NULL)
        snprintf(buf, n, "%s", c->tls_error);
    else if (c->error != 0)
        snprintf(buf, n, "%s", strerror(c->error));
    else
        snprintf(buf, n, "closed by the peer");
    return buf;
}

void conn_close(struct conn *c)
{
    if (c->state == CLOSED)
        return;
    watch_remove(c->loop, &c->watch);
    if (c->ssl != NULL) {
        ERR_clear_error();
        if (c->state == OPEN)
            SSL_shutdown(c->ssl);
        SSL_free(c->ssl);
        ERR_clear_error();
    }
    close(c->watch.fd);
    free(c->tls_error);
    c->tls_error = NULL;
    c->ssl = NULL;
    c->state = CLOSED;
}
