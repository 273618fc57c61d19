/* SPDX-License-Identifier: Apache-2.0 */
/* conn.h - one non-blocking stream socket, plain or TLS, watched by a loop.
 *
 * The same type carries client connections, backend connections and Redis. It holds no buffers:
 * conn_read() fills the caller's, conn_writev() takes what the kernel (or OpenSSL) accepts now.
 * Both return the number of bytes, or
 *   CONN_AGAIN  nothing now; `on_event` will say when (edge-triggered, see loop.h)
 *   CONN_EOF    the peer finished (reading only)
 *   CONN_ERROR  broken; conn_error_text() says why
 * `on_event(c, events)` gets WATCH_* bits; for TLS they are already translated (a read that waits
 * for writability is reported as WATCH_READ when it may go on). While a connect or a TLS handshake
 * is under way no event is delivered until it ended: then WATCH_WRITE, or WATCH_HANGUP on failure.
 */
#ifndef BASE_CONN_H
#define BASE_CONN_H

#include "base/loop.h"
#include "base/str.h"

#include <sys/socket.h>
#include <sys/uio.h>

enum { CONN_EOF = 0, CONN_AGAIN = -1, CONN_ERROR = -2 };

struct tls_context; /* tls.h */

struct conn {
    struct watch watch;
    struct loop *loop;
    void (*on_event)(struct conn *c, unsigned events);
    struct ssl_st *ssl; /* NULL when plain */
    unsigned char state;
    bool read_wants_write, write_wants_read; /* TLS: what the last call waits for */
    int error;                               /* errno of the failure, 0 = see tls_error */
    char *tls_error;                         /* malloc'ed text of a TLS failure, or NULL */
};

/* Takes over the accepted `fd`. With `tls` a handshake as server begins. On failure fd is closed.
 */
MUST_USE int conn_accept(struct conn *c, struct loop *l, int fd, struct tls_context *tls,
                         struct error *err);

/* Starts to connect to `addr`. With `tls` a handshake follows; `host` is the name to verify and to
 * send as SNI. Failures that come later are reported by WATCH_HANGUP. */
MUST_USE int conn_connect(struct conn *c, struct loop *l, const struct sockaddr *addr,
                          socklen_t addr_len, struct tls_context *tls, struct str host,
                          struct error *err);

ssize_t conn_read(struct conn *c, void *p, size_t n);
ssize_t conn_writev(struct conn *c, const struct iovec *iov, int n);

/* Connected and shaken hands. */
bool conn_is_open(const struct conn *c);

/* Why the last call or the connect failed, for people. */
const char *conn_error_text(const struct conn *c, char *buf, size_t n);

/* Tells the peer that nothing more will be written (TLS: close_notify). Reading goes on. */
void conn_finish(struct conn *c);

/* Closes at once (a TLS close_notify is tried without waiting). A zeroed or closed conn is a no-op.
 */
void conn_close(struct conn *c);

#endif
