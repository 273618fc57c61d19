/* SPDX-License-Identifier: Apache-2.0 */
/* http_head.c - see http_head.h. Lines are found by memchr(), names checked by a table. */
#include "base/http_head.h"

/* RFC 9110 5.6.2: the characters of a token. */
static const bool token_char[256] = {
    ['!'] = 1, ['#'] = 1, ['$'] = 1, ['%'] = 1, ['&'] = 1, ['\''] = 1, ['*'] = 1, ['+'] = 1,
    ['-'] = 1, ['.'] = 1, ['^'] = 1, ['_'] = 1, ['`'] = 1, ['|'] = 1,  ['~'] = 1, ['0'] = 1,
    ['1'] = 1, ['2'] = 1, ['3'] = 1, ['4'] = 1, ['5'] = 1, ['6'] = 1,  ['7'] = 1, ['8'] = 1,
    ['9'] = 1, ['A'] = 1, ['B'] = 1, ['C'] = 1, ['D'] = 1, ['E'] = 1,  ['F'] = 1, ['G'] = 1,
    ['H'] = 1, ['I'] = 1, ['J'] = 1, ['K'] = 1, ['L'] = 1, ['M'] = 1,  ['N'] = 1, ['O'] = 1,
    ['P'] = 1, ['Q'] = 1, ['R'] = 1, ['S'] = 1, ['T'] = 1, ['U'] = 1,  ['V'] = 1, ['W'] = 1,
    ['X'] = 1, ['Y'] = 1, ['Z'] = 1, ['a'] = 1, ['b'] = 1, ['c'] = 1,  ['d'] = 1, ['e'] = 1,
    ['f'] = 1, ['g'] = 1, ['h'] = 1, ['i'] = 1, ['j'] = 1, ['k'] = 1,  ['l'] = 1, ['m'] = 1,
    ['n'] = 1, ['o'] = 1, ['p'] = 1, ['q'] = 1, ['r'] = 1, ['s'] = 1,  ['t'] = 1, ['u'] = 1,
    ['v'] = 1, ['w'] = 1, ['x'] = 1, ['y'] = 1, ['z'] = 1,
};

static bool is_token(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!token_char[(unsigned char)s.p[i]])
            return false;
    return s.n > 0;
}

/* No control characters but the tab: neither a bare CR nor a NUL travels on. */
static bool is_field_text(struct str s)
{
    unsigned bad = 0;

    for (size_t i = 0; i < s.n;
         i++) { /* without branches, so that the compiler takes many at once */
        unsigned char c = (unsigned char)s.p[i];

        bad |= (unsigned)(c < 0x20) & (unsigned)(c != '\t');
        bad |= c == 0x7f;
    }
    return bad == 0;
}

/* Cuts one CRLF (or bare LF) line off the front of `*rest`. False when no line end is there. */
static bool next_line(struct str *rest, struct str *line)
{
    const char *end = rest->n > 0 ? memchr(rest->p, '\n', rest->n) : NULL;

    if (end == NULL)
        return false;
    *line = str_of(rest->p, (size_t)(end - rest->p));
    *rest = str_skip(*rest, line->n + 1);
    if (line->n > 0 && line->p[line->n - 1] == '\r')
        line->n--;
    return true;
}

static int parse_field(struct http_head *h, struct str line, struct error *err)
{
    size_t colon = str_find(line, ':');
    struct header f = {.name = str_of(line.p, colon)};

    if (colon == line.n || !is_token(f.name))
        return error_set(err, ERR_INVALID, "malformed header line");
    f.value = str_trim(str_skip(line, colon + 1));
    if (!is_field_text(f.value))
        return error_set(err, ERR_INVALID, "control character in header '%.*s'",
                         (int)(f.name.n > 60 ? 60 : f.name.n), f.name.p);
    if (h->count == h->capacity)
        return error_set(err, ERR_LIMIT, "more than %zu header fields", h->capacity);
    h->headers[h->count++] = f;
    return OK;
}

struct framing {
    bool has_length, chunked, close;
    uint64_t length;
};

static int note_framing(struct http_head *h, struct framing *f, const struct header *field,
                        struct error *err)
{
    uint64_t n;

