/* SPDX-License-Identifier: Apache-2.0 */
/* origin.c - a coordinator that costs nearly nothing: the other end of `bench/run`.
 *
 * It speaks Trino's statement resources over HTTP/1.1 keep-alive, in one thread with one epoll set.
 * It keeps no statements: page size, page count, hold time and framing are written into the slug
 * of the URIs it hands out, so that every answer follows from the path alone and a URI may be asked
 * for any number of times. A statement may override the defaults of the command line by a comment:
 *     / *bench page=1048576 pages=3 hold=30000 chunked=1* /   (without the blanks)
 * Row text is made once at the start; a page is head + a slice of it + tail, sent by one sendmsg.
 *
 *     POST             -> queued/1        queued/1 -> queued/2        queued/2 -> executing/0
 *     executing/k      -> a page with data, nextUri executing/k+1     (k < pages; 0 is held)
 *     executing/pages  -> no data, no nextUri: the end
 *
 * GET /bench/stats tells what no proxy can know: open connections, requests now held, served.
 * The program needs nothing of Sleipnir, so it cannot be fast or slow with it. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum {
    IN_MAX = 16384,    /* request head */
    HEAD_MAX = 3072,   /* response head and the page up to its rows */
    TAIL_MAX = 1024,   /* stats, warnings, end */
    CHUNKS_MAX = 64,   /* frames of a chunked answer */
    CHUNK_MIN = 32768, /* as airlift's Jetty: 32 kB frames */
    PAGE_MAX = 16 << 20,
    ID_MAX = 40,
    EVENTS = 256
};

struct shape {
    unsigned page_bytes, pages, hold_ms, chunked;
};

/* What a request line turned out to ask for. */
struct statement {
    char id[ID_MAX];
    struct shape shape;
    bool executing;
    unsigned token;
};

struct conn {
    int fd;
    bool want_out, close_after, held;
    unsigned in_used;
    uint64_t body_left; /* request body still to be thrown away */
    bool post;          /* answer a POST when the body is in */
    unsigned note_used;
    char note[96]; /* the body's beginning: the comment */
    char host[96];
    struct statement st; /* of a held request */
    int64_t due_ms;
    struct conn *prev, *next; /* the list of held requests, by due time */
    char in[IN_MAX], head[HEAD_MAX], tail[TAIL_MAX], frame[24], middle[24], last_frame[24];
    struct iovec iov[2 * CHUNKS_MAX + 8];
    int iov_at, iov_count;
};

static struct shape defaults = {.page_bytes = 1024, .pages = 1};
static char *rows;         /* comma-separated rows of equal length */
static unsigned row_bytes; /* of one row with its comma */
static int epoll_fd;
static uint64_t statement_count, request_count, open_count, held_count;
static struct conn held_list = {.prev = &held_list, .next = &held_list};

static const char COLUMNS[] =
    "\"columns\":[{\"name\":\"k\",\"type\":\"bigint\",\"typeSignature\":{\"rawType\":\"bigint\","
    "\"arguments\":[]}},{\"name\":\"v\",\"type\":\"varchar\",\"typeSignature\":{\"rawType\":"
    "\"varchar\",\"arguments\":[{\"kind\":\"LONG\",\"value\":2147483647}]}}],";

