/* SPDX-License-Identifier: Apache-2.0 */
/* uri.c - see uri.h. */
#include "gateway/uri.h"

#include "base/clock.h"
#include "protocol/urlcode.h"

#include <arpa/inet.h>

/* ---- who is the client, where does it think we are ---- */

static bool peer_address(const struct http_request *r, struct in6_addr *out)
{
    struct sockaddr_storage peer;

    http_peer(r, &peer);
    if (peer.ss_family == AF_INET6) {
        *out = ((struct sockaddr_in6 *)&peer)->sin6_addr;
        return true;
    }
    if (peer.ss_family != AF_INET)
        return false;
    memset(out, 0, sizeof(*out));
    out->s6_addr[10] = out->s6_addr[11] = 0xff;
    memcpy(out->s6_addr + 12, &((struct sockaddr_in *)&peer)->sin_addr, 4);
    return true;
}

bool uri_trusted(const struct lane *l, const struct http_request *r)
{
    struct in6_addr a;

    if (!peer_address(r, &a))
        return false;
    for (size_t i = 0; i < l->snapshot->trusted_count; i++)
        if (network_has(&l->snapshot->trusted[i], &a))
            return true;
    return false;
}

struct forwarded {
    struct str proto, host, port, prefix, chain;
};

/* The last element of a list is what the nearest proxy added; for protocol and host the first one,
 * the client's own view, is meant (RFC 7239 4). */
static struct str first_of(struct str list)
{
    return str_trim(str_split(&list, ','));
}

/* `Forwarded: for=…;proto=https;host="gw:443"` */
static void read_forwarded(struct str value, struct forwarded *f)
{
    struct str element = str_split(&value, ',');

    while (element.p != NULL) {
        struct str pair = str_split(&element, ';');
        struct str name = str_trim(str_split(&pair, '='));

        pair = str_trim(pair);
        if (pair.n >= 2 && pair.p[0] == '"' && pair.p[pair.n - 1] == '"')
            pair = str_of(pair.p + 1, pair.n - 2);
        if (str_eq_nocase(name, STR("proto")))
            f->proto = pair;
        else if (str_eq_nocase(name, STR("host")))
            f->host = pair;
    }
}

/* What a header says goes into URIs: only what a host[:port] or a path may have. */
static bool is_made_of(struct str s, const char *others)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              (c != '\0' && strchr(others, c) != NULL)))
            return false;
    }
    return s.n > 0;
}

static bool is_host(struct str s)
{
    return is_made_of(s, ".-_:[]");
}

static void read_proxy_headers(const struct http_head *h, struct forwarded *f)
{
    read_forwarded(http_header(h, STR("forwarded")), f);
    if (f->proto.n == 0)
        f->proto = first_of(http_header(h, STR("x-forwarded-proto")));
    if (f->host.n == 0)
        f->host = first_of(http_header(h, STR("x-forwarded-host")));
    f->port = first_of(http_header(h, STR("x-forwarded-port")));
    f->prefix = first_of(http_header(h, STR("x-forwarded-prefix")));
}

/* `host` is what the client asked for, as far as the request itself says. */
static void put_base(const struct forwarded *f, bool tls, struct str host, struct buf *out)
{
    bool https = f->proto.n > 0 ? str_eq_nocase(f->proto, STR("https")) : tls;
    struct str prefix = f->prefix;
    size_t end; /* of an IPv6 literal, whose colons are not the port's */
    uint64_t port;

    if (is_host(f->host))
        host = f->host;
    else if (!is_host(host))
        host = STR("localhost");
    end = str_starts(host, STR("[")) ? str_find(host, ']') : 0;
    buf_put_str(out, https ? STR("https://") : STR("http://"));
    buf_put_str(out, host);
    if (str_find(str_skip(host, end), ':') == host.n - end && str_to_u64(f->port, &port) &&
        port > 0 && port < 65536 && port != (https ? 443 : 80))
        buf_printf(out, ":%u", (unsigned)port);
    while (prefix.n > 0 && prefix.p[prefix.n - 1] == '/')
        prefix.n--;
    if (str_starts(prefix, STR("/")) && is_made_of(prefix, "/.-_~:%"))
        buf_put_str(out, prefix);
}

static bool is_from_proxy(const struct http_head *h)
{
    for (size_t i = 0; i < h->count; i++)
        if (str_starts_nocase(h->headers[i].name, STR("x-forwarded-")) ||
            str_eq_nocase(h->headers[i].name, STR("forwarded")))
            return true;
    return false;
}

void uri_base(const struct lane *l, const struct http_request *r, struct buf *out)
{
    struct str external = str_c(l->snapshot->config->external_url);
    struct forwarded f = {0};

    while (external.n > 0 && external.p[external.n - 1] == '/')
        external.n--;
    if (external.n > 0) {
        buf_put_str(out, external);
        return;
    }
    if (is_from_proxy(&r->head) && uri_trusted(l, r)) /* asking for the peer costs a system call */
        read_proxy_headers(&r->head, &f);
    put_base(&f, r->tls, r->head.host, out);
}

