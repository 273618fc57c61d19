/* SPDX-License-Identifier: Apache-2.0 */
/* parse_pattern.c - row patterns: MATCH_RECOGNIZE and the same clauses in window frames. */
#include "sql/parse_expression.h"

static struct sql_node *parse_row_pattern(struct parser *p);

/* -- clauses */

static struct sql_node *parse_measure_definition(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_NAMED_VALUE);

    n->kid[SQL_NAMED_VALUE_VALUE] = parse_expression(p);
    expect(p, SQL_W_AS);
    n->kid[SQL_NAMED_VALUE_NAME] = parse_identifier(p);
    return close_node(p, n);
}

static struct sql_node *parse_variable_definition(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_NAMED_VALUE);

    n->kid[SQL_NAMED_VALUE_NAME] = parse_identifier(p);
    expect(p, SQL_W_AS);
    n->kid[SQL_NAMED_VALUE_VALUE] = parse_expression(p);
    return close_node(p, n);
}

static struct sql_node *parse_subset(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_SUBSET);

    n->kid[SQL_SUBSET_NAME] = parse_identifier(p);
    expect(p, SQL_T_EQ);
    n->kid[SQL_SUBSET_VARIABLES] = paren_list(p, parse_identifier);
    return close_node(p, n);
}

struct sql_node *parse_measures(struct parser *p)
{
    return accept(p, SQL_W_MEASURES) ? comma_list(p, parse_measure_definition) : NULL;
}

static struct sql_node *parse_rows_per_match(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_ROWS_PER_MATCH);

    n->op = (uint16_t)peek(p, 0);
    if (accept(p, SQL_W_ONE)) {
        expect_all(p, KINDS(SQL_W_ROW, SQL_W_PER, SQL_W_MATCH));
        return close_node(p, n);
    }
    expect_all(p, KINDS(SQL_W_ALL, SQL_W_ROWS, SQL_W_PER, SQL_W_MATCH));
    n->op2 = (uint16_t)accept_any(p, KINDS(SQL_W_SHOW, SQL_W_OMIT, SQL_W_WITH));
    if (n->op2 == SQL_W_WITH)
        expect_all(p, KINDS(SQL_W_UNMATCHED, SQL_W_ROWS));
    else if (n->op2 != 0)
        expect_all(p, KINDS(SQL_W_EMPTY, SQL_W_MATCHES));
    return close_node(p, n);
}

/* AFTER MATCH SKIP ... */
static struct sql_node *parse_skip(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_SKIP_TO);
    enum sql_token_kind next;

    expect_all(p, KINDS(SQL_W_AFTER, SQL_W_MATCH, SQL_W_SKIP));
    if (accept(p, SQL_W_PAST)) {
        n->op = SQL_W_PAST;
        expect_all(p, KINDS(SQL_W_LAST, SQL_W_ROW));
        return close_node(p, n);
    }
    expect(p, SQL_W_TO);
    next = peek(p, 0);
    wish(p, SQL_W_NEXT);
    wish(p, SQL_W_FIRST);
    wish(p, SQL_W_LAST);
    if (next == SQL_W_NEXT && peek(p, 1) == SQL_W_ROW) {
        n->op = SQL_W_NEXT;
        p->token += 2;
        return close_node(p, n);
    }
    if ((next == SQL_W_FIRST || next == SQL_W_LAST) && is_identifier(p, 1) &&
        !((peek(p, 1) == SQL_W_PATTERN && peek(p, 2) == SQL_T_LEFT_PAREN) ||
          ((peek(p, 1) == SQL_W_INITIAL || peek(p, 1) == SQL_W_SEEK) &&
           peek(p, 2) == SQL_W_PATTERN && peek(p, 3) == SQL_T_LEFT_PAREN))) {
        n->op = (uint16_t)next;
        p->token++;
    }
    n->kid[SQL_SKIP_TO_VARIABLE] = parse_identifier(p);
    return close_node(p, n);
}

