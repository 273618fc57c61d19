/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_ticket.c - foreign bytes never open; what is sealed opens to the same, and no longer once a
 * character is changed or the id is another. The first byte says which: 0 = the rest is ticket
 * text, else it is sealed as the backend (its first bytes) and the path, then spoiled at that
 * place. */
#include "base/mem.h"
#include "protocol/ticket.h"

#include <stdlib.h>

#define NOW 1700000000000
#define TTL 3600000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static struct ticket_box *the_box(void)
{
    static struct ticket_box *box;
    static const unsigned char keys[2][TICKET_KEY_BYTES] = {"one", "two"};

    if (box == NULL && ticket_box_new(&box, keys, 2, TTL, NULL) != OK)
        abort();
    return box;
}

static void check_same(const struct ticket *t, struct str text, struct str id)
{
    struct ticket back;

    if (ticket_open(the_box(), text, id, NOW + TTL - 1, &back, NULL) != OK)
        abort();
    if (back.kind != t->kind || back.client != t->client || back.cluster != t->cluster ||
        back.capabilities != t->capabilities || !str_eq(back.backend, t->backend) ||
        !str_eq(back.path, t->path))
        abort();
    if (ticket_open(the_box(), text, STR("other"), NOW, &back, NULL) == OK ||
        ticket_open(the_box(), text, id, NOW + 2 * TTL, &back, NULL) == OK)
        abort();
}

static void check_spoiled(struct buf *text, struct str id, unsigned at)
{
    struct ticket back;
    char *c = &text->p[at % text->n];

    *c = *c == 'A' ? 'B' : 'A';
    if (ticket_open(the_box(), buf_str(text), id, NOW, &back, NULL) == OK)
        abort();
}

static void fuzz_seal(unsigned at, struct str bytes)
{
    struct buf text = buf_make(1 << 16);
    struct str id = str_of(bytes.p, bytes.n < 5 ? bytes.n : 5);
    struct ticket t = {.kind = (enum ticket_kind)(at & 7), .capabilities = at};

    bytes = str_skip(bytes, 5);
    t.backend = str_of(bytes.p, bytes.n < at % 64 ? bytes.n : at % 64);
    t.path = str_skip(bytes, t.backend.n);
    ticket_seal(the_box(), &t, id, NOW, &text);
    if (text.overflow != (t.path.n > TICKET_PATH_MAX))
        abort();
    if (!text.overflow) {
        check_same(&t, buf_str(&text), id);
        check_spoiled(&text, id, at * 7);
    }
    buf_reset(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct ticket back;
    struct str rest = str_skip(str_of((const char *)data, n), 1);

    if (n == 0)
        return 0;
    if (data[0] != 0)
        fuzz_seal(data[0], rest);
    else if (ticket_open(the_box(), rest, STR("id"), NOW, &back, NULL) == OK)
        abort(); /* a forgery */
    return 0;
}
