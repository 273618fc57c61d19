/* SPDX-License-Identifier: Apache-2.0 */
/* parse.h - what the files of the parser share; included by sql/parse*.c alone.
 *
 * DESIGN. Recursive descent over the token array, with precedence climbing for expressions. One
 * function a production, named after it: parse_<production>(p) reads it and returns its node.
 *
 * Errors are sticky: the first failed expect() makes the parser stand before an end of text for
 * good, so that every loop ends and no caller has to check anything; nodes built after that may
 * have holes and are thrown away, and so functions may return NULL then. No setjmp, no return
 * codes, no cleanup.
 *
 * Messages: the coordinators name what they would have accepted at the furthest token reached. A
 * statement that failed is therefore parsed a second time with `expected` switched on: then every
 * at(), accept() and expect() at the furthest token so far notes what it asked for. Productions
 * that the coordinators name as a whole (<expression>, <identifier>, <query>, <string>, <type>,
 * <predicate>, <integer>) open with name_open() and close with name_close(): in between, the name
 * alone is noted for the token where the production began. Code that decides by peek() says what
 * it would have liked with wish().
 *
 * The coordinators check some things only when the whole statement was read; such errors are
 * raised with refuse_at() and yield to any error of syntax.
 *
 * Where the grammar needs more than a glance ahead, the likelier reading is tried and, when it
 * fails, taken back (try_open(), try_close()); what failed once at a token is remembered, so that
 * nested tries cost no more than the square of the nesting, and what is given back in all is
 * bounded: time stays linear in the text. */
#ifndef SQL_PARSE_H
#define SQL_PARSE_H

#include "sql/sql.h"
#include "sql/tree.h"

struct expected; /* sql/parse_error.c: the furthest token and what was asked for there */

struct parser {
    const struct sql_token *token; /* the one to be read next */
    struct expected *expected;     /* NULL in the first pass */
    char *chunk, *chunk_end;       /* where nodes are cut from */
    bool trino;                    /* dialect, for short */
    bool failed;
    bool limited; /* failed for a limit */
    uint32_t depth, depth_max;
    uint32_t parameter_count;
    /* list under construction: a stack of nodes, see list_begin() */
    struct sql_node **pending;
    uint32_t pending_count, pending_cap;
    const struct sql_token *tokens, *eof;
    const struct sql_token *star; /* where a select item starts, which may end in .* */
    bool star_body; /* in the body of a lambda that the item starts with: .* is the lambda's */
    const struct sql_token *star_end; /* behind the first primary of the last select item */
    const struct sql_token *wide;     /* see wide_open() */
    struct str text;
    struct arena *arena;
    enum dialect dialect;
    const struct sql_token *failed_at; /* where the usual words are to be said */
    struct sql_error *error;
    struct sql_error refused; /* the first error of refuse_at() */
    struct sql_error held;    /* see fail_name() */
    bool failed_name;         /* by fail_name() */
    uint32_t soft;            /* how many soft_open() are open */
    uint64_t *failed_tries;   /* a bit for each token, or NULL */
    uint64_t reread;          /* tokens that tries read and gave back */
    bool no_and;              /* a BETWEEN wants the next AND, outside of brackets */
    bool body_no_and;         /* the same for the lambda body that comes */
};

#define UNLIKELY(x) __builtin_expect(!!(x), 0)

/* -- tokens */

/* Notes that `kind` would be welcome at the next token. */
void note_expected(struct parser *p, enum sql_token_kind kind);
static inline void wish(struct parser *p, enum sql_token_kind kind)
{
    if (UNLIKELY(p->expected != NULL))
        note_expected(p, kind);
}

/* Whether the next token is `kind`. */
static inline bool at(struct parser *p, enum sql_token_kind kind)
{
    wish(p, kind);
    return p->token->kind == kind;
}

/* The kind of a token ahead, 0 is the next one; notes nothing for messages. Up to 7. */
static inline enum sql_token_kind peek(const struct parser *p, uint32_t ahead)
{
    return p->token[ahead].kind;
}

/* Reads the token if it is `kind`. */
static inline bool accept(struct parser *p, enum sql_token_kind kind)
{
    if (!at(p, kind))
        return false;
    p->token++;
    return true;
}

/* Fails at the next token in the usual words: mismatched input 'x'. Expecting: ... */
void fail_here(struct parser *p);

/* Reads `kind` or fails. */
static inline void expect(struct parser *p, enum sql_token_kind kind)
{
    if (!accept(p, kind))
        fail_here(p);
}