static void die(const char *what)
{
    fprintf(stderr, "origin: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void make_rows(void)
{
    char row[64];
    unsigned count = 0;
    row_bytes = (unsigned)snprintf(row, sizeof(row), "[%07u,\"value-%07u\"],", 1000000u, 1000000u);
    count = PAGE_MAX / row_bytes + 1;
    rows = malloc((size_t)count * row_bytes + 1);
    if (rows == NULL)
        die("memory");
    for (unsigned i = 0; i < count; i++) {
        snprintf(row, sizeof(row), "[%07u,\"value-%07u\"],", 1000000 + i, 1000000 + i);
        memcpy(rows + (size_t)i * row_bytes, row, row_bytes);
    }
}

/* ---- shapes and slugs ------------------------------------------------------------------------ */

static uint64_t hash_text(const char *p, uint64_t h)
{
    for (; *p != '\0'; p++)
        h = (h ^ (unsigned char)*p) * 0x100000001b3u;
    return h;
}

/* 'y' + 40 hex digits as a coordinator's; the first 20 are the shape, the rest differs by token. */
static void print_slug(char *out, size_t n, const struct statement *st, bool executing,
                       unsigned token)
{
    uint64_t h = hash_text(st->id, 0xcbf29ce484222325u + token * 2 + executing);
    const struct shape *s = &st->shape;
    snprintf(out, n, "y%08x%04x%06x%02x%020llx", s->page_bytes, s->pages & 0xffff,
             s->hold_ms & 0xffffff, s->chunked & 1, (unsigned long long)h);
}

static bool parse_hex(const char *p, unsigned digits, unsigned *out)
{
    unsigned v = 0;
    for (unsigned i = 0; i < digits; i++) {
        int c = (unsigned char)p[i];
        int d = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
        if (d < 0)
            return false;
        v = v << 4 | (unsigned)d;
    }
    *out = v;
    return true;
}

static bool parse_slug(const char *p, struct shape *s)
{
    return p[0] == 'y' && parse_hex(p + 1, 8, &s->page_bytes) && parse_hex(p + 9, 4, &s->pages) &&
           parse_hex(p + 13, 6, &s->hold_ms) && parse_hex(p + 19, 2, &s->chunked) &&
           s->page_bytes <= PAGE_MAX;
}

static void shape_from_comment(struct shape *s, const char *note)
{
    const struct {
        const char *name;
        unsigned *value;
    } keys[] = {{" page=", &s->page_bytes},
                {" pages=", &s->pages},
                {" hold=", &s->hold_ms},
                {" chunked=", &s->chunked}};
    *s = defaults;
    if (strncmp(note, "/*bench ", 8) != 0)
        return;
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        const char *at = strstr(note, keys[i].name);
        if (at != NULL)
            *keys[i].value = (unsigned)strtoul(at + strlen(keys[i].name), NULL, 10);
    }
    if (s->page_bytes > PAGE_MAX)
        s->page_bytes = PAGE_MAX;
}

/* `/v1/statement/{queued|executing}/{id}/{slug}/{token}`; false when it is anything else. */
static bool parse_statement_path(const char *path, struct statement *st)
{
    const char *p = path + strlen("/v1/statement/");
    const char *slash;
    if (strncmp(p, "queued/", 7) == 0)
        st->executing = false, p += 7;
    else if (strncmp(p, "executing/", 10) == 0)
        st->executing = true, p += 10;
    else
        return false;
    slash = strchr(p, '/');
    if (slash == NULL || slash - p >= ID_MAX || strlen(slash) < 44)
        return false;
    memcpy(st->id, p, (size_t)(slash - p));
    st->id[slash - p] = '\0';
    if (!parse_slug(slash + 1, &st->shape) || slash[42] != '/')
        return false;
    st->token = (unsigned)strtoul(slash + 43, NULL, 10);
    return st->executing ? st->token <= st->shape.pages : st->token >= 1 && st->token <= 2;
}

static void new_statement(struct statement *st, const char *note)
{
    uint64_t n = statement_count++;
    snprintf(st->id, sizeof(st->id), "20261124_%06u_%05u_bench", (unsigned)(n / 100000 % 1000000),
             (unsigned)(n % 100000));
    shape_from_comment(&st->shape, note);
    st->executing = false;
    st->token = 0;
}

/* ---- answers --------------------------------------------------------------------------------- */

static void conn_close(struct conn *c)
{
    if (c->held) {
        c->prev->next = c->next;
        c->next->prev = c->prev;
        held_count--;
    }
    close(c->fd);
    open_count--;
    free(c);
}

static void set_interest(struct conn *c, bool out)
{
    struct epoll_event ev = {.events = (out ? EPOLLOUT : EPOLLIN) | EPOLLRDHUP, .data.ptr = c};
    if (c->want_out == out)
        return;
    c->want_out = out;
    if (epoll_ctl(epoll_fd, EPOLL_CTL_MOD, c->fd, &ev) != 0)
        die("epoll_ctl");
}

static void push(struct conn *c, const void *p, size_t n)
{
    c->iov[c->iov_count++] = (struct iovec){(void *)(uintptr_t)p, n};
}

/* Sends what is left; false when the connection is gone (and freed). */
static bool flush(struct conn *c)
{
    while (c->iov_at < c->iov_count) {
        struct msghdr m = {.msg_iov = c->iov + c->iov_at,
                           .msg_iovlen = (size_t)(c->iov_count - c->iov_at)};
        ssize_t n = sendmsg(c->fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN) {
            set_interest(c, true);
            return true;
        }
        if (n < 0) {
            conn_close(c);
            return false;
        }
        for (; c->iov_at < c->iov_count && (size_t)n >= c->iov[c->iov_at].iov_len; c->iov_at++)
            n -= (ssize_t)c->iov[c->iov_at].iov_len;
        if (c->iov_at < c->iov_count) {
            c->iov[c->iov_at].iov_base = (char *)c->iov[c->iov_at].iov_base + n;
            c->iov[c->iov_at].iov_len -= (size_t)n;
        }
    }
    c->iov_at = c->iov_count = 0;
    if (c->close_after) {
        conn_close(c);
        return false;
    }
    set_interest(c, false);
    return true;
}

static bool answer_plain(struct conn *c, const char *status, const char *type, const char *body,
                         bool with_body)
{
    int n = snprintf(c->head, HEAD_MAX,
                     "HTTP/1.1 %s\r\nContent-Type: %s\r\n"
                     "Content-Length: %zu\r\n\r\n%s",
                     status, type, strlen(body), with_body ? body : "");
    push(c, c->head, (size_t)n);
    return flush(c);
}

static bool answer_empty(struct conn *c, const char *status)
{
    int n = snprintf(c->head, HEAD_MAX, "HTTP/1.1 %s\r\n\r\n", status);
    push(c, c->head, (size_t)n);
    return flush(c);
}

static int print_tail(char *out, const struct statement *st, bool more)
{
    const char *state = !st->executing ? "QUEUED" : more ? "RUNNING" : "FINISHED";
    return snprintf(out, TAIL_MAX,
                    "\"stats\":{\"state\":\"%s\",\"queued\":%s,\"scheduled\":%s,%s\"nodes\":1,"
                    "\"totalSplits\":1,\"queuedSplits\":0,\"runningSplits\":0,"
                    "\"completedSplits\":1,\"planningTimeMillis\":4,\"analysisTimeMillis\":0,"
                    "\"cpuTimeMillis\":1,\"wallTimeMillis\":1,\"queuedTimeMillis\":1,"
                    "\"elapsedTimeMillis\":12,\"finishingTimeMillis\":0,"
                    "\"physicalInputTimeMillis\":0,\"processedRows\":%u,\"processedBytes\":%u,"
                    "\"physicalInputBytes\":0,\"physicalWrittenBytes\":0,"
                    "\"internalNetworkInputBytes\":0,\"peakMemoryBytes\":152,"
                    "\"spilledBytes\":0},\"warnings\":[]}",
                    state, st->executing ? "false" : "true", st->executing ? "true" : "false",
                    st->executing ? "\"progressPercentage\":100.0,\"runningPercentage\":0.0," : "",
                    st->token, st->token * 8);
}

/* The page's JSON up to the rows; nextUri stands where a coordinator puts it, before the data. */
static int print_page_head(char *out, size_t n, const struct conn *c, const struct statement *st,
                           bool more)
{
    char slug[48], next[256] = "";
    bool next_executing = st->executing || st->token == 2;
    unsigned token = st->executing || st->token < 2 ? st->token + 1 : 0;
    if (more) {
        print_slug(slug, sizeof(slug), st, next_executing, token);
        snprintf(next, sizeof(next), "\"nextUri\":\"http://%s/v1/statement/%s/%s/%s/%u\",", c->host,
                 next_executing ? "executing" : "queued", st->id, slug, token);
    }
    return snprintf(out, n, "{\"id\":\"%s\",\"infoUri\":\"http://%s/ui/query.html?%s\",%s%s",
                    st->id, c->host, st->id, next, st->executing ? COLUMNS : "");
}

static unsigned slice_bytes(const struct statement *st, int head, int tail)
{
    int fixed = head + tail + 10; /* "data":[], */
    unsigned want = st->shape.page_bytes;
    unsigned count = (int)want > fixed ? (want - (unsigned)fixed + row_bytes / 2) / row_bytes : 0;
    return (count > 0 ? count : 1) * row_bytes - 1; /* without the last comma */
}

/* Frames: one with the page's head and the first rows, whole ones, one with the rest and the tail.
 */
static void push_chunked(struct conn *c, size_t head, size_t json_at, size_t slice, size_t tail)
{
    size_t step = slice / (CHUNKS_MAX - 2) + 1;
    size_t whole = step > CHUNK_MIN ? step : CHUNK_MIN;
    size_t at = slice < whole ? slice : whole;
    int frame = snprintf(c->frame, sizeof(c->frame), "%zx\r\n", head - json_at + at);
    int middle = snprintf(c->middle, sizeof(c->middle), "\r\n%zx\r\n", whole);
    int last;
    push(c, c->head, json_at);
    push(c, c->frame, (size_t)frame);
    push(c, c->head + json_at, head - json_at);
    push(c, rows, at);
    for (; slice - at >= whole; at += whole) {
        push(c, c->middle, (size_t)middle);
        push(c, rows + at, whole);
    }
    last = snprintf(c->last_frame, sizeof(c->last_frame), "\r\n%zx\r\n", slice - at + tail);
    push(c, c->last_frame, (size_t)last);
    if (slice > at)
        push(c, rows + at, slice - at);
    push(c, c->tail, tail);
    push(c, "\r\n0\r\n\r\n", 7);
}

static bool answer_page(struct conn *c, const struct statement *st)
{
    static const char common[] = "HTTP/1.1 200 OK\r\nDate: Tue, 24 Nov 2026 12:00:00 GMT\r\n"
                                 "Vary: Accept-Encoding\r\nX-Content-Type-Options: nosniff\r\n"
                                 "Content-Type: application/json\r\n";
    char json[HEAD_MAX - 512];
    bool more = !st->executing || st->token < st->shape.pages;
    bool data = st->executing && more;
    int head = print_page_head(json, sizeof(json) - 16, c, st, more);
    int tail = print_tail(c->tail + 2, st, more) + 2;
    unsigned slice = data ? slice_bytes(st, head, tail) : 0;
    int at, n;
    memcpy(c->tail, "],", 2);
    if (data)
        head += snprintf(json + head, 16, "\"data\":[");
    const char *end = data ? c->tail : c->tail + 2;
    size_t end_bytes = (size_t)(data ? tail : tail - 2);
    if (st->shape.chunked && data) {
        at = snprintf(c->head, HEAD_MAX, "%sTransfer-Encoding: chunked\r\n\r\n", common);
        memcpy(c->head + at, json, (size_t)head);
        push_chunked(c, (size_t)at + (size_t)head, (size_t)at, slice, (size_t)tail);
        return flush(c);
    }
    n = snprintf(c->head, HEAD_MAX, "%sContent-Length: %zu\r\n\r\n", common,
                 (size_t)head + slice + end_bytes);
    memcpy(c->head + n, json, (size_t)head);
    push(c, c->head, (size_t)n + (size_t)head);
    if (slice > 0)
        push(c, rows, slice);
    push(c, end, end_bytes);
    return flush(c);
}

/* ---- held polls ------------------------------------------------------------------------------ */

static void hold(struct conn *c)
{
    struct conn *at = held_list.prev;
    c->due_ms = now_ms() + c->st.shape.hold_ms;
    while (at != &held_list && at->due_ms > c->due_ms)
        at = at->prev;
    c->prev = at;
    c->next = at->next;
    at->next->prev = c;
    at->next = c;
    c->held = true;
    held_count++;
}

static bool next_request(struct conn *c);

static int release_due(void)
{
    while (held_list.next != &held_list) {
        struct conn *c = held_list.next;
        int64_t left = c->due_ms - now_ms();
        if (left > 0)
            return left > 1000 ? 1000 : (int)left;
        held_list.next = c->next;
        c->next->prev = &held_list;
        c->held = false;
        held_count--;
        if (answer_page(c, &c->st) && c->iov_count == 0)
            next_request(c);
    }
    return -1;
}

/* ---- requests -------------------------------------------------------------------------------- */

static bool answer_stats(struct conn *c)
{
    char body[160];
    snprintf(body, sizeof(body),
             "{\"connections\":%llu,\"held\":%llu,\"requests\":%llu,\"statements\":%llu}",
             (unsigned long long)open_count, (unsigned long long)held_count,
             (unsigned long long)request_count, (unsigned long long)statement_count);
    return answer_plain(c, "200 OK", "application/json", body, true);
}

static bool answer_get(struct conn *c, const char *path, bool head_only)
{
    static const char info[] = "{\"nodeVersion\":{\"version\":\"476\"},\"environment\":\"bench\","
                               "\"coordinator\":true,\"starting\":false,\"uptime\":\"1.00m\"}";
    if (strncmp(path, "/v1/statement/", 14) == 0 && parse_statement_path(path, &c->st)) {
        if (head_only)
            return answer_plain(c, "200 OK", "application/json", "", false);
        if (c->st.executing && c->st.token == 0 && c->st.shape.hold_ms > 0) {
            hold(c);
            return true;
        }
        return answer_page(c, &c->st);
    }
    if (strcmp(path, "/v1/info") == 0)
        return answer_plain(c, "200 OK", "application/json", info, !head_only);
    if (strcmp(path, "/v1/info/state") == 0)
        return answer_plain(c, "200 OK", "application/json", "\"ACTIVE\"", !head_only);
    if (strcmp(path, "/v1/statement") == 0 && head_only)
        return answer_plain(c, "200 OK", "text/plain", "", false);
    if (strcmp(path, "/bench/stats") == 0)
        return answer_stats(c);
    return answer_plain(c, "404 Not Found", "text/plain", "Query not found", !head_only);
}

static bool answer_post(struct conn *c)
{
    struct statement st = {0};
    c->post = false;
    c->note[c->note_used] = '\0';
    new_statement(&st, c->note);
    return answer_page(c, &st);
}

/* The value of header `name` ("\r\nName:") in a NUL-terminated head, or NULL. */
static const char *find_header(const char *head, const char *name)
{
    const char *p = strcasestr(head, name);
    if (p == NULL)
        return NULL;
    p += strlen(name);
    return p + strspn(p, " \t");
}

static void take_body(struct conn *c, const char *p, size_t n)
{
    size_t room = sizeof(c->note) - 1 - c->note_used;
    memcpy(c->note + c->note_used, p, n < room ? n : room);
    c->note_used += (unsigned)(n < room ? n : room);
    c->body_left -= n;
}

/* One request whose head is `head` (terminated). False when the connection is gone. */
static bool on_request(struct conn *c, char *head)
{
    const char *host = find_header(head, "\r\nHost:");
    const char *length = find_header(head, "\r\nContent-Length:");
    const char *connection = find_header(head, "\r\nConnection:");
    char *path = strchr(head, ' ');
    char *end = path != NULL ? strchr(path + 1, ' ') : NULL;
    if (end == NULL || find_header(head, "\r\nTransfer-Encoding:") != NULL) {
        c->close_after = true;
        return answer_plain(c, "411 Length Required", "text/plain", "no chunked bodies here", true);
    }
    size_t host_bytes = host != NULL ? strcspn(host, "\r") : 0;
    if (host_bytes >= sizeof(c->host))
        host_bytes = sizeof(c->host) - 1;
    memcpy(c->host, host != NULL ? host : "", host_bytes);
    c->host[host_bytes] = '\0';
    c->close_after = connection != NULL && strncasecmp(connection, "close", 5) == 0;
    c->body_left = length != NULL ? strtoull(length, NULL, 10) : 0;
    c->note_used = 0;
    *end = '\0';
    request_count++;
    if (strncmp(head, "POST /v1/statement", 18) == 0) {
        c->post = true;
        return c->body_left > 0 || answer_post(c);
    }
    if (strncmp(head, "GET ", 4) == 0 || strncmp(head, "HEAD ", 5) == 0)
        return answer_get(c, path + 1, head[0] == 'H');
    if (strncmp(head, "DELETE ", 7) == 0)
        return answer_empty(c, "204 No Content");
    return answer_plain(c, "405 Method Not Allowed", "text/plain", "", true);
}

/* Serves what stands in the buffer until it must wait. False when the connection is gone. */
static bool next_request(struct conn *c)
{
    while (c->in_used > 0 && c->iov_count == 0 && !c->held) {
        if (c->body_left > 0) {
            size_t n = c->in_used < c->body_left ? c->in_used : (size_t)c->body_left;
            take_body(c, c->in, n);
            memmove(c->in, c->in + n, c->in_used -= (unsigned)n);
            if (c->body_left == 0 && c->post && !answer_post(c))
                return false;
            continue;
        }
        char *end = memmem(c->in, c->in_used, "\r\n\r\n", 4);
        if (end == NULL) {
            if (c->in_used < IN_MAX)
                return true;
            conn_close(c);
            return false;
        }
        size_t n = (size_t)(end + 4 - c->in);
        end[2] = '\0'; /* keeps the last header's CRLF */
        if (!on_request(c, c->in))
            return false;
        memmove(c->in, c->in + n, c->in_used -= (unsigned)n);
    }
    return true;
}

/* Reads into the buffer; big bodies are dropped in bulk except for their last byte. */
static ssize_t read_some(struct conn *c)
{
    static char bulk[262144];
    size_t want = c->body_left < sizeof(bulk) ? (size_t)c->body_left - 1 : sizeof(bulk);
    ssize_t n;
    if (c->body_left <= IN_MAX || c->in_used > 0) {
        n = recv(c->fd, c->in + c->in_used, IN_MAX - c->in_used, MSG_DONTWAIT);
        if (n > 0)
            c->in_used += (unsigned)n;
        return n;
    }
    n = recv(c->fd, bulk, want, MSG_DONTWAIT);
    if (n > 0)
        take_body(c, bulk, (size_t)n);
    return n;
}

static void on_event(struct conn *c, uint32_t events)
{
    if (c->want_out && (events & EPOLLOUT)) {
        if (!flush(c) || c->iov_count > 0 || !next_request(c))
            return;
    }
    if ((c->held || c->want_out) && (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))) {
        conn_close(c);
        return;
    }
    if (c->held || c->want_out)
        return;
    ssize_t n = read_some(c);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        conn_close(c);
        return;
    }
    next_request(c);
}