bool parse_pattern_clauses(struct parser *p, struct sql_node *n, bool frame)
{
    struct sql_node **kid = n->kid;

    if (at(p, SQL_W_AFTER))
        kid[SQL_PATTERN_CLAUSES_SKIP] = parse_skip(p);
    n->op = (uint16_t)accept_any(p, KINDS(SQL_W_INITIAL, SQL_W_SEEK));
    if (!frame && !at(p, SQL_W_PATTERN))
        fail_here(p);
    if (accept(p, SQL_W_PATTERN)) {
        expect(p, SQL_T_LEFT_PAREN);
        kid[SQL_PATTERN_CLAUSES_PATTERN] = parse_row_pattern(p);
        expect(p, SQL_T_RIGHT_PAREN);
    }
    if (accept(p, SQL_W_SUBSET))
        kid[SQL_PATTERN_CLAUSES_SUBSETS] = comma_list(p, parse_subset);
    if (!frame && !at(p, SQL_W_DEFINE))
        fail_here(p);
    if (accept(p, SQL_W_DEFINE))
        kid[SQL_PATTERN_CLAUSES_DEFINE] = comma_list(p, parse_variable_definition);
    return n->op != 0 || kid[SQL_PATTERN_CLAUSES_SKIP] != NULL ||
           kid[SQL_PATTERN_CLAUSES_PATTERN] != NULL || kid[SQL_PATTERN_CLAUSES_SUBSETS] != NULL ||
           kid[SQL_PATTERN_CLAUSES_DEFINE] != NULL;
}

/* -- MATCH_RECOGNIZE */

static struct sql_node *parse_match(struct parser *p, struct sql_node *input)
{
    struct sql_node *n = open_node(p, SQL_MATCH_RECOGNIZE), *clauses;

    p->token++;
    n->kid[SQL_MATCH_RECOGNIZE_INPUT] = input;
    expect(p, SQL_T_LEFT_PAREN);
    if (accept(p, SQL_W_PARTITION)) {
        expect(p, SQL_W_BY);
        n->kid[SQL_MATCH_RECOGNIZE_PARTITION] = comma_list(p, parse_expression);
    }
    n->kid[SQL_MATCH_RECOGNIZE_ORDER] = parse_order_by(p);
    clauses = open_node(p, SQL_PATTERN_CLAUSES);
    clauses->kid[SQL_PATTERN_CLAUSES_MEASURES] = parse_measures(p);
    wish(p, SQL_W_ONE);
    wish(p, SQL_W_ALL);
    if (peek(p, 0) == SQL_W_ONE || peek(p, 0) == SQL_W_ALL)
        clauses->kid[SQL_PATTERN_CLAUSES_ROWS] = parse_rows_per_match(p);
    (void)parse_pattern_clauses(p, clauses, false);
    n->kid[SQL_MATCH_RECOGNIZE_CLAUSES] = close_node(p, clauses);
    expect(p, SQL_T_RIGHT_PAREN);
    return close_node(p, n);
}

struct sql_node *parse_match_recognize(struct parser *p, uint32_t start, struct sql_node *input)
{
    struct sql_node *n = parse_match(p, input);

    n->start = start;
    return parse_alias(p, start, n);
}

/* -- patterns */

/* PERMUTE(a, b), or a variable of that name */
static struct sql_node *parse_permute(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_PATTERN_PERMUTE);

    p->token++;
    n->kid[SQL_PATTERN_PERMUTE_PATTERNS] = paren_list(p, parse_row_pattern);
    return close_node(p, n);
}

static struct sql_node *parse_group(struct parser *p)
{
    struct sql_node *n;

    if (peek(p, 1) == SQL_T_RIGHT_PAREN) {
        n = open_node(p, SQL_PATTERN_EMPTY);
        p->token += 2;
        return close_node(p, n);
    }
    n = open_node(p, SQL_PATTERN_GROUP);
    p->token++;
    n->kid[SQL_PATTERN_GROUP_PATTERN] = parse_row_pattern(p);
    expect(p, SQL_T_RIGHT_PAREN);
    return close_node(p, n);
}

static struct sql_node *parse_excluded(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_PATTERN_EXCLUDED);

    p->token++;
    n->kid[SQL_PATTERN_EXCLUDED_PATTERN] = parse_row_pattern(p);
    expect(p, SQL_T_RIGHT_EXCLUSION);
    return close_node(p, n);
}