static void put_forwarded_for(const struct lane *l, const struct http_request *r,
                              const struct in6_addr *a, struct buf *out)
{
    char text[INET6_ADDRSTRLEN] = "";
    struct str chain = STR_NONE;

    if (IN6_IS_ADDR_V4MAPPED(a))
        inet_ntop(AF_INET, a->s6_addr + 12, text, sizeof(text));
    else
        inet_ntop(AF_INET6, a, text, sizeof(text));
    if (uri_trusted(l, r))
        chain = http_header(&r->head, STR("x-forwarded-for"));
    buf_put_str(out, STR("X-Forwarded-For: "));
    if (chain.n > 0) {
        buf_put_str(out, chain);
        buf_put_str(out, STR(", "));
    }
    buf_put_str(out, str_c(text));
    buf_put_str(out, STR("\r\n"));
}

/* A cluster that believes these lines sees a secure request where the client made one, and leads
 * browsers back to where they came from (OAuth2's callback). The path before ours it cannot know.
 */
static void put_forwarded_base(struct str base, struct buf *out)
{
    bool https = str_starts(base, STR("https://"));
    struct str host = str_skip(base, https ? 8 : 7);
    struct str rest;

    host.n = str_find(host, '/');
    rest = str_skip(host, str_starts(host, STR("[")) ? str_find(host, ']') : 0);
    buf_printf(out, "X-Forwarded-Proto: %s\r\nX-Forwarded-Host: %.*s\r\n", https ? "https" : "http",
               STR_ARG(host));
    if (str_find(rest, ':') == rest.n)
        buf_printf(out, "X-Forwarded-Port: %d\r\n", https ? 443 : 80);
    else
        buf_printf(out, "X-Forwarded-Port: %.*s\r\n",
                   STR_ARG(str_skip(rest, str_find(rest, ':') + 1)));
}

void uri_forwarded(const struct lane *l, const struct http_request *r, struct str base,
                   struct buf *out)
{
    struct in6_addr a;

    if (!peer_address(r, &a)) /* it has gone */
        return;
    put_forwarded_for(l, r, &a, out);
    put_forwarded_base(base, out);
}

/* ---- URIs for the client ---- */

/* Path and query of an absolute URI, or the URI itself when it is a path. */
static bool path_of(struct str uri, struct str *path)
{
    size_t host;

    if (uri.n > 0 && uri.p[0] == '/') {
        *path = uri;
        return true;
    }
    if (str_starts_nocase(uri, STR("http://")))
        host = 7;
    else if (str_starts_nocase(uri, STR("https://")))
        host = 8;
    else
        return false;
    *path = str_skip(uri, host + str_find(str_skip(uri, host), '/'));
    if (path->n == 0)
        *path = STR("/");
    return true;
}

static struct str segment(struct str path, unsigned index)
{
    struct str part = STR_NONE;

    path.n = str_find(path, '?');
    path = str_skip(path, 1);
    for (unsigned i = 0; i <= index; i++) {
        if (path.p == NULL)
            return STR_NONE;
        part = str_split(&path, '/');
    }
    return part;
}

bool uri_is_query_id(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!((s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] >= 'a' && s.p[i] <= 'z') ||
              s.p[i] == '_'))
            return false;
    return s.n > 0 && s.n <= QUERY_ID_MAX;
}

struct str uri_query_id(struct str path)
{
    struct str id = segment(path, 3);

    if (!str_starts(path, STR("/v1/statement/")) || !uri_is_query_id(id))
        return STR_NONE;
    return id;
}

static void put_ticket(const struct uri_maker *m, enum ticket_kind kind, struct str id,
                       struct str path, struct buf *out)
{
    struct ticket t = {
        .kind = kind,
        .client = m->client,
        .cluster = m->cluster,
        .capabilities = m->capabilities,
        .backend = m->backend,
        .path = path,
    };

    ticket_seal(m->lane->tickets, &t, id, clock_wall_ms(), out);
}

static void put_poll(const struct uri_maker *m, struct str id, struct str path, struct buf *out)
{
    /* The last segment of a cluster's path is its token, in both dialects. */
    struct str bare = str_of(path.p, str_find(path, '?')), token = bare;
    bool executing = str_starts(path, STR("/v1/statement/executing/"));

    while (str_find(token, '/') < token.n)
        token = str_skip(token, str_find(token, '/') + 1);
    buf_put_str(out, executing ? STR("/v1/statement/executing/") : STR("/v1/statement/queued/"));
    buf_put_str(out, id);
    buf_put_c(out, '/');
    if (m->client == DIALECT_PRESTO) {
        buf_put_str(out, token);
        buf_put_str(out, STR("?slug="));
        put_ticket(m, TICKET_POLL, id, path, out);
    } else {
        put_ticket(m, TICKET_POLL, id, path, out);
        buf_put_c(out, '/');
        buf_put_str(out, token);
    }
}