/* Reads `first second` if both are there, else nothing. */
bool accept_two(struct parser *p, enum sql_token_kind first, enum sql_token_kind second);
/* Reads one of these, ended by SQL_T_NONE, and returns it; SQL_T_NONE if none is there. */
enum sql_token_kind accept_any(struct parser *p, const enum sql_token_kind *kinds);
enum sql_token_kind expect_any(struct parser *p, const enum sql_token_kind *kinds);
/* Reads all of these, ended by SQL_T_NONE, or fails. */
void expect_all(struct parser *p, const enum sql_token_kind *kinds);
#define KINDS(...)                                                                                 \
    (const enum sql_token_kind[])                                                                  \
    {                                                                                              \
        __VA_ARGS__, SQL_T_NONE                                                                    \
    }
/* Fails with a message of its own, at a token. */
void fail_at(struct parser *p, const struct sql_token *t, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* The same for what the coordinators refuse of a name as soon as they have read it. Within a first
 * primary (see `wide`) and where soft_open() says so they look at all tokens before they read any:
 * the error is held back until then. */
void fail_name(struct parser *p, const struct sql_token *t, const char *message);
void fail_held(struct parser *p); /* with what fail_name() held back */
/* An error that counts only if the statement has no other; `t` NULL: at the text's begin. */
void refuse_at(struct parser *p, const struct sql_token *t, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* See above; `name` is one of enum expected_name. */
enum expected_name {
    EXPECT_EXPRESSION,
    EXPECT_IDENTIFIER,
    EXPECT_INTEGER,
    EXPECT_PREDICATE,
    EXPECT_QUERY,
    EXPECT_STRING,
    EXPECT_TYPE,
    EXPECT_NAME_COUNT
};
void note_name(struct parser *p, enum expected_name name);
void forget_name(struct parser *p);
static inline void name_open(struct parser *p, enum expected_name name)
{
    if (UNLIKELY(p->expected != NULL))
        note_name(p, name);
}
static inline void name_close(struct parser *p)
{
    if (UNLIKELY(p->expected != NULL))
        forget_name(p);
}

/* One more level of nesting; false (and failed) beyond the limit. leave() undoes it always. */
void fail_depth(struct parser *p);
static inline bool enter(struct parser *p)
{
    if (++p->depth <= p->depth_max)
        return !p->failed;
    fail_depth(p);
    return false;
}
static inline void leave(struct parser *p)
{
    p->depth--;
}

/* -- trying
 *
 *     struct attempt t;
 *     if (try_open(p, &t)) {
 *         n = parse_one_reading(p);
 *         if (try_close(p, &t, at(p, SQL_W_FROM)))
 *             return n;
 *     }
 *     ... the other reading, from where the first began */
struct attempt {
    const struct sql_token *token;
    uint32_t depth, pending_count, parameter_count;
    bool no_and;
    struct sql_error refused;
    struct sql_error error;
    const struct sql_token *failed_at;
    bool failed;
};
/* False when this reading has failed at the next token before. */
bool try_open(struct parser *p, struct attempt *t);
/* Keeps what was read and returns true if `good` and nothing failed, else takes it back. */
bool try_close(struct parser *p, const struct attempt *t, bool good);

/* The coordinators take an optional clause back that fails before it could be told from what else
 * might follow, and complain at its first token. In the second pass alone: opens a try (false in
 * the first pass), and closes it; when false, nothing of the clause was read. */
bool soft_open(struct parser *p, struct attempt *t);
bool soft_close(struct parser *p, const struct attempt *t);
/* Where the coordinators have to look ahead to tell one production from another they see errors
 * before they read anything: from wide_open() to wide_close() names are not refused, and what
 * begins like a clause is one. Returns what wide_close() wants. */
static inline const struct sql_token *wide_open(struct parser *p)
{
    const struct sql_token *outer = p->wide;

    if (outer == NULL)
        p->wide = p->token;
    return outer;
}
static inline void wide_close(struct parser *p, const struct sql_token *outer)
{
    p->wide = outer;
    if (UNLIKELY(p->held.line != 0))
        fail_held(p);
}

/* Forgets what was welcome at the next token so far. */
void ask_anew(struct parser *p);

/* -- nodes */

/* How many slots a kind has. */
static const uint8_t node_slots[SQL_KIND_COUNT] = {
#define NODE(kind, name, shape, ...) sizeof(shape) - 1,
#include "sql/nodes.def"
#undef NODE
};

void refill_chunk(struct parser *p, size_t n);

static inline struct sql_node *new_node(struct parser *p, enum sql_kind kind, uint32_t count)
{
    size_t n = sizeof(struct sql_node) + count * sizeof(struct sql_node *);
    struct sql_node *node;

    if (UNLIKELY((size_t)(p->chunk_end - p->chunk) < n))
        refill_chunk(p, n);
    node = (struct sql_node *)(void *)p->chunk;
    p->chunk += n;
    memset(node, 0, sizeof(struct sql_node) + count * sizeof(struct sql_node *));
    node->kind = (uint16_t)kind;
    node->count = count;
    return node;
}

/* A node with all its slots NULL, that starts at the next token. */
static inline struct sql_node *open_node(struct parser *p, enum sql_kind kind)
{
    struct sql_node *n = new_node(p, kind, node_slots[kind]);

    n->start = p->token->start;
    return n;
}

/* ... that starts where `first` does: for postfix and infix operators. */
static inline struct sql_node *open_node_at(struct parser *p, enum sql_kind kind,
                                            const struct sql_node *first)
{
    struct sql_node *n = new_node(p, kind, node_slots[kind]);

    n->start = first != NULL ? first->start : p->token->start;
    return n;
}

/* Sets the end to that of the last token read, and returns the node. */
static inline struct sql_node *close_node(struct parser *p, struct sql_node *n)
{
    n->end = p->token > p->tokens ? p->token[-1].end : 0;
    if (n->start > n->end) /* nothing was read */
        n->start = n->end;
    return n;
}

/* Lists: `uint32_t mark = list_begin(p); list_add(p, x); ... list_end(p, mark)`. NULL is not
 * added. */
static inline uint32_t list_begin(const struct parser *p)
{
    return p->pending_count;
}
void grow_pending(struct parser *p);
static inline void list_add(struct parser *p, struct sql_node *n)
{
    if (UNLIKELY(p->pending_count == p->pending_cap))
        grow_pending(p);
    p->pending[p->pending_count] = n;
    p->pending_count += n != NULL;
}
struct sql_node *list_end(struct parser *p, uint32_t mark);
/* The same with another kind that has any number of children: SQL_NAME. */
struct sql_node *list_end_as(struct parser *p, uint32_t mark, enum sql_kind kind);
/* item (',' item)* */
struct sql_node *comma_list(struct parser *p, struct sql_node *(*item)(struct parser *p));
/* '(' item (',' item)* ')' */
struct sql_node *paren_list(struct parser *p, struct sql_node *(*item)(struct parser *p));

/* -- productions that more than one file needs */

struct sql_node *parse_statement(struct parser *p);           /* parse_statement.c */
struct sql_node *parse_root_query(struct parser *p);          /* parse_query.c: with functions */
struct sql_node *parse_query(struct parser *p);               /* parse_query.c */
struct sql_node *parse_query_specification(struct parser *p); /* parse_query.c: SELECT alone */
struct sql_node *parse_order_by(struct parser *p);       /* parse_query.c: ORDER BY list or NULL */
struct sql_node *parse_sort_item(struct parser *p);      /* parse_query.c */
struct sql_node *parse_relation(struct parser *p);       /* parse_relation.c */
struct sql_node *parse_table_name(struct parser *p);     /* parse_relation.c: TABLE */
struct sql_node *parse_column_aliases(struct parser *p); /* parse_name.c: '(' a, b ')' */
struct sql_node *parse_expression(struct parser *p);     /* parse_expression.c */
struct sql_node *parse_value(struct parser *p);          /* parse_expression.c: valueExpression */
struct sql_node *parse_type(struct parser *p);           /* parse_type.c */
struct sql_node *parse_identifier(struct parser *p);     /* parse_name.c */
struct sql_node *parse_qualified_name(struct parser *p); /* parse_name.c */
struct sql_node *parse_string(struct parser *p);         /* parse_literal.c */
struct sql_node *parse_integer(struct parser *p);        /* parse_literal.c */
struct sql_node *parse_interval(struct parser *p);       /* parse_literal.c */
struct sql_node *parse_function_spec(struct parser *p);  /* parse_routine.c: FUNCTION f(...) ... */
struct sql_node *parse_properties(struct parser *p);     /* parse_property.c: '(' a = x, ... ')' */
struct sql_node *parse_property_list(struct parser *p);  /* parse_property.c: a = x, ... */

/* Whether a token can be an identifier, without notes for messages; parse_name.c. */
bool is_identifier(const struct parser *p, uint32_t ahead);
/* Whether an identifier comes, and <identifier> is welcome. */
bool at_identifier(struct parser *p);
/* Whether a query comes: at '(', behind any number of '(', or at its first word. parse_query.c */
bool is_query_start(const struct parser *p, uint32_t ahead);

#endif
