/* SPDX-License-Identifier: Apache-2.0 */
/* config_syntax.c - what an address, a URL, a CIDR and a name look like in a configuration.
 *
 * The checks answer with what is wrong, to be put behind the setting's path; they never quote the
 * value, because a state URL holds a password. */
#include "gateway/config_table.h"

#include <arpa/inet.h>

#define HOST_BYTES_MAX 253

static bool is_alnum(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_word(struct str s, const char *extra)
{
    for (size_t i = 0; i < s.n; i++)
        if (!is_alnum(s.p[i]) && (s.p[i] == '\0' || strchr(extra, s.p[i]) == NULL))
            return false;
    return s.n > 0;
}

bool config_is_name(struct str s, size_t max)
{
    return s.n <= max && is_word(s, "_.-");
}

static bool is_ip(int family, struct str s)
{
    unsigned char bytes[16];
    char text[INET6_ADDRSTRLEN];

    if (s.n == 0 || s.n >= sizeof(text) || str_find(s, '\0') < s.n)
        return false;
    memcpy(text, s.p, s.n);
    text[s.n] = '\0';
    return inet_pton(family, text, bytes) == 1;
}

/* All digits and dots must be an address: "10.0.0" or "1.2.3.400" is a slip, not a name. */
static bool is_host(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] != '.' && (s.p[i] < '0' || s.p[i] > '9'))
            return s.n <= HOST_BYTES_MAX && is_word(s, "_.-") && is_alnum(s.p[0]);
    return is_ip(AF_INET, s);
}

/* host, host:port, [v6], [v6]:port. `port` is STR_NONE without a colon. */
static const char *split_host(struct str s, struct str *port)
{
    struct str host;
    size_t end;

    if (s.n > 0 && s.p[0] == '[') {
        end = str_find(s, ']');
        if (end == s.n || !is_ip(AF_INET6, str_of(s.p + 1, end - 1)))
            return "has no valid IPv6 address between [ and ]";
        s = str_skip(s, end + 1);
        if (s.n > 0 && s.p[0] != ':')
            return "has something other than a port behind ]";
        *port = s.n > 0 ? str_skip(s, 1) : STR_NONE;
        return NULL;
    }
    *port = s;
    host = str_split(port, ':');
    if (port->p != NULL && str_find(*port, ':') < port->n)
        return "has too many colons, write an IPv6 address in [ ]";
    return is_host(host) ? NULL : "has no valid host";
}

static const char *check_port(struct str port, uint64_t min)
{
    uint64_t v;

    return str_to_u64(port, &v) && port.n <= 5 && v >= min && v <= 65535 ? NULL
                                                                         : "has no valid port";
}

const char *config_check_address(struct str s)
{
    struct str port;
    const char *problem;

    if (s.n > 0 && (s.p[0] == ':' || s.p[0] == '*'))
        return "needs a host, for all of them write 0.0.0.0:port or [::]:port";
    problem = split_host(s, &port);
    if (problem == NULL && port.p == NULL)
        problem = "needs a port, write host:port";
    return problem != NULL ? problem : check_port(port, 0);
}

static const char *check_authority(struct str s)
{
    struct str port;
    const char *problem = split_host(s, &port);

    return problem != NULL || port.p == NULL ? problem : check_port(port, 1);
}

const char *config_check_url(struct str s)
{
    struct str authority;

    if (str_starts_nocase(s, STR("http://")))
        s = str_skip(s, 7);
    else if (str_starts_nocase(s, STR("https://")))
        s = str_skip(s, 8);
    else
        return "must begin with http:// or https://";
    authority = str_of(s.p, str_find(s, '/'));
    if (str_find(s, '?') < s.n || str_find(s, '#') < s.n)
        return "must not have a query (?) or a fragment (#)";
    if (str_find(authority, '@') < authority.n)
        return "must not hold a user or a password";
    s = str_skip(s, authority.n);
    if (s.n > 0 && !is_word(s, "/-._~%!$&'()*+,;=:@"))
        return "has a path with characters that are not allowed in a URL";
    return check_authority(authority);
}

static const char *check_sentinel(struct str s)
{
    struct str hosts = str_split(&s, '/'), master = str_split(&s, '/');
    const char *problem = NULL;
    uint64_t db;

    while (hosts.p != NULL && problem == NULL)
        problem = check_authority(str_split(&hosts, ','));
    if (problem == NULL && !is_word(master, "_.-"))
        problem = "needs the name of the master behind the hosts";
    if (problem == NULL && s.p != NULL && !str_to_u64(s, &db))
        problem = "has no valid database number";
    return problem;
}

const char *config_check_state_url(struct str s)
{
    bool sentinel = str_starts(s, STR("redis+sentinel://"));
    const char *problem;
    struct str host;
    uint64_t db;
    size_t at;

    if (!sentinel && !str_starts(s, STR("redis://")) && !str_starts(s, STR("rediss://")))
        return "must begin with redis://, rediss:// or redis+sentinel://";
    s = str_skip(s, str_search(s, STR("://")) + 3);
    at = str_find(s, '@');
    if (at < s.n)
        s = str_skip(s, at + 1);
    if (str_find(s, '@') < s.n)
        return "has more than one @, write %40 for one in a password";
    if (sentinel)
        return check_sentinel(s);
    host = str_split(&s, '/');
    problem = check_authority(host);
    if (problem == NULL && s.n > 0 && !str_to_u64(s, &db))
        problem = "has no valid database number";
    return problem;
}

const char *config_check_cidr(struct str s)
{
    struct str rest = s, ip = str_split(&rest, '/');
    bool v4 = is_ip(AF_INET, ip);
    uint64_t bits;

    if (!v4 && !is_ip(AF_INET6, ip))
        return "is not an IP address or a network such as 10.0.0.0/8";
    if (rest.p != NULL && (!str_to_u64(rest, &bits) || bits > (v4 ? 32 : 128)))
        return "has no valid prefix length";
    return NULL;
}
