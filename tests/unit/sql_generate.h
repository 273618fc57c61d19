/* SPDX-License-Identifier: Apache-2.0 */
/* sql_generate.h - random trees of valid statements, from the table of sql_generate_rules.h. */
#ifndef TESTS_UNIT_SQL_GENERATE_H
#define TESTS_UNIT_SQL_GENERATE_H

#include "sql/token.h"
#include "sql/tree.h"
#include "tests/unit/sql_generate_rules.h"

struct generator {
    uint64_t state;
    enum dialect dialect;
    struct arena *arena;
    uint64_t parameters;
    uint32_t seen[SQL_KIND_COUNT];
};

/* -- the generator */

static uint32_t generate_number(struct generator *g, uint32_t below)
{
    g->state ^= g->state << 13;
    g->state ^= g->state >> 7;
    g->state ^= g->state << 17;
    return (uint32_t)(g->state >> 33) % below;
}

static struct sql_node *generate(struct generator *g, char category, int depth);

static struct str generate_pick(struct generator *g, const char *const *texts, uint32_t n)
{
    return str_c(texts[generate_number(g, n)]);
}

/* A word of the grammar as an identifier; not those that mean something else in a place of the
 * table: as a type, a function, a role, a privilege. */
static struct str generate_keyword(struct generator *g)
{
    static const uint16_t excepted[] = {
        SQL_W_TIME,          SQL_W_TIMESTAMP,   SQL_W_IF,       SQL_W_NULLIF,       SQL_W_NONE,
        SQL_W_UPDATE,        SQL_W_DOUBLE,      SQL_W_INTERVAL, SQL_W_CREATE,       SQL_W_ALL,
        SQL_W_SCHEMA,        SQL_W_FORMAT,      SQL_W_FINAL,    SQL_W_RUNNING,      SQL_W_ROW,
        SQL_W_ARRAY,         SQL_W_VIEW,        SQL_W_VALUE,    SQL_W_CURRENT_ROLE, SQL_W_TO,
        SQL_W_MEASURES,      SQL_W_WINDOW,      SQL_W_RANGE,    SQL_W_ROWS,         SQL_W_GROUPS,
        SQL_W_AUTHORIZATION, SQL_W_COPARTITION, SQL_W_PARTITION};
    uint16_t word;
    bool good;

    do {
        word =
            (uint16_t)(SQL_T_FIRST_WORD + generate_number(g, SQL_TOKEN_COUNT - SQL_T_FIRST_WORD));
        good = sql_word_is_identifier((enum sql_token_kind)word, g->dialect);
        for (size_t i = 0; i < ARRAY_LEN(excepted); i++)
            good = good && word != excepted[i];
    } while (!good);
    return sql_token_text((enum sql_token_kind)word);
}

/* Texts by kind; those of identifiers that need quotes have them. */
static void generate_text(struct generator *g, struct sql_node *n, char category)
{
    static const char *const plain[] = {"a", "b", "Abc", "x_1", "_y", "t", "u", "f", "g", "h2"};
    static const char *const quoted[] = {"a",    "A b",      "1st",  "say \"hi\"",
                                         "from", "\xc3\xa9", "x\ny", "--"};
    static const char *const fields[] = {"year", "MONTH", "day", "Hour"};
    static const char *const integers[] = {"0", "1", "42", "9223372036854775807"};
    static const char *const decimals[] = {"0.5", ".5", "1.", "123456789012345678901.25"};
    static const char *const doubles[] = {"1e3", "1.5E-7", ".1E+2"};
    static const char *const strings[] = {"",     "a",        "it's", "\xc3\xa9\xf0\x9f\x98\x80",
                                          "a\\b", "x\n\t--y", "/* */"};

    switch (n->kind) {
    case SQL_IDENT:
        if (n->op != 0) {
            n->text = sql_token_text(n->op);
        } else if (category == 'E') {
            n->text = generate_pick(g, fields, ARRAY_LEN(fields));
        } else if (category == 'e' && generate_number(g, 20) == 0) {
            n->text = STR("all");
        } else if (generate_number(g, 5) == 0) {
            n->text = generate_keyword(g);
        } else if (generate_number(g, 5) == 0) {
            n->text = generate_pick(g, quoted, ARRAY_LEN(quoted));
            n->flags = SQL_F_QUOTED;
        } else {
            n->text = generate_pick(g, plain, ARRAY_LEN(plain));
        }
        break;
    case SQL_INTEGER:
        n->text = generate_pick(g, integers, ARRAY_LEN(integers));
        break;
    case SQL_DECIMAL:
        n->text = generate_pick(g, decimals, ARRAY_LEN(decimals));
        break;
    case SQL_DOUBLE:
        n->text = generate_pick(g, doubles, ARRAY_LEN(doubles));
        break;
    case SQL_STRING:
        n->text = generate_pick(g, strings, ARRAY_LEN(strings));
        break;
    case SQL_BINARY:
        n->text = STR("00fF");
        break;
    case SQL_DOLLAR_STRING:
        n->text = STR("\nreturn 1\n");
        break;
    default:
        break;
    }
}