    switch (field->name.n) {
    case 4:
        if (!str_eq_nocase(field->name, STR("host")))
            return OK;
        if (h->host.p != NULL)
            return error_set(err, ERR_INVALID, "more than one Host");
        h->host = field->value;
        return OK;
    case 6:
        if (str_eq_nocase(field->name, STR("expect")))
            h->expect_continue = h->minor > 0 && str_eq_nocase(field->value, STR("100-continue"));
        return OK;
    case 10:
        if (!str_eq_nocase(field->name, STR("connection")))
            return OK;
        f->close = f->close || http_list_has(field->value, STR("close"));
        h->keep_alive =
            !f->close && (h->keep_alive || http_list_has(field->value, STR("keep-alive")));
        return OK;
    case 14:
        if (!str_eq_nocase(field->name, STR("content-length")))
            return OK;
        if (!str_to_u64(field->value, &n) || (f->has_length && n != f->length))
            return error_set(err, ERR_INVALID, "bad Content-Length");
        f->has_length = true;
        f->length = n;
        return OK;
    case 17:
        if (!str_eq_nocase(field->name, STR("transfer-encoding")))
            return OK;
        if (f->chunked || !str_eq_nocase(field->value, STR("chunked")))
            return error_set(err, ERR_INVALID, "unsupported Transfer-Encoding");
        f->chunked = true;
        return OK;
    default:
        return OK;
    }
}

static int parse_fields(struct http_head *h, struct str *rest, struct framing *f, struct error *err)
{
    struct str line;

    h->count = 0;
    while (next_line(rest, &line)) {
        if (line.n == 0) {
            if (f->chunked && f->has_length)
                return error_set(err, ERR_INVALID,
                                 "both Content-Length and Transfer-Encoding are given");
            return OK;
        }
        TRY(parse_field(h, line, err));
        TRY(note_framing(h, f, &h->headers[h->count - 1], err));
    }
    return ERR_BUSY;
}

/* `rest`: the last part of `bytes`, without leading empty lines. */
static bool head_is_complete(struct str bytes, struct str rest, size_t from)
{
    size_t skipped = bytes.n - rest.n;
    struct str tail = str_skip(rest, from > skipped + 3 ? from - skipped - 3 : 0);

    return str_search(tail, STR("\n\r\n")) < tail.n || str_search(tail, STR("\n\n")) < tail.n;
}

static bool parse_version(struct str s, int *minor)
{
    if (s.n != 8 || !str_starts(s, STR("HTTP/1.")) || (s.p[7] != '0' && s.p[7] != '1'))
        return false;
    *minor = s.p[7] - '0';
    return true;
}

int http_parse_request(struct http_head *h, struct str bytes, size_t from, struct error *err)
{
    struct str rest = bytes, line, version;
    struct framing f = {0};

    while (rest.n > 0 && (*rest.p == '\r' || *rest.p == '\n')) /* RFC 9112 2.2: robustness */
        rest = str_skip(rest, 1);
    if (from > 0 && !head_is_complete(bytes, rest, from))
        return ERR_BUSY;
    if (!next_line(&rest, &line))
        return ERR_BUSY;
    version = line;
    h->method = str_split(&version, ' ');
    h->target = str_split(&version, ' ');
    if (!is_token(h->method) || h->target.n == 0 || !is_field_text(h->target) ||
        !parse_version(version, &h->minor))
        return error_set(err, ERR_INVALID, "malformed request line");
    h->keep_alive = h->minor == 1;
    h->expect_continue = false;
    h->status = 0;
    h->host = STR_NONE;
    TRY(parse_fields(h, &rest, &f, err));
    if (h->minor == 1 && h->host.p == NULL)
        return error_set(err, ERR_INVALID, "Host is missing");
    if (f.chunked && h->minor == 0) /* RFC 9112 6.1: whoever passed it on did not understand it */
        return error_set(err, ERR_INVALID, "Transfer-Encoding in an HTTP/1.0 request");
    h->body = f.chunked                      ? HTTP_BODY_CHUNKED
              : f.has_length && f.length > 0 ? HTTP_BODY_LENGTH
                                             : HTTP_BODY_NONE;
    h->length = f.length;
    h->used = bytes.n - rest.n;
    return OK;
}