void uri_relay(const struct uri_maker *m, enum ticket_kind kind, struct str place, struct str path,
               struct buf *out)
{
    buf_put_str(out, m->base);
    buf_put_str(out, place);
    put_ticket(m, kind, STR_NONE, path, out);
}

/* Pre-signed URIs of an object store are the client's business with the store: not a byte may
 * change. Only those that lead to the coordinator lead to the gateway instead. */
static void put_segment(const struct uri_maker *m, struct str uri, struct str path, struct buf *out)
{
    if (str_starts(path, STR("/v1/spooled/")))
        uri_relay(m, TICKET_SEGMENT, STR("/v1/spooled/"), path, out);
    else
        buf_put_str(out, uri);
}

static bool put_for_client(const struct uri_maker *m, enum scan_uri kind, struct str uri,
                           struct buf *out)
{
    struct str path, id = m->id;

    if (!path_of(uri, &path))
        path = STR_NONE;
    if (kind == SCAN_SEGMENT_URI || kind == SCAN_ACK_URI) {
        put_segment(m, uri, path, out);
        return !out->overflow;
    }
    if (id.n == 0)
        id = uri_query_id(path);
    if (path.n == 0 || id.n == 0)
        return false;
    buf_put_str(out, m->base);
    if (kind == SCAN_NEXT_URI) {
        put_poll(m, id, path, out);
    } else if (kind == SCAN_PARTIAL_CANCEL_URI) {
        buf_put_str(out, STR("/v1/statement/executing/partialCancel/"));
        buf_put_str(out, id);
        buf_put_c(out, '/');
        put_ticket(m, TICKET_PARTIAL_CANCEL, id, path, out);
    } else {
        buf_put_str(out, STR("/ui/query.html?"));
        buf_put_str(out, id);
    }
    return !out->overflow;
}

void uri_set_prefix(struct uri_maker *m, struct str prefix)
{
    struct http_url url;

    for (size_t i = 0; i < prefix.n; i++)
        if (prefix.p[i] <= ' ' || prefix.p[i] > '~' || strchr("\"<>\\^`{|}", prefix.p[i]) != NULL)
            return;
    if (prefix.n > 0 && prefix.n <= TICKET_PATH_MAX && http_url_parse(&url, prefix, NULL) == OK)
        m->prefix = prefix;
}

bool uri_for_client(const struct uri_maker *m, enum scan_uri kind, struct str uri, struct buf *out)
{
    struct buf plain;
    bool is_uri;

    if (m->prefix.n == 0)
        return put_for_client(m, kind, uri, out);
    plain = buf_make(out->max);
    is_uri = put_for_client(m, kind, uri, &plain);
    if (is_uri)
        url_put_prefixed(out, m->prefix, buf_str(&plain));
    buf_reset(&plain);
    return is_uri && !out->overflow;
}

/* ---- reading them back ---- */

static void read_arguments(struct str query, struct uri_target *out)
{
    const char *begin = query.p;

    while (query.p != NULL) {
        struct str pair = str_split(&query, '&');

        if (str_starts(pair, STR("slug=")) && out->ticket.n == 0) {
            out->ticket = str_skip(pair, 5);
            /* What follows the slug are the client's own additions. */
            out->extra = query;
            if (pair.p != begin && query.p == NULL)
                out->extra = str_of(begin, (size_t)(pair.p - begin) - 1);
        }
    }
}

bool uri_read_poll(struct str target, struct uri_target *out)
{
    struct str path = str_of(target.p, str_find(target, '?'));
    struct str query = str_skip(target, path.n + 1), rest = str_skip(path, 1);
    struct str part[7] = {{0}};
    unsigned n = 0;

    *out = (struct uri_target){0};
    while (rest.p != NULL && n < ARRAY_LEN(part))
        part[n++] = str_split(&rest, '/');
    if (rest.p != NULL || n < 5)
        return false;
    out->phase = part[2];
    out->id = part[3];
    if (str_eq(part[3], STR("partialCancel")) && n == 6) {
        out->phase = part[3];
        out->id = part[4];
        out->ticket = part[5];
        out->token = STR("0");
    } else if (n == 6) {
        out->ticket = part[4];
        out->token = part[5];
        out->extra = query;
    } else {
        out->token = part[4];
        if (query.n > 0)
            read_arguments(query, out);
    }
    return n <= 6 &&
           (str_eq(out->phase, STR("queued")) || str_eq(out->phase, STR("executing")) ||
            str_eq(out->phase, STR("partialCancel"))) &&
           uri_is_query_id(out->id) && out->ticket.n > 0 && out->token.n > 0;
}
