/* SPDX-License-Identifier: Apache-2.0 */
/* redis_url.c - see redis_url.h. */
#include "state/redis_url.h"

#define PORT_REDIS 6379
#define PORT_SENTINEL 26379
#define DB_MAX 65535

static const struct scheme {
    struct str text;
    bool tls, sentinel;
} schemes[] = {
    {{"redis://", 8}, false, false},
    {{"rediss://", 9}, true, false},
    {{"redis+sentinel://", 17}, false, true},
    {{"rediss+sentinel://", 18}, true, true},
};

static const struct scheme *take_scheme(struct str *url)
{
    for (size_t i = 0; i < ARRAY_LEN(schemes); i++) {
        if (str_starts_nocase(*url, schemes[i].text)) {
            *url = str_skip(*url, schemes[i].text.n);
            return &schemes[i];
        }
    }
    return NULL;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* NULL on a broken escape or an escaped NUL. */
static const char *percent_decode(struct arena *a, struct str s)
{
    char *out = arena_alloc(a, s.n + 1);
    size_t n = 0;

    for (size_t i = 0; i < s.n; i++) {
        int high, low;

        if (s.p[i] != '%') {
            out[n++] = s.p[i];
            continue;
        }
        if (s.n - i < 3 || (high = hex_digit(s.p[i + 1])) < 0 ||
            (low = hex_digit(s.p[i + 2])) < 0 || (high | low) == 0)
            return NULL;
        out[n++] = (char)(high << 4 | low);
        i += 2;
    }
    out[n] = '\0';
    return out;
}

/* user, user:password or :password */
static int parse_login(struct arena *a, struct str login, struct redis_target *t, struct error *err)
{
    struct str rest = login, user = str_split(&rest, ':');

    t->password = percent_decode(a, rest);
    t->user = user.n > 0 ? percent_decode(a, user) : NULL;
    if (t->password == NULL || (user.n > 0 && t->user == NULL))
        return error_set(err, ERR_INVALID, "bad percent-encoding in user or password");
    if (user.n == 0 && rest.n == 0)
        return error_set(err, ERR_INVALID, "neither user nor password before '@'");
    return OK;
}

/* /db, or with Sentinel /master[/db] */
static int parse_path(struct arena *a, const struct scheme *scheme, struct str path,
                      struct redis_target *t, struct error *err)
{
    uint64_t db = 0;

    if (scheme->sentinel) {
        struct str master = str_split(&path, '/');

        t->master = percent_decode(a, master);
        if (master.n == 0 || t->master == NULL)
            return error_set(err, ERR_INVALID, "a Sentinel URL must name the master after '/'");
    }
    if (path.n > 0 && (!str_to_u64(path, &db) || db > DB_MAX))
        return error_set(err, ERR_INVALID, "the database must be a number up to %d", DB_MAX);
    t->db = (unsigned)db;
    return OK;
}

/* host[:port] or [v6][:port] */
static int parse_host(struct arena *a, const struct scheme *scheme, struct str text,
                      struct redis_target *t, struct error *err)
{
    struct str host, port;
    size_t end = text.n > 0 && text.p[0] == '[' ? str_find(text, ']') : 0;
    uint64_t number = scheme->sentinel ? PORT_SENTINEL : PORT_REDIS;

    if (end > 0) {
        host = end < text.n ? str_of(text.p + 1, end - 1) : STR_NONE;
        port = str_skip(text, end + 1);
        if (port.n > 0 && port.p[0] != ':')
            return error_set(err, ERR_INVALID, "bytes after ']'");
        port = str_skip(port, 1);
    } else {
        port = text;
        host = str_split(&port, ':');
    }
    if (host.n == 0 || host.n > 253)
        return error_set(err, ERR_INVALID, "no usable host");
    if (port.n > 0 && (!str_to_u64(port, &number) || number == 0 || number > 65535))
        return error_set(err, ERR_INVALID, "the port must be a number from 1 to 65535");
    t->host = arena_str(a, host).p;
    t->port = (uint16_t)number;
    return OK;
}

/* The last '@' ends the login: passwords are often not encoded. */
static struct str take_login(struct str *authority)
{
    for (size_t i = authority->n; i > 0; i--) {
        if (authority->p[i - 1] == '@') {
            struct str login = str_of(authority->p, i - 1);

            *authority = str_skip(*authority, i);
            return login;
        }
    }
    return STR_NONE;
}

int redis_url_parse(struct arena *a, const char *url, struct redis_target ***tail,
                    struct error *err)
{
    struct str path = str_c(url), authority, login, host;
    const struct scheme *scheme = take_scheme(&path);
    struct redis_target common = {0};

    if (scheme == NULL)
        return error_set(err, ERR_INVALID,
                         "must begin with redis://, rediss:// or redis+sentinel://");
    authority = str_split(&path, '/');
    login = take_login(&authority);
    common.tls = scheme->tls;
    if (login.p != NULL)
        TRY(parse_login(a, login, &common, err));
    TRY(parse_path(a, scheme, path, &common, err));
    while ((host = str_split(&authority, ',')).p != NULL) {
        struct redis_target *t = arena_alloc(a, sizeof(*t));

        *t = common;
        TRY(parse_host(a, scheme, host, t, err));
        if (!scheme->sentinel && authority.p != NULL)
            return error_set(err, ERR_INVALID, "several hosts need redis+sentinel://");
        **tail = t;
        *tail = &t->next;
    }
    return OK;
}