int http_parse_response(struct http_head *h, struct str bytes, bool head_request, struct error *err)
{
    struct str rest = bytes, line, part;
    struct framing f = {0};
    uint64_t status;

    if (!next_line(&rest, &line))
        return ERR_BUSY;
    part = str_split(&line, ' ');
    if (!parse_version(part, &h->minor))
        return error_set(err, ERR_INVALID, "malformed status line");
    part = str_split(&line, ' ');
    if (part.n != 3 || !str_to_u64(part, &status) || status < 100)
        return error_set(err, ERR_INVALID, "malformed status code");
    h->status = (int)status;
    h->reason = line.p != NULL ? line : STR_NONE;
    if (!is_field_text(h->reason))
        return error_set(err, ERR_INVALID, "control character in the status line");
    h->keep_alive = h->minor == 1;
    h->host = STR_NONE;
    TRY(parse_fields(h, &rest, &f, err));
    h->length = f.length;
    if (head_request || status < 200 || status == 204 || status == 304)
        h->body = HTTP_BODY_NONE;
    else if (f.chunked)
        h->body = HTTP_BODY_CHUNKED;
    else if (f.has_length)
        h->body = f.length > 0 ? HTTP_BODY_LENGTH : HTTP_BODY_NONE;
    else
        h->body = HTTP_BODY_TO_END;
    if (h->body == HTTP_BODY_TO_END)
        h->keep_alive = false;
    h->used = bytes.n - rest.n;
    return OK;
}

struct str http_header(const struct http_head *h, struct str name)
{
    for (size_t i = 0; i < h->count; i++)
        if (str_eq_nocase(h->headers[i].name, name))
            return h->headers[i].value;
    return STR_NONE;
}

bool http_list_has(struct str value, struct str token)
{
    while (value.p != NULL) {
        struct str item = str_split(&value, ',');

        item = str_trim(str_split(&item, ';'));
        if (str_eq_nocase(item, token))
            return true;
    }
    return false;
}

/* ---- chunked ---- */

/* Lines end with CRLF and nothing else (RFC 9112 7.1): a lone LF in a size line is read differently
 * by different servers, which is how requests are smuggled past one of them. */
enum {
    CHUNK_SIZE,      /* hexadecimal digits */
    CHUNK_EXTENSION, /* up to the end of the size line */
    CHUNK_SIZE_LF,
    CHUNK_DATA,
    CHUNK_DATA_CR,
    CHUNK_DATA_LF,
    CHUNK_TRAILER_START, /* at the beginning of a trailer line */
    CHUNK_TRAILER,
    CHUNK_TRAILER_LF,
    CHUNK_END_LF,
    CHUNK_DONE
};

#define CHUNK_EXTRA_MAX 8192

