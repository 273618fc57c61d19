/* SPDX-License-Identifier: Apache-2.0 */
/* listen.c - see listen.h. Port 0 is chosen by the first lane's socket; the others follow it. */
#include "gateway/listen.h"

#include "gateway/handlers.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define BACKLOG 4096

struct address {
    struct sockaddr_storage sa;
    socklen_t n;
};

static int parse(struct address *out, const char *text, struct error *err)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE}, *list;
    const char *colon = strrchr(text, ':');
    char host[256];
    size_t n = colon != NULL ? (size_t)(colon - text) : 0;
    int rc;

    if (colon == NULL || n >= sizeof(host))
        return error_set(err, ERR_INVALID, "listener '%s' is not host:port", text);
    if (n >= 2 && text[0] == '[' && text[n - 1] == ']')
        snprintf(host, sizeof(host), "%.*s", (int)n - 2, text + 1);
    else
        snprintf(host, sizeof(host), "%.*s", (int)n, text);
    rc = getaddrinfo(n > 0 ? host : NULL, colon + 1, &hints, &list);
    if (rc != 0)
        return error_set(err, ERR_INVALID, "listener '%s': %s", text, gai_strerror(rc));
    memcpy(&out->sa, list->ai_addr, list->ai_addrlen);
    out->n = list->ai_addrlen;
    freeaddrinfo(list);
    return OK;
}

/* Binds and, so that the next socket shares the port, reads back what was bound. */
static int open_socket(int *out, struct address *a, const char *text, struct error *err)
{
    int one = 1, fd = socket(a->sa.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return error_set(err, ERR_LIMIT, "listener '%s': %s", text, strerror(errno));
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one));
    if (bind(fd, (struct sockaddr *)&a->sa, a->n) != 0 || listen(fd, BACKLOG) != 0 ||
        getsockname(fd, (struct sockaddr *)&a->sa, &a->n) != 0) {
        int rc = error_set(err, ERR_INVALID, "listener '%s': %s", text, strerror(errno));

        close(fd);
        return rc;
    }
    *out = fd;
    return OK;
}

static void name(const struct address *a, char out[80])
{
    char host[64], port[8];

    if (getnameinfo((const struct sockaddr *)&a->sa, a->n, host, sizeof(host), port, sizeof(port),
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        snprintf(out, 80, "?");
    else
        snprintf(out, 80, strchr(host, ':') != NULL ? "[%s]:%s" : "%s:%s", host, port);
}

static int listen_one(struct listening *out, struct gateway *g, size_t index, struct error *err)
{
    const char *text = g->snapshot->config->listeners[index].address;
    struct address a;

    TRY(parse(&a, text, err));
    for (unsigned i = 0; i < g->lane_count; i++) {
        int fd;

        TRY(open_socket(&fd, &a, text, err));
        TRY(http_server_listen(g->lanes[i].server, fd, g->snapshot->listener_tls[index], err));
    }
    name(&a, out->addresses[out->count++]);
    return OK;
}

static int listen_admin(struct listening *out, struct gateway *g, struct error *err)
{
    const char *text = g->snapshot->config->admin_address;
    struct http_server_config c = {
        .on_request = handle_admin,
        .arg = &g->lanes[0],
        .header_max = 65536,
        .body_max = 65536,
        .idle_ms = 60000,
        .request_ms = 10000,
        .send_ms = 30000,
        .connection_max = 256,
    };
    struct address a;
    int fd;

    TRY(parse(&a, text, err));
    TRY(open_socket(&fd, &a, text, err));
    TRY(http_server_new(&g->admin, g->lanes[0].loop, &c, err));
    TRY(http_server_listen(g->admin, fd, NULL, err));
    name(&a, out->admin);
    return OK;
}

int listen_all(struct listening *out, struct gateway *g, struct error *err)
{
    if (g->snapshot->config->listener_count > LISTENERS_MAX)
        return error_set(err, ERR_INVALID, "more than %d listeners", LISTENERS_MAX);
    for (size_t i = 0; i < g->snapshot->config->listener_count; i++)
        TRY(listen_one(out, g, i, err));
    return listen_admin(out, g, err);
}