static void on_accept(int listen_fd)
{
    int fd, on = 1;
    while ((fd = accept4(listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        struct conn *c = malloc(sizeof(*c)); /* not zeroed: its buffers stay untouched pages */
        struct epoll_event ev = {.events = EPOLLIN | EPOLLRDHUP, .data.ptr = c};
        if (c == NULL)
            die("memory");
        memset(c, 0, offsetof(struct conn, in));
        c->iov_at = c->iov_count = 0;
        c->fd = fd;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &ev) != 0)
            die("epoll_ctl");
        open_count++;
    }
    if (errno != EAGAIN && errno != ECONNABORTED && errno != EINTR)
        die("accept");
}

static int listen_on(unsigned port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    struct epoll_event ev = {.events = EPOLLIN, .data.ptr = NULL};
    socklen_t n = sizeof(a);
    int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(fd, (struct sockaddr *)&a, sizeof(a)) != 0 || listen(fd, 4096) != 0)
        die("listen");
    if (getsockname(fd, (struct sockaddr *)&a, &n) != 0)
        die("getsockname");
    if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &ev) != 0)
        die("epoll_ctl");
    printf("{\"port\":%u}\n", ntohs(a.sin_port));
    fflush(stdout);
    return fd;
}

static void parse_options(int argc, char **argv, unsigned *port)
{
    const struct {
        const char *name;
        unsigned *value;
    } options[] = {{"--port", port},
                   {"--page", &defaults.page_bytes},
                   {"--pages", &defaults.pages},
                   {"--hold-ms", &defaults.hold_ms},
                   {"--chunked", &defaults.chunked}};
    for (int i = 1; i < argc; i += 2) {
        bool known = false;
        for (size_t k = 0; k < sizeof(options) / sizeof(options[0]) && i + 1 < argc; k++)
            if (strcmp(argv[i], options[k].name) == 0) {
                *options[k].value = (unsigned)strtoul(argv[i + 1], NULL, 10);
                known = true;
            }
        if (!known) {
            fprintf(stderr, "usage: origin [--port N] [--page BYTES] [--pages N] [--hold-ms N] "
                            "[--chunked 0|1]\n");
            exit(2);
        }
    }
}

static void raise_file_limit(void)
{
    struct rlimit r;
    if (getrlimit(RLIMIT_NOFILE, &r) == 0) {
        r.rlim_cur = r.rlim_max;
        setrlimit(RLIMIT_NOFILE, &r);
    }
}

int main(int argc, char **argv)
{
    unsigned port = 0;
    struct epoll_event events[EVENTS];
    int listen_fd;
    parse_options(argc, argv, &port);
    signal(SIGPIPE, SIG_IGN);
    raise_file_limit();
    make_rows();
    if ((epoll_fd = epoll_create1(EPOLL_CLOEXEC)) < 0)
        die("epoll_create1");
    listen_fd = listen_on(port);
    for (;;) {
        int n = epoll_wait(epoll_fd, events, EVENTS, release_due());
        for (int i = 0; i < n; i++) {
            if (events[i].data.ptr == NULL)
                on_accept(listen_fd);
            else
                on_event(events[i].data.ptr, events[i].events);
        }
    }
}
