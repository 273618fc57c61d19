/* SPDX-License-Identifier: Apache-2.0 */
/* print_layout.c - lines and indentation of the pretty form.
 *
 * The printer leaves one long text and, in order of their places in it, the breaks and the ends of
 * groups. One pass backwards measures each group and the way from each break to the next; one pass
 * forwards writes. Both are linear in text and breaks; no recursion. */
#include "sql/printer.h"

#define WIDTH 96
#define STEP 4
#define BREAKS_FIRST 256
#define ENDLESS UINT32_MAX /* of a group that must break */

enum break_kind { BREAK_LINE, BREAK_SOFT, BREAK_FILL, GROUP_OPEN, GROUP_CLOSE };

struct print_break {
    uint8_t kind;
    uint8_t indent; /* steps; GROUP_OPEN: 1 if it must break */
    size_t at;      /* in the text */
    uint32_t size;  /* of the group; of what follows a break, up to the next one around it */
};

static void note(struct printer *p, enum break_kind kind, unsigned indent)
{
    if (p->break_count == p->break_cap) {
        size_t cap = p->break_cap == 0 ? BREAKS_FIRST : p->break_cap * 2;
        struct print_break *more = arena_alloc(&p->arena, cap * sizeof(*more));

        if (p->break_count > 0)
            memcpy(more, p->breaks, p->break_count * sizeof(*more));
        p->breaks = more;
        p->break_cap = cap;
    }
    p->breaks[p->break_count++] =
        (struct print_break){.kind = (uint8_t)kind, .indent = (uint8_t)indent, .at = p->out->n};
}

static void break_here(struct printer *p, enum break_kind kind, unsigned indent)
{
    if (p->pretty)
        note(p, kind, indent);
    p->gap = !p->pretty && kind != BREAK_SOFT;
}

void line(struct printer *p, unsigned indent)
{
    break_here(p, BREAK_LINE, indent);
}

void soft(struct printer *p, unsigned indent)
{
    break_here(p, BREAK_SOFT, indent);
}

void fill(struct printer *p, unsigned indent)
{
    break_here(p, BREAK_FILL, indent);
}

void open_group(struct printer *p, bool force)
{
    if (p->pretty)
        note(p, GROUP_OPEN, force ? 1 : 0);
}

void close_group(struct printer *p)
{
    if (p->pretty)
        note(p, GROUP_CLOSE, 0);
}

/* Open groups, innermost last. */
struct group {
    uint64_t end;    /* backwards: width of the text from its end to the text's end */
    uint64_t next;   /* backwards: the same of the next break in it */
    uint32_t indent; /* forwards */
    bool broken;
};

struct groups {
    struct group *at;
    size_t n, cap;
    struct arena *arena;
};

static struct group *push(struct groups *g)
{
    if (g->n == g->cap) {
        size_t cap = g->cap == 0 ? 64 : g->cap * 2;
        struct group *more = arena_alloc(g->arena, cap * sizeof(*more));

        if (g->n > 0)
            memcpy(more, g->at, g->n * sizeof(*more));
        g->at = more;
        g->cap = cap;
    }
    return memset(&g->at[g->n++], 0, sizeof(*g->at));
}

static uint32_t clipped(uint64_t size)
{
    return size > INT32_MAX ? INT32_MAX : (uint32_t)size;
}

/* `width` is that of all text and blanks behind the break. */
static void measure_one(struct groups *g, struct print_break *b, uint64_t width)
{
    struct group *top = &g->at[g->n - 1];

    switch (b->kind) {
    case GROUP_CLOSE:
        top = push(g);
        top->end = top->next = width;
        return;
    case GROUP_OPEN:
        b->size = b->indent != 0 || top->broken ? ENDLESS : clipped(width - top->end);
        g->n--;
        g->at[g->n - 1].broken |= b->size == ENDLESS;
        return;
    default:
        b->size = clipped(width - top->next);
        top->next = width;
    }
}

static void measure(struct print_break *breaks, size_t n, size_t text_n, struct arena *a)
{
    struct groups g = {.arena = a};
    uint64_t blanks = 0;

    push(&g); /* around all others */
    for (size_t i = n; i-- > 0;) {
        measure_one(&g, &breaks[i], text_n - breaks[i].at + blanks);
        blanks += breaks[i].kind == BREAK_LINE || breaks[i].kind == BREAK_FILL;
    }
}

struct layout {
    struct buf *out;
    struct groups groups;
    uint32_t column, indent; /* indent: steps of the line being written */
};

static void end_line(struct layout *l, uint32_t indent)
{
    buf_put_c(l->out, '\n');
    for (uint32_t i = 0; i < indent * STEP; i++)
        buf_put_c(l->out, ' ');
    l->column = indent * STEP;
    l->indent = indent;
}

static bool fits(const struct layout *l, uint32_t size)
{
    return size <= WIDTH && l->column + size <= WIDTH;
}

static void open_one(struct layout *l, const struct print_break *b)
{
    bool inside = l->groups.n > 0, flat = inside && !l->groups.at[l->groups.n - 1].broken;
    struct group *top = push(&l->groups);

    top->indent = l->indent;
    top->broken = !flat && !fits(l, b->size);
}

static void write_break(struct layout *l, const struct print_break *b)
{
    const struct group *top = l->groups.n > 0 ? &l->groups.at[l->groups.n - 1] : NULL;

    if (b->kind == GROUP_OPEN) {
        open_one(l, b);
    } else if (b->kind == GROUP_CLOSE) {
        l->groups.n--;
    } else if (top != NULL && top->broken && (b->kind != BREAK_FILL || !fits(l, b->size + 1))) {
        end_line(l, top->indent + b->indent);
    } else if (b->kind != BREAK_SOFT) {
        buf_put_c(l->out, ' ');
        l->column++;
    }
}

/* Columns are counted in bytes, and from the last line end of a text that holds one. */
static void write_text(struct layout *l, struct str text)
{
    const char *newline = text.n > 0 ? memrchr(text.p, '\n', text.n) : NULL;

    buf_put_str(l->out, text);
    if (newline != NULL)
        l->column = clipped((size_t)(text.p + text.n - newline - 1));
    else
        l->column += clipped(text.n);
}

void print_layout(struct buf *out, const struct printer *p, struct str text)
{
    struct arena scratch = {0};
    struct layout l = {.out = out, .groups.arena = &scratch};
    size_t done = 0;

    measure(p->breaks, p->break_count, text.n, &scratch);
    for (size_t i = 0; i < p->break_count; i++) {
        const struct print_break *b = &p->breaks[i];

        write_text(&l, str_of(text.p + done, b->at - done));
        done = b->at;
        write_break(&l, b);
    }
    write_text(&l, str_skip(text, done));
    arena_reset(&scratch);
}