static int hex_digit(unsigned char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void end_of_size_line(struct http_chunks *d)
{
    d->state = d->left > 0 ? CHUNK_DATA : CHUNK_TRAILER_START;
    d->digits = 0;
}

/* One byte of framing. */
static int chunk_step(struct http_chunks *d, unsigned char c, struct error *err)
{
    int digit;

    switch (d->state) {
    case CHUNK_SIZE:
        digit = hex_digit(c);
        if (digit >= 0 && d->digits < 15) {
            d->left = d->left * 16 + (unsigned)digit;
            d->digits++;
            return OK;
        }
        if (digit >= 0 || d->digits == 0)
            break;
        if (c == '\r')
            d->state = CHUNK_SIZE_LF;
        else if (c == ';' || c == ' ' || c == '\t')
            d->state = CHUNK_EXTENSION;
        else
            break;
        return OK;
    case CHUNK_EXTENSION:
        if (c == '\r')
            d->state = CHUNK_SIZE_LF;
        else if ((c < 0x20 && c != '\t') || ++d->extra > CHUNK_EXTRA_MAX)
            break;
        return OK;
    case CHUNK_SIZE_LF:
        if (c != '\n')
            break;
        end_of_size_line(d);
        return OK;
    case CHUNK_DATA_CR:
        d->state = CHUNK_DATA_LF;
        if (c != '\r')
            break;
        return OK;
    case CHUNK_DATA_LF:
        d->state = CHUNK_SIZE;
        if (c != '\n')
            break;
        return OK;
    case CHUNK_TRAILER_START:
        d->state = c == '\r' ? CHUNK_END_LF : CHUNK_TRAILER;
        if (c == '\n' || ++d->extra > CHUNK_EXTRA_MAX)
            break;
        return OK;
    case CHUNK_TRAILER:
        if (c == '\r')
            d->state = CHUNK_TRAILER_LF;
        else if ((c < 0x20 && c != '\t') || ++d->extra > CHUNK_EXTRA_MAX)
            break;
        return OK;
    case CHUNK_TRAILER_LF:
        d->state = CHUNK_TRAILER_START;
        if (c != '\n')
            break;
        return OK;
    case CHUNK_END_LF:
        d->state = CHUNK_DONE;
        if (c != '\n')
            break;
        return OK;
    default:
        break;
    }
    return error_set(err, ERR_INVALID, "malformed chunked coding");
}

int http_chunks_next(struct http_chunks *d, struct str *in, struct str *piece, struct error *err)
{
    *piece = STR_NONE;
    while (in->n > 0 && !d->done) {
        if (d->state == CHUNK_DATA) {
            size_t n = in->n < d->left ? in->n : (size_t)d->left;

            *piece = str_of(in->p, n);
            *in = str_skip(*in, n);
            d->left -= n;
            if (d->left == 0)
                d->state = CHUNK_DATA_CR;
            return OK;
        }
        TRY(chunk_step(d, (unsigned char)*in->p, err));
        *in = str_skip(*in, 1);
        d->done = d->state == CHUNK_DONE;
    }
    return OK;
}

/* ---- small things ---- */

const char *http_reason(int status)
{
    static const struct {
        int status;
        const char *reason;
    } reasons[] = {
        {100, "Continue"},
        {200, "OK"},
        {202, "Accepted"},
        {204, "No Content"},
        {303, "See Other"},
        {304, "Not Modified"},
        {307, "Temporary Redirect"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {408, "Request Timeout"},
        {409, "Conflict"},
        {410, "Gone"},
        {413, "Content Too Large"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {502, "Bad Gateway"},
        {503, "Service Unavailable"},
        {504, "Gateway Timeout"},
    };

    for (size_t i = 0; i < ARRAY_LEN(reasons); i++)
        if (reasons[i].status == status)
            return reasons[i].reason;
    return "";
}

int http_url_parse(struct http_url *out, struct str url, struct error *err)
{
    struct http_url u = {0};
    struct str rest = url, port;
    size_t slash, at;
    uint64_t number;

    if (str_starts_nocase(rest, STR("http://")))
        rest = str_skip(rest, 7);
    else if (str_starts_nocase(rest, STR("https://")))
        u.tls = true, rest = str_skip(rest, 8);
    else
        return error_set(err, ERR_INVALID, "URL does not begin with http:// or https://");
    slash = str_find(rest, '/');
    at = str_find(rest, '?');
    slash = at < slash ? at : slash;
    u.authority = str_of(rest.p, slash);
    u.path = str_skip(rest, slash);
    u.port = u.tls ? 443 : 80;
    u.host = u.authority;
    port = STR_NONE;
    if (u.host.n > 0 && u.host.p[0] == '[') {
        size_t end = str_find(u.host, ']');

        if (end == u.host.n)
            return error_set(err, ERR_INVALID, "URL: ']' is missing");
        port = str_skip(u.host, end + 1);
        u.host = str_of(u.host.p + 1, end - 1);
        if (port.n > 0 && port.p[0] != ':')
            return error_set(err, ERR_INVALID, "URL: malformed host");
        port = str_skip(port, 1);
    } else if (str_find(u.host, ':') < u.host.n) {
        port = str_skip(u.host, str_find(u.host, ':') + 1);
        u.host.n = str_find(u.host, ':');
    }
    if (port.n > 0) {
        if (!str_to_u64(port, &number) || number == 0 || number > 65535)
            return error_set(err, ERR_INVALID, "URL: bad port");
        u.port = (uint16_t)number;
    }
    if (u.host.n == 0 || str_find(u.host, '@') < u.host.n || str_find(url, ' ') < url.n ||
        !is_field_text(url))
        return error_set(err, ERR_INVALID, "URL: malformed host");
    *out = u;
    return OK;
}