static bool at_pattern(struct parser *p)
{
    enum sql_token_kind kind = peek(p, 0);

    wish(p, SQL_T_LEFT_PAREN);
    wish(p, SQL_T_CIRCUMFLEX);
    wish(p, SQL_T_DOLLAR);
    wish(p, SQL_T_LEFT_EXCLUSION);
    wish(p, SQL_W_PERMUTE);
    return at_identifier(p) || kind == SQL_T_LEFT_PAREN || kind == SQL_T_CIRCUMFLEX ||
           kind == SQL_T_DOLLAR || kind == SQL_T_LEFT_EXCLUSION;
}

static struct sql_node *parse_pattern_primary(struct parser *p)
{
    enum sql_token_kind kind = peek(p, 0);
    struct sql_node *n;

    if (!at_pattern(p)) {
        fail_here(p);
        return NULL;
    }
    switch (kind) {
    case SQL_T_CIRCUMFLEX:
    case SQL_T_DOLLAR:
        n = parse_bare(p, SQL_PATTERN_ANCHOR);
        n->op = (uint16_t)kind;
        return n;
    case SQL_T_LEFT_PAREN:
        return parse_group(p);
    case SQL_T_LEFT_EXCLUSION:
        return parse_excluded(p);
    default:
        if (kind == SQL_W_PERMUTE && peek(p, 1) == SQL_T_LEFT_PAREN &&
            peek(p, 2) != SQL_T_RIGHT_PAREN)
            return parse_permute(p);
        n = open_node(p, SQL_PATTERN_VARIABLE);
        n->kid[SQL_PATTERN_VARIABLE_NAME] = parse_identifier(p);
        return close_node(p, n);
    }
}

/* {n}, {n,}, {,m}, {n,m}, {,} */
static void parse_range(struct parser *p, struct sql_node *n)
{
    if (at(p, SQL_T_INTEGER)) {
        n->kid[SQL_PATTERN_QUANTIFIED_LOW] = parse_integer(p);
        if (accept(p, SQL_T_RIGHT_BRACE)) {
            n->flags |= SQL_F_EXACT;
            return;
        }
    }
    expect(p, SQL_T_COMMA);
    if (at(p, SQL_T_INTEGER))
        n->kid[SQL_PATTERN_QUANTIFIED_HIGH] = parse_integer(p);
    expect(p, SQL_T_RIGHT_BRACE);
}

static struct sql_node *parse_quantified(struct parser *p)
{
    struct sql_node *pattern = parse_pattern_primary(p), *n;
    enum sql_token_kind op =
        accept_any(p, KINDS(SQL_T_ASTERISK, SQL_T_PLUS, SQL_T_QUESTION_MARK, SQL_T_LEFT_BRACE));

    if (op == SQL_T_NONE)
        return pattern;
    n = open_node_at(p, SQL_PATTERN_QUANTIFIED, pattern);
    n->op = (uint16_t)op;
    n->kid[SQL_PATTERN_QUANTIFIED_PATTERN] = pattern;
    if (op == SQL_T_LEFT_BRACE)
        parse_range(p, n);
    if (accept(p, SQL_T_QUESTION_MARK))
        n->flags |= SQL_F_RELUCTANT;
    return close_node(p, n);
}

static struct sql_node *join_patterns(struct parser *p, enum sql_kind kind, struct sql_node *left,
                                      struct sql_node *right)
{
    struct sql_node *n = open_node_at(p, kind, left);

    n->kid[0] = left;
    n->kid[1] = right;
    return close_node(p, n);
}

static struct sql_node *parse_concatenation(struct parser *p)
{
    struct sql_node *n = parse_quantified(p);

    while (at_pattern(p) && !p->failed)
        n = join_patterns(p, SQL_PATTERN_CONCATENATION, n, parse_quantified(p));
    return n;
}

static struct sql_node *parse_row_pattern(struct parser *p)
{
    struct sql_node *n = NULL;

    if (enter(p)) {
        n = parse_concatenation(p);
        while (accept(p, SQL_T_VERTICAL_BAR))
            n = join_patterns(p, SQL_PATTERN_ALTERNATION, n, parse_concatenation(p));
    }
    leave(p);
    return n;
}