static uint16_t generate_word(struct generator *g, const uint16_t *words, uint32_t max)
{
    uint32_t n = 0;

    while (n < max && words[n] != 0)
        n++;
    n = n > 0 ? words[generate_number(g, n)] : 0;
    return n == NO_WORD ? 0 : (uint16_t)n;
}

static uint32_t generate_flags(struct generator *g, const uint32_t *flags, uint32_t max)
{
    uint32_t n = 0;

    while (n < max && flags[n] != 0)
        n++;
    n = n > 0 ? flags[generate_number(g, n)] : 0;
    return n == NO_FLAG ? 0 : n;
}

static struct sql_node *generate_list(struct generator *g, char category, uint32_t min, int depth)
{
    uint32_t count = depth > 0 ? min + generate_number(g, 4 - min) : min;
    struct sql_node *list = sql_new(g->arena, SQL_LIST, count);

    for (uint32_t i = 0; i < count; i++)
        list->kid[i] = generate(g, category, depth);
    return list;
}

/* One slot; `*slots` goes on to the next. */
static struct sql_node *generate_slot(struct generator *g, const char **slots, int depth)
{
    char how = *(*slots)++;
    bool empty = depth <= 0 || generate_number(g, 2) == 0;
    struct sql_node *list;

    switch (how) {
    case '-':
        return NULL;
    case '?':
        how = *(*slots)++;
        return empty ? NULL : generate(g, how, depth);
    case '+':
        how = *(*slots)++;
        return empty ? NULL : generate_list(g, how, 1, depth);
    case '*':
        return generate_list(g, *(*slots)++, 1, depth);
    case '0':
        return generate_list(g, *(*slots)++, 0, depth);
    case '=':
        list = sql_new(g->arena, SQL_LIST, 1);
        list->kid[0] = generate(g, *(*slots)++, depth);
        return list;
    case '.':
        return sql_new(g->arena, SQL_LIST, 0);
    case '2':
        return generate_list(g, *(*slots)++, 2, depth);
    default:
        return generate(g, how, depth);
    }
}

static const struct generate_rule *generate_choose(struct generator *g, char category, int depth)
{
    uint8_t dialect = g->dialect == DIALECT_PRESTO ? PRESTO : TRINO;
    const struct generate_rule *chosen = NULL;
    uint32_t n = 0;

    for (size_t i = 0; i < ARRAY_LEN(generate_rules); i++) {
        const struct generate_rule *r = &generate_rules[i];

        if (r->category != category || (r->dialects & dialect) == 0)
            continue;
        if (depth <= 0)
            return r;
        if (generate_number(g, ++n) == 0)
            chosen = r;
    }
    return chosen;
}

static struct sql_node *generate(struct generator *g, char category, int depth)
{
    const struct generate_rule *r = generate_choose(g, category, depth);
    struct sql_node *kids[8] = {NULL}, *n;
    const char *slots = r->slots;
    uint32_t count = 0;

    if (r->kind == GO_ON)
        return generate(g, *slots, depth);
    while (*slots != '\0')
        kids[count++] = generate_slot(g, &slots, depth - 1);
    count = sql_kinds[r->kind].shape[0] != '\0' || r->kind == SQL_NAME || r->kind == SQL_LIST
                ? count
                : 0;
    n = sql_new(g->arena, (enum sql_kind)r->kind, count);
    memcpy(n->kid, kids, count * sizeof(kids[0]));
    n->op = generate_word(g, r->ops, ARRAY_LEN(r->ops));
    n->op2 = generate_word(g, r->op2s, ARRAY_LEN(r->op2s));
    n->flags = generate_flags(g, r->flags, ARRAY_LEN(r->flags));
    generate_text(g, n, category);
    g->seen[n->kind]++;
    return n;
}

static enum sql_visit generate_count(void *ctx, struct sql_node *n)
{
    struct generator *g = ctx;

    if (n->kind == SQL_PARAMETER)
        n->number = g->parameters++;
    return SQL_VISIT_INTO;
}

/* A statement; its parameters are numbered in the order of the text. */
static struct sql_node *generate_statement(struct generator *g, int depth)
{
    struct sql_node *n = generate(g, '!', depth);
    struct sql_visitor v = {.enter = generate_count, .ctx = g};

    g->parameters = 0;
    sql_walk(n, &v, g->arena);
    return n;
}

#endif
