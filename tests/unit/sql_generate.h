/* SPDX-License-Identifier: Apache-2.0 */
/* sql_generate.h - random trees of valid statements, from a table that says for each kind of node
 * what may stand in its slots.
 *
 * A category is a letter: an expression, a type, a relation. Each row makes a node of its category;
 * the first row of a category is the one that ends the growth. In `slots` every slot has a letter,
 * and before it ? for "may be empty", * for a list of one to three, 0 for one of none to three, 2
 * of two to three, = of one, + for a list or nothing; . is a list of none, and - an empty slot. */
#ifndef TESTS_UNIT_SQL_GENERATE_H
#define TESTS_UNIT_SQL_GENERATE_H

#include "sql/token.h"
#include "sql/tree.h"

struct generator {
    uint64_t state;
    enum dialect dialect;
    struct arena *arena;
    uint64_t parameters;
    uint32_t seen[SQL_KIND_COUNT];
};

enum { TRINO = 1, PRESTO = 2, BOTH = 3 };
#define NO_WORD UINT16_MAX /* one of the words of a row may be none */
#define NO_FLAG (1u << 31)
#define GO_ON SQL_KIND_COUNT /* no node of its own: the category of its only slot */

struct generate_rule {
    char category;
    uint8_t dialects;
    uint16_t kind;
    const char *slots;
    uint16_t ops[8], op2s[8]; /* one of them; none: 0 */
    uint32_t flags[5];
};

#define W(...)                                                                                     \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }
#define BOUND_OPS W(SQL_W_PRECEDING, SQL_W_FOLLOWING)
#define FIELDS W(SQL_W_YEAR, SQL_W_MONTH, SQL_W_DAY, SQL_W_HOUR, SQL_W_MINUTE, SQL_W_SECOND)
#define QUANTIFIER W(NO_WORD, SQL_W_ALL, SQL_W_DISTINCT)
#define COMPARISONS W(SQL_T_EQ, SQL_T_NEQ, SQL_T_LT, SQL_T_LTE, SQL_T_GT, SQL_T_GTE)
#define MAYBE(flag) W(NO_FLAG, flag)

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmissing-field-initializers" /* rows end where they have no more  \
                                                               */
static const struct generate_rule generate_rules[] = {
    /* e: expressions */
    {'e', BOTH, SQL_IDENT, ""},
    {'e', BOTH, SQL_IDENT, ""},
    {'e', BOTH, SQL_NULL_LITERAL, ""},
    {'e', BOTH, SQL_BOOLEAN, "", W(SQL_W_TRUE, SQL_W_FALSE)},
    {'e', TRINO, SQL_INTEGER, "", .flags = MAYBE(SQL_F_NEGATIVE)},
    {'e', TRINO, SQL_DECIMAL, "", .flags = MAYBE(SQL_F_NEGATIVE)},
    {'e', TRINO, SQL_DOUBLE, "", .flags = MAYBE(SQL_F_NEGATIVE)},
    {'e', PRESTO, SQL_INTEGER, ""},
    {'e', PRESTO, SQL_DECIMAL, ""},
    {'e', PRESTO, SQL_DOUBLE, ""},
    {'e', BOTH, SQL_STRING, "", .flags = MAYBE(SQL_F_UNICODE)},
    {'e', BOTH, SQL_BINARY, ""},
    {'e', BOTH, GO_ON, "v"},
    {'e', BOTH, SQL_TYPED, "ds"},
    {'e', BOTH, SQL_PARAMETER, ""},
    {'e', BOTH, SQL_DEREF, "ei"},
    {'e', BOTH, SQL_SUBSCRIPT, "ee"},
    {'e', BOTH, SQL_UNARY, "e", W(SQL_T_PLUS, SQL_T_MINUS)},
    {'e', BOTH, SQL_UNARY, "z", W(SQL_T_PLUS)},
    {'e', TRINO, SQL_UNARY, "z", W(SQL_T_MINUS)},
    {'e', BOTH, SQL_ARITHMETIC, "ee",
     W(SQL_T_PLUS, SQL_T_MINUS, SQL_T_ASTERISK, SQL_T_SLASH, SQL_T_PERCENT, SQL_T_CONCAT)},
    {'e', BOTH, SQL_ARITHMETIC, "ee",
     W(SQL_T_PLUS, SQL_T_MINUS, SQL_T_ASTERISK, SQL_T_SLASH, SQL_T_PERCENT, SQL_T_CONCAT)},
    {'e', BOTH, SQL_AT_TIME_ZONE, "es"},
    {'e', BOTH, SQL_AT_TIME_ZONE, "ev"},
    {'e', BOTH, SQL_COMPARE, "ee", COMPARISONS},
    {'e', BOTH, SQL_QUANTIFIED, "eq", COMPARISONS, W(SQL_W_ALL, SQL_W_SOME, SQL_W_ANY)},
    {'e', BOTH, SQL_BETWEEN, "eee", .flags = MAYBE(SQL_F_NOT)},
    {'e', BOTH, SQL_IN_LIST, "e*e", .flags = MAYBE(SQL_F_NOT)},
    {'e', BOTH, SQL_IN_QUERY, "eq", .flags = MAYBE(SQL_F_NOT)},
    {'e', BOTH, SQL_LIKE, "ee?e", .flags = MAYBE(SQL_F_NOT)},
    {'e', BOTH, SQL_IS_NULL, "e", .flags = MAYBE(SQL_F_NOT)},
    {'e', BOTH, SQL_IS_DISTINCT, "ee", .flags = MAYBE(SQL_F_NOT)},
    {'e', BOTH, SQL_NOT, "e"},
    {'e', BOTH, SQL_AND, "2e"},
    {'e', BOTH, SQL_OR, "2e"},
    {'e', BOTH, SQL_ROW, "2e", .flags = MAYBE(SQL_F_WORD)},
    {'e', BOTH, SQL_ROW, "*e", .flags = W(SQL_F_WORD)},
    {'e', BOTH, SQL_ARRAY, "0e", .flags = W(SQL_F_WORD)},
    {'e', TRINO, SQL_ARRAY, "0e"},
    {'e', BOTH, SQL_LAMBDA, "0ie"},
    {'e', BOTH, SQL_FUNCTION, "N0e---"},
    {'e', BOTH, SQL_FUNCTION, "N*e+o?e?w", QUANTIFIER},
    {'e', BOTH, SQL_FUNCTION, "N0e-?ew", .op2s = W(NO_WORD, SQL_W_IGNORE, SQL_W_RESPECT)},
    {'e', BOTH, SQL_FUNCTION, "N.-?e?w", .flags = W(SQL_F_STAR)},
    {'e', TRINO, SQL_FUNCTION, "N*e-?e?w", .flags = W(SQL_F_RUNNING, SQL_F_FINAL)},
    {'e', TRINO, SQL_LISTAGG, "e?s?y*o?e?w", QUANTIFIER},
    {'y', TRINO, SQL_LISTAGG_OVERFLOW, "-", W(SQL_W_ERROR)},
    {'y', TRINO, SQL_LISTAGG_OVERFLOW, "?s", W(SQL_W_TRUNCATE), W(SQL_W_WITH, SQL_W_WITHOUT)},
    {'e', TRINO, SQL_MEASURE, "iw"},
    {'e', BOTH, SQL_SUBQUERY, "q"},
    {'e', BOTH, SQL_EXISTS, "q"},
    {'e', BOTH, SQL_CASE, "?e*h?e"},
    {'h', BOTH, SQL_WHEN, "ee"},
    {'e', BOTH, SQL_CAST, "et", .flags = MAYBE(SQL_F_TRY)},
    {'e', BOTH, SQL_SPECIAL, "-", W(SQL_W_CURRENT_DATE, SQL_W_CURRENT_USER)},
    {'e', TRINO, SQL_SPECIAL, "-",
     W(SQL_W_CURRENT_CATALOG, SQL_W_CURRENT_SCHEMA, SQL_W_CURRENT_PATH)},
    {'e', BOTH, SQL_SPECIAL, "?n",
     W(SQL_W_CURRENT_TIME, SQL_W_CURRENT_TIMESTAMP, SQL_W_LOCALTIME, SQL_W_LOCALTIMESTAMP)},
    {'e', TRINO, SQL_TRIM, "e?e", W(NO_WORD, SQL_W_LEADING, SQL_W_TRAILING, SQL_W_BOTH)},
    {'e', TRINO, SQL_TRIM, "ee", .flags = W(SQL_F_COMMA)},
    {'e', BOTH, SQL_SUBSTRING, "ee?e"},
    {'e', BOTH, SQL_POSITION, "ee"},
    {'e', BOTH, SQL_NORMALIZE, "e", W(NO_WORD, SQL_W_NFD, SQL_W_NFC, SQL_W_NFKD, SQL_W_NFKC)},
    {'e', BOTH, SQL_EXTRACT, "Ee"},
    {'e', BOTH, SQL_GROUPING, "0N"},
    {'e', TRINO, SQL_JSON_EXISTS, "j",
     W(NO_WORD, SQL_W_ERROR, SQL_W_TRUE, SQL_W_FALSE, SQL_W_UNKNOWN)},
    {'e', TRINO, SQL_JSON_VALUE, "j?1?4?4"},
    {'e', TRINO, SQL_JSON_QUERY, "j?3?5?5"},
    {'e', TRINO, SQL_JSON_QUERY, "j-?5-",
     .flags = W(SQL_F_WITHOUT_WRAPPER, SQL_F_WITHOUT_WRAPPER | SQL_F_WRAPPER_ARRAY, SQL_F_WRAPPER,
                SQL_F_WRAPPER | SQL_F_CONDITIONAL | SQL_F_WRAPPER_ARRAY,
                SQL_F_WRAPPER | SQL_F_UNCONDITIONAL)},
    {'e', TRINO, SQL_JSON_QUERY, "j---",
     .flags = W(SQL_F_KEEP_QUOTES, SQL_F_OMIT_QUOTES, SQL_F_KEEP_QUOTES | SQL_F_ON_SCALAR)},
    {'e', TRINO, SQL_JSON_OBJECT, "*6?3", W(NO_WORD, SQL_W_NULL, SQL_W_ABSENT),
     .flags = W(NO_FLAG, SQL_F_UNIQUE, SQL_F_WITHOUT_UNIQUE, SQL_F_UNIQUE | SQL_F_KEYS)},
    {'e', TRINO, SQL_JSON_OBJECT, ".?3"},
    {'e', TRINO, SQL_JSON_ARRAY, "*7?3", W(NO_WORD, SQL_W_NULL, SQL_W_ABSENT)},
    {'e', TRINO, SQL_JSON_ARRAY, ".?3"},
    {'j', TRINO, SQL_JSON_PATH, "7s?i+8"},
    {'1', TRINO, SQL_JSON_RETURNING, "t"},
    {'3', TRINO, GO_ON, "1"},
    {'3', TRINO, SQL_JSON_RETURNING, "t", .op2s = W(NO_WORD, SQL_W_UTF8, SQL_W_UTF16, SQL_W_UTF32),
     .flags = W(SQL_F_FORMAT)},
    {'4', TRINO, SQL_JSON_BEHAVIOR, "-", W(SQL_W_ERROR, SQL_W_NULL)},
    {'4', TRINO, SQL_JSON_BEHAVIOR, "e", W(SQL_W_DEFAULT)},
    {'5', TRINO, SQL_JSON_BEHAVIOR, "-", W(SQL_W_ERROR, SQL_W_NULL)},
    {'5', TRINO, SQL_JSON_BEHAVIOR, "-", W(SQL_W_EMPTY), W(SQL_W_ARRAY, SQL_W_OBJECT)},
    {'6', TRINO, SQL_JSON_MEMBER, "e7", .flags = W(NO_FLAG, SQL_F_KEY, SQL_F_COLON)},
    {'7', TRINO, SQL_JSON_INPUT, "e"},
    {'7', TRINO, SQL_JSON_INPUT, "e", .op2s = W(NO_WORD, SQL_W_UTF8, SQL_W_UTF16, SQL_W_UTF32),
     .flags = W(SQL_F_FORMAT)},
    {'8', TRINO, SQL_JSON_ARGUMENT, "7i"},

    /* names, literals in fixed places: i identifiers, E fields, n z numbers, s strings, v intervals
     */
    {'i', BOTH, SQL_IDENT, ""},
    {'E', BOTH, SQL_IDENT, ""},
    {'N', BOTH, SQL_NAME, "i"},
    {'N', BOTH, SQL_NAME, "ii"},
    {'N', BOTH, SQL_NAME, "iii"},
    {'T', BOTH, SQL_TABLE, "N-"},
    {'n', BOTH, SQL_INTEGER, ""},
    {'z', BOTH, SQL_INTEGER, ""},
    {'s', BOTH, SQL_STRING, "", .flags = MAYBE(SQL_F_UNICODE)},
    {'v', BOTH, SQL_INTERVAL, "s", FIELDS, W(NO_WORD, SQL_W_DAY, SQL_W_SECOND),
     W(NO_FLAG, SQL_F_NEGATIVE, SQL_F_PLUS)},

    /* t: types; d: of typed literals; a: arguments */
    {'D', BOTH, SQL_NAME, "i"},
    {'d', BOTH, SQL_TYPE, "D-"},
    {'d', BOTH, SQL_DOUBLE_TYPE, ""},
    {'t', BOTH, SQL_TYPE, "D-"},
    {'t', BOTH, SQL_TYPE, "D+a"},
    {'a', BOTH, GO_ON, "n"},
    {'a', BOTH, GO_ON, "t"},
    {'t', BOTH, SQL_ROW_TYPE, "*g"},
    {'g', BOTH, SQL_ROW_FIELD, "it"},
    {'g', TRINO, SQL_ROW_FIELD, "-t"},
    {'t', BOTH, SQL_ARRAY_TYPE, "t-", .flags = W(NO_FLAG, SQL_F_ANGLE, SQL_F_PAREN)},
    {'t', TRINO, SQL_ARRAY_TYPE, "tn"},
    {'t', BOTH, SQL_MAP_TYPE, "tt"},
    {'t', BOTH, SQL_INTERVAL_TYPE, "", FIELDS, FIELDS},
    {'t', TRINO, SQL_INTERVAL_TYPE, "", FIELDS},
    {'t', BOTH, SQL_TIME_TYPE, "-", W(SQL_W_TIME, SQL_W_TIMESTAMP),
     .flags = MAYBE(SQL_F_WITH_ZONE)},
    {'t', TRINO, SQL_TIME_TYPE, "?n", W(SQL_W_TIME, SQL_W_TIMESTAMP),
     .flags = W(NO_FLAG, SQL_F_WITH_ZONE, SQL_F_WITHOUT_ZONE)},
    {'t', BOTH, SQL_DOUBLE_TYPE, ""},

    /* q: queries; Q: without WITH; U I B: bodies by precedence */
    {'q', BOTH, SQL_QUERY, "---B---"},
    {'q', BOTH, SQL_QUERY, "--?WU+o?O?L"},
    {'Q', BOTH, SQL_QUERY, "---U+o?O?L"},
    {'W', BOTH, SQL_WITH, "*C", .flags = MAYBE(SQL_F_RECURSIVE)},
    {'C', BOTH, SQL_CTE, "i+iq"},
    {'B', BOTH, SQL_SELECT, "*k-----", QUANTIFIER},
    {'B', BOTH, SQL_SELECT, "*k+r?e?G?e-", QUANTIFIER},
    {'B', TRINO, SQL_SELECT, "*k*r?e?G?e+X", QUANTIFIER},
    {'B', BOTH, SQL_VALUES, "*e"},
    {'B', BOTH, SQL_TABLE_QUERY, "N"},
    {'P', BOTH, GO_ON, "B"},
    {'P', BOTH, SQL_NESTED, "Q"},
    {'I', BOTH, GO_ON, "P"},
    {'I', BOTH, SQL_SET_OPERATION, "IP-", W(SQL_W_INTERSECT), QUANTIFIER},
    {'U', BOTH, GO_ON, "B"},
    {'U', BOTH, SQL_SET_OPERATION, "VI-", W(SQL_W_UNION, SQL_W_EXCEPT), QUANTIFIER},
    {'U', TRINO, SQL_SET_OPERATION, "VIH", W(SQL_W_UNION, SQL_W_EXCEPT), QUANTIFIER},
    {'U', BOTH, SQL_SET_OPERATION, "IP-", W(SQL_W_INTERSECT), QUANTIFIER},
    {'V', BOTH, GO_ON, "I"},
    {'V', BOTH, GO_ON, "U"},
    {'H', TRINO, SQL_CORRESPONDING, "+i"},
    {'k', BOTH, SQL_ITEM, "e-"},
    {'k', BOTH, SQL_ITEM, "ei", .flags = MAYBE(SQL_F_AS)},
    {'k', BOTH, SQL_STAR, "--"},
    {'k', BOTH, SQL_STAR, "i-"},
    {'k', TRINO, SQL_STAR, "e+i"},
    {'G', BOTH, SQL_GROUP_BY, "*M", QUANTIFIER},
    {'M', BOTH, GO_ON, "K"},
    {'M', TRINO, SQL_ROLLUP, "0K"},
    {'M', TRINO, SQL_CUBE, "0K"},
    {'M', BOTH, SQL_GROUPING_SETS, "*K"},
    {'M', TRINO, SQL_AUTO, ""},
    {'K', BOTH, SQL_GROUPING_SET, "=i", .flags = MAYBE(SQL_F_PAREN)},
    {'K', BOTH, SQL_GROUPING_SET, "2e", .flags = W(SQL_F_PAREN)},
    {'K', BOTH, SQL_GROUPING_SET, ".", .flags = W(SQL_F_PAREN)},
    {'o', BOTH, SQL_SORT, "e", W(NO_WORD, SQL_W_ASC, SQL_W_DESC),
     W(NO_WORD, SQL_W_FIRST, SQL_W_LAST)},
    {'O', BOTH, SQL_OFFSET, "n"},
    {'L', BOTH, SQL_LIMIT, "?n"},
    {'L', BOTH, SQL_FETCH, "n"},
    {'L', TRINO, SQL_FETCH, "?n", .flags = MAYBE(SQL_F_WITH_TIES)},
    {'X', TRINO, SQL_WINDOW_DEFINITION, "iY"},
    {'w', TRINO, SQL_WINDOW_NAME, "i"},
    {'w', BOTH, GO_ON, "Y"},
    {'Y', BOTH, SQL_WINDOW, "-+e+o?F"},
    {'Y', TRINO, SQL_WINDOW, "i+e+o?F"},
    {'F', BOTH, SQL_FRAME, "b?b-", W(SQL_W_RANGE, SQL_W_ROWS, SQL_W_GROUPS)},
    {'F', TRINO, SQL_FRAME, "bbc", W(SQL_W_ROWS)},
    {'b', BOTH, SQL_BOUND, "-", W(SQL_W_CURRENT, SQL_W_PRECEDING, SQL_W_FOLLOWING)},
    {'b', BOTH, SQL_BOUND, "e", BOUND_OPS},
    {'c', TRINO, SQL_PATTERN_CLAUSES, "+m-?Sp+J*m", W(NO_WORD, SQL_W_INITIAL, SQL_W_SEEK)},

    /* r: relations */
    {'r', BOTH, SQL_TABLE, "N-"},
    {'r', BOTH, SQL_TABLE, "Nx"},
    {'x', BOTH, SQL_PERIOD, "e", W(SQL_W_TIMESTAMP, SQL_W_VERSION), W(SQL_W_AS)},
    {'x', PRESTO, SQL_PERIOD, "e", W(SQL_W_SYSTEM_TIME, SQL_W_SYSTEM_VERSION),
     W(SQL_W_AS, SQL_W_BEFORE)},
    {'r', BOTH, SQL_ALIASED, "ri+i"},
    {'r', BOTH, SQL_SAMPLED, "re", W(SQL_W_BERNOULLI, SQL_W_SYSTEM)},
    {'r', BOTH, SQL_JOIN, "rr--", W(SQL_W_CROSS)},
    {'r', BOTH, SQL_JOIN, "rre-", W(SQL_W_INNER, SQL_W_LEFT, SQL_W_RIGHT, SQL_W_FULL)},
    {'r', BOTH, SQL_JOIN, "rr-*i", W(SQL_W_INNER, SQL_W_LEFT, SQL_W_RIGHT, SQL_W_FULL)},
    {'r', BOTH, SQL_JOIN, "rr--", W(SQL_W_INNER, SQL_W_LEFT, SQL_W_RIGHT, SQL_W_FULL),
     .flags = W(SQL_F_NATURAL)},
    {'r', BOTH, SQL_DERIVED, "q"},
    {'r', BOTH, SQL_LATERAL, "q"},
    {'r', BOTH, SQL_UNNEST, "*e", .flags = MAYBE(SQL_F_ORDINALITY)},
    {'r', BOTH, SQL_TABLE_FUNCTION, "N0A-"},
    {'r', BOTH, SQL_TABLE_FUNCTION, "N.*Z"},
    {'Z', BOTH, SQL_LIST, "NN"},
    {'A', BOTH, SQL_TABLE_ARGUMENT, "?ie"},
    {'A', BOTH, SQL_TABLE_ARGUMENT, "?if"},
    {'A', BOTH, SQL_TABLE_ARGUMENT, "?il"},
    {'f', BOTH, SQL_DESCRIPTOR, "+$"},
    {'$', BOTH, SQL_DESCRIPTOR_FIELD, "i?t"},
    {'l', BOTH, SQL_TABLE_INPUT, "u-+o", W(NO_WORD, SQL_W_PRUNE, SQL_W_KEEP)},
    {'l', BOTH, SQL_TABLE_INPUT, "u=i+o", W(NO_WORD, SQL_W_PRUNE, SQL_W_KEEP)},
    {'l', BOTH, SQL_TABLE_INPUT, "u.+o", .flags = W(SQL_F_PARTITION_PAREN)},
    {'l', BOTH, SQL_TABLE_INPUT, "u2e+o", .flags = W(SQL_F_PARTITION_PAREN)},
    {'u', BOTH, GO_ON, "T"},
    {'u', BOTH, SQL_DERIVED, "q"},
    {'u', BOTH, SQL_ALIASED, "Ti+i"},
    {'r', TRINO, SQL_MATCH_RECOGNIZE, "r+e+o@"},
    {'@', TRINO, SQL_PATTERN_CLAUSES, "+m?R?Sp+J*m", W(NO_WORD, SQL_W_INITIAL, SQL_W_SEEK)},
    {'m', TRINO, SQL_NAMED_VALUE, "ie"},
    {'R', TRINO, SQL_ROWS_PER_MATCH, "", W(SQL_W_ONE)},
    {'R', TRINO, SQL_ROWS_PER_MATCH, "", W(SQL_W_ALL),
     W(NO_WORD, SQL_W_SHOW, SQL_W_OMIT, SQL_W_WITH)},
    {'S', TRINO, SQL_SKIP_TO, "-", W(SQL_W_NEXT, SQL_W_PAST)},
    {'S', TRINO, SQL_SKIP_TO, "i", W(NO_WORD, SQL_W_FIRST, SQL_W_LAST)},
    {'J', TRINO, SQL_SUBSET, "i*i"},
    {'p', TRINO, GO_ON, "["},
    {'p', TRINO, SQL_PATTERN_ALTERNATION, "p["},
    {'[', TRINO, GO_ON, "]"},
    {'[', TRINO, SQL_PATTERN_CONCATENATION, "[]"},
    {']', TRINO, GO_ON, "("},
    {']', TRINO, SQL_PATTERN_QUANTIFIED, "(--", W(SQL_T_ASTERISK, SQL_T_PLUS, SQL_T_QUESTION_MARK),
     .flags = MAYBE(SQL_F_RELUCTANT)},
    {']', TRINO, SQL_PATTERN_QUANTIFIED, "(?n?n", W(SQL_T_LEFT_BRACE),
     .flags = MAYBE(SQL_F_RELUCTANT)},
    {']', TRINO, SQL_PATTERN_QUANTIFIED, "(n-", W(SQL_T_LEFT_BRACE),
     .flags = W(SQL_F_EXACT, SQL_F_EXACT | SQL_F_RELUCTANT)},
    {'(', TRINO, SQL_PATTERN_VARIABLE, "i"},
    {'(', TRINO, SQL_PATTERN_EMPTY, ""},
    {'(', TRINO, SQL_PATTERN_PERMUTE, "*p"},
    {'(', TRINO, SQL_PATTERN_GROUP, "p"},
    {'(', TRINO, SQL_PATTERN_EXCLUDED, "p"},
    {'(', TRINO, SQL_PATTERN_ANCHOR, "", W(SQL_T_CIRCUMFLEX, SQL_T_DOLLAR)},
    {'r', TRINO, SQL_JSON_TABLE, "j*9?)", W(NO_WORD, SQL_W_ERROR, SQL_W_EMPTY)},
    {'9', TRINO, SQL_JSON_ORDINALITY, "i"},
    {'9', TRINO, SQL_JSON_VALUE_COLUMN, "it?s?4?4"},
    {'9', TRINO, SQL_JSON_QUERY_COLUMN, "it?s?5?5", .op2s = W(NO_WORD, SQL_W_UTF8),
     .flags =
         W(NO_FLAG, SQL_F_WITHOUT_WRAPPER, SQL_F_WRAPPER | SQL_F_CONDITIONAL, SQL_F_OMIT_QUOTES)},
    {'9', TRINO, SQL_JSON_NESTED, "s?i*9", .flags = MAYBE(SQL_F_WORD)},
    {')', TRINO, SQL_JSON_PLAN, "i-"},
    {')', TRINO, SQL_JSON_PLAN, "&)", W(SQL_W_OUTER, SQL_W_INNER)},
    {')', TRINO, SQL_JSON_PLAN, "))", W(SQL_W_UNION, SQL_W_CROSS)},
    {')', TRINO, GO_ON, "%"},
    {'&', TRINO, SQL_JSON_PLAN, "i-"},
    {'%', TRINO, SQL_JSON_PLAN, "i-"},

    /* !: statements */
    {'!', BOTH, GO_ON, "q"},
    {'!', TRINO, SQL_QUERY, "+/+,?WU+o?O?L"},
    {'/', TRINO, SQL_PROPERTY, "Ne"},
    {'!', BOTH, SQL_INSERT, "T+iq"},
    {'!', BOTH, SQL_DELETE, "T?e"},
    {'!', BOTH, SQL_TRUNCATE, "T"},
    {'!', BOTH, SQL_UPDATE, "T*:?e"},
    {':', BOTH, SQL_ASSIGNMENT, "ie"},
    {'!', TRINO, SQL_MERGE, "T?ire*;"},
    {';', TRINO, SQL_MERGE_UPDATE, "?e*:"},
    {';', TRINO, SQL_MERGE_DELETE, "?e"},
    {';', TRINO, SQL_MERGE_INSERT, "?e+i*e"},
    {'!', BOTH, SQL_ANALYZE, "T+="},
    {'!', BOTH, SQL_CALL, "N0>"},
    {'>', BOTH, SQL_ARGUMENT, "?ie"},
    {'!', BOTH, SQL_REFRESH, "N-"},
    {'!', PRESTO, SQL_REFRESH, "Ne"},
    {'=', BOTH, SQL_PROPERTY, "ie"},
    {'=', TRINO, SQL_PROPERTY, "i<"},
    {'<', TRINO, SQL_DEFAULT, ""},
    {'!', TRINO, SQL_CREATE_CATALOG, "ii?s?#+=", .flags = MAYBE(SQL_F_IF_NOT_EXISTS)},
    {'!', TRINO, SQL_CREATE_SCHEMA, "N?#+=", .flags = MAYBE(SQL_F_IF_NOT_EXISTS)},
    {'!', PRESTO, SQL_CREATE_SCHEMA, "N-+=", .flags = MAYBE(SQL_F_IF_NOT_EXISTS)},
    {'#', BOTH, SQL_PRINCIPAL, "i", W(NO_WORD, SQL_W_USER, SQL_W_ROLE)},
    {'~', BOTH, GO_ON, "#"},
    {'~', BOTH, SQL_PRINCIPAL, "-", W(SQL_W_CURRENT_USER, SQL_W_CURRENT_ROLE)},
    {'!', BOTH, SQL_CREATE_TABLE, "N*_?s+=", .flags = MAYBE(SQL_F_IF_NOT_EXISTS)},
    {'_', BOTH, SQL_COLUMN, "Dt?s+=", .flags = MAYBE(SQL_F_NOT_NULL)},
    {'_', BOTH, SQL_LIKE_TABLE, "T", W(NO_WORD, SQL_W_INCLUDING, SQL_W_EXCLUDING)},
    {'_', PRESTO, GO_ON, "'"},
    {'\'', PRESTO, SQL_CONSTRAINT, "?i*i", W(SQL_W_UNIQUE, SQL_W_PRIMARY),
     .flags = W(NO_FLAG, SQL_F_ENABLED, SQL_F_DISABLED | SQL_F_RELY,
                SQL_F_NOT_RELY | SQL_F_ENFORCED, SQL_F_NOT_ENFORCED)},
    {'!', BOTH, SQL_CREATE_TABLE_AS, "N+i?s+=q",
     .flags = W(NO_FLAG, SQL_F_IF_NOT_EXISTS, SQL_F_WITH_DATA, SQL_F_NO_DATA)},
    {'!', TRINO, SQL_CREATE_TABLE_AS, "N+i?s+=q", .flags = W(SQL_F_REPLACE)},
    {'!', TRINO, SQL_CREATE_VIEW, "N?s+=q", .op2s = W(NO_WORD, SQL_W_DEFINER, SQL_W_INVOKER),
     .flags = MAYBE(SQL_F_REPLACE)},
    {'!', PRESTO, SQL_CREATE_VIEW, "N--q", .op2s = W(NO_WORD, SQL_W_DEFINER, SQL_W_INVOKER),
     .flags = MAYBE(SQL_F_REPLACE)},
    {'!', TRINO, SQL_CREATE_MATERIALIZED_VIEW, "N?v?s+=q",
     .flags = W(NO_FLAG, SQL_F_REPLACE, SQL_F_IF_NOT_EXISTS)},
    {'!', PRESTO, SQL_CREATE_MATERIALIZED_VIEW, "N-?s+=q",
     .op2s = W(NO_WORD, SQL_W_DEFINER, SQL_W_INVOKER), .flags = MAYBE(SQL_F_IF_NOT_EXISTS)},
    {'!', BOTH, SQL_CREATE_ROLE, "i?~-"},
    {'!', TRINO, SQL_CREATE_ROLE, "i-i"},
    {'!', PRESTO, SQL_CREATE_TYPE, "N*`-"},
    {'!', PRESTO, SQL_CREATE_TYPE, "N-t"},
    {'`', BOTH, SQL_PARAMETER_SPEC, "it"},
    {'`', TRINO, SQL_PARAMETER_SPEC, "-\t"},
    {'\t', TRINO, SQL_TYPE, "D+a"}, /* of two words the first one would be a name */
    {'\t', TRINO, SQL_MAP_TYPE, "tt"},
    {'\t', TRINO, SQL_ROW_TYPE, "*g"},
    {'\t', TRINO, SQL_TIME_TYPE, "-", W(SQL_W_TIME, SQL_W_TIMESTAMP),
     .flags = W(SQL_F_WITH_ZONE, SQL_F_WITHOUT_ZONE)},
    {'!', TRINO, SQL_CREATE_FUNCTION, ",", .flags = MAYBE(SQL_F_REPLACE)},
    {'!', PRESTO, SQL_CREATE_FUNCTION, "\"", .flags = W(NO_FLAG, SQL_F_REPLACE, SQL_F_TEMPORARY)},
    {',', TRINO, SQL_FUNCTION_SPEC, "N0`t-0{|"},
    {'"', PRESTO, SQL_FUNCTION_SPEC, "N0`t?s.|"},
    {'"', PRESTO, SQL_FUNCTION_SPEC, "N0`t?s={|"},
    {'{', BOTH, SQL_CHARACTERISTIC, "i", W(SQL_W_LANGUAGE)},
    {'{', BOTH, SQL_CHARACTERISTIC, "-", W(SQL_W_DETERMINISTIC), .flags = MAYBE(SQL_F_NOT)},
    {'{', BOTH, SQL_CHARACTERISTIC, "-", W(SQL_W_RETURNS, SQL_W_CALLED)},
    {'{', TRINO, SQL_CHARACTERISTIC, "-", W(SQL_W_SECURITY), W(SQL_W_DEFINER, SQL_W_INVOKER)},
    {'{', TRINO, SQL_CHARACTERISTIC, "s", W(SQL_W_COMMENT)},
    {'{', TRINO, SQL_CHARACTERISTIC, "*=", W(SQL_W_WITH)},
    {'|', BOTH, SQL_RETURN, "e"},
    {'|', TRINO, SQL_BLOCK, "0.0}"},
    {'|', TRINO, SQL_DOLLAR_STRING, ""},
    {'|', PRESTO, SQL_EXTERNAL, "?i"},
    {'.', TRINO, SQL_DECLARE, "*it?e"},
    {'}', TRINO, SQL_RETURN, "e"},
    {'}', TRINO, SQL_ASSIGNMENT, "ie"},
    {'}', TRINO, SQL_CASE_STATEMENT, "?e*^+}"},
    {'}', TRINO, SQL_IF_STATEMENT, "*^+}"},
    {'}', TRINO, SQL_ITERATE, "i"},
    {'}', TRINO, SQL_LEAVE, "i"},
    {'}', TRINO, SQL_BLOCK, "0.0}"},
    {'}', TRINO, SQL_LOOP, "?i*}"},
    {'}', TRINO, SQL_WHILE, "?ie*}"},
    {'}', TRINO, SQL_REPEAT, "?i*}e"},
    {'^', TRINO, SQL_WHEN_STATEMENT, "e*}"},
    {'!', BOTH, SQL_DROP, "N--", W(SQL_W_SCHEMA), W(NO_WORD, SQL_W_CASCADE, SQL_W_RESTRICT),
     MAYBE(SQL_F_IF_EXISTS)},
    {'!', BOTH, SQL_DROP, "N--", W(SQL_W_TABLE, SQL_W_VIEW, SQL_W_MATERIALIZED),
     .flags = MAYBE(SQL_F_IF_EXISTS)},
    {'!', TRINO, SQL_DROP, "i-?i", W(SQL_W_ROLE), .flags = MAYBE(SQL_F_IF_EXISTS)},
    {'!', TRINO, SQL_DROP, "N0`-", W(SQL_W_FUNCTION), .flags = MAYBE(SQL_F_IF_EXISTS)},
    {'!', PRESTO, SQL_DROP, "N+t-", W(SQL_W_FUNCTION),
     .flags = W(NO_FLAG, SQL_F_TEMPORARY, SQL_F_IF_EXISTS)},
    {'!', BOTH, SQL_RENAME, "Ni", W(SQL_W_SCHEMA)},
    {'!', BOTH, SQL_RENAME, "NN", W(SQL_W_TABLE), .flags = MAYBE(SQL_F_IF_EXISTS)},
    {'!', BOTH, SQL_RENAME, "NN", W(SQL_W_VIEW)},
    {'!', TRINO, SQL_RENAME, "NN", W(SQL_W_MATERIALIZED), .flags = MAYBE(SQL_F_IF_EXISTS)},
    {'!', BOTH, SQL_ADD_COLUMN, "T\\-",
     .flags = W(NO_FLAG, SQL_F_IF_EXISTS, SQL_F_COLUMN_IF_NOT_EXISTS)},
    {'\\', BOTH, SQL_COLUMN, "Dt?s+=", .flags = MAYBE(SQL_F_NOT_NULL)},
    {'!', TRINO, SQL_ADD_COLUMN, "T\\-", W(SQL_W_FIRST, SQL_W_LAST)},
    {'!', TRINO, SQL_ADD_COLUMN, "T\\i", W(SQL_W_AFTER)},
    {'!', BOTH, SQL_RENAME_COLUMN, "TDi",
     .flags = W(NO_FLAG, SQL_F_IF_EXISTS, SQL_F_COLUMN_IF_EXISTS)},
    {'!', BOTH, SQL_DROP_COLUMN, "TN",
     .flags = W(NO_FLAG, SQL_F_IF_EXISTS, SQL_F_COLUMN_IF_EXISTS)},
    {'!', TRINO, SQL_SET_COLUMN_TYPE, "TNt", .flags = MAYBE(SQL_F_IF_EXISTS)},
    {'!', PRESTO, SQL_ALTER_NOT_NULL, "Ti", W(SQL_W_SET, SQL_W_DROP),
     .flags = W(NO_FLAG, SQL_F_WORD, SQL_F_IF_EXISTS)},
    {'!', TRINO, SQL_ALTER_NOT_NULL, "Ti", W(SQL_W_DROP), .flags = W(SQL_F_WORD)},
    {'!', PRESTO, SQL_ADD_CONSTRAINT, "T'", .flags = MAYBE(SQL_F_IF_EXISTS)},
    {'!', PRESTO, SQL_DROP_CONSTRAINT, "Ti",
     .flags = W(NO_FLAG, SQL_F_IF_EXISTS, SQL_F_COLUMN_IF_EXISTS)},
    {'!', BOTH, SQL_SET_PROPERTIES, "N*=", W(SQL_W_TABLE)},
    {'!', TRINO, SQL_SET_PROPERTIES, "N*=", W(SQL_W_MATERIALIZED)},
    {'!', TRINO, SQL_SET_AUTHORIZATION, "iN#"},
    {'!', TRINO, SQL_TABLE_EXECUTE, "Ti+>?e"},
    {'!', PRESTO, SQL_ALTER_FUNCTION, "N+t=?"},
    {'?', PRESTO, SQL_CHARACTERISTIC, "-", W(SQL_W_RETURNS, SQL_W_CALLED)},
    {'!', TRINO, SQL_COMMENT, "Ns", W(SQL_W_TABLE, SQL_W_VIEW, SQL_W_COLUMN)},
    {' ', BOTH, SQL_GRANTED_OBJECT, "-N"},
    {' ', TRINO, SQL_GRANTED_OBJECT, "iN"},
    {'\n', BOTH, SQL_IDENT, ""},
    {'\n', BOTH, SQL_IDENT, "", W(SQL_W_SELECT, SQL_W_INSERT, SQL_W_DELETE)},
    {'!', BOTH, SQL_GRANT, "+\n =#", .flags = MAYBE(SQL_F_GRANT_OPTION)},
    {'!', BOTH, SQL_REVOKE, "+\n =#", .flags = MAYBE(SQL_F_GRANT_OPTION)},
    {'!', TRINO, SQL_DENY, "+\n =#"},
    {'!', BOTH, SQL_GRANT_ROLES, "*i*#?~-", .flags = MAYBE(SQL_F_ADMIN_OPTION)},
    {'!', TRINO, SQL_GRANT_ROLES, "*i*#-i"},
    {'!', BOTH, SQL_REVOKE_ROLES, "*i*#?~-", .flags = MAYBE(SQL_F_ADMIN_OPTION)},
    {'!', BOTH, SQL_SET_ROLE, "--", W(SQL_W_ALL, SQL_W_NONE)},
    {'!', BOTH, SQL_SET_ROLE, "i-"},
    {'!', TRINO, SQL_SET_ROLE, "ii"},
    {'!', BOTH, SQL_USE, "?ii"},
    {'!', BOTH, SQL_SET_SESSION, "Ne"},
    {'!', BOTH, SQL_RESET_SESSION, "N"},
    {'!', TRINO, SQL_SET_SESSION_AUTHORIZATION, "i"},
    {'!', TRINO, SQL_SET_SESSION_AUTHORIZATION, "s"},
    {'!', TRINO, SQL_RESET_SESSION_AUTHORIZATION, ""},
    {'!', TRINO, SQL_SET_PATH, "*D"},
    {'!', TRINO, SQL_SET_TIME_ZONE, "?e"},
    {'!', BOTH, SQL_START_TRANSACTION, "0*"},
    {'*', BOTH, SQL_TRANSACTION_MODE, "", W(SQL_W_READ), W(SQL_W_ONLY, SQL_W_WRITE)},
    {'*', BOTH, SQL_TRANSACTION_MODE, "", W(SQL_W_ISOLATION),
     W(SQL_W_UNCOMMITTED, SQL_W_COMMITTED, SQL_W_REPEATABLE, SQL_W_SERIALIZABLE)},
    {'!', BOTH, SQL_COMMIT, ""},
    {'!', BOTH, SQL_ROLLBACK, ""},
    {'!', BOTH, SQL_PREPARE, "i!"},
    {'!', BOTH, SQL_DEALLOCATE, "i"},
    {'!', BOTH, SQL_EXECUTE, "i+e"},
    {'!', TRINO, SQL_EXECUTE_IMMEDIATE, "s+e"},
    {'!', BOTH, SQL_DESCRIBE, "i", W(SQL_W_INPUT, SQL_W_OUTPUT)},
    {'!', BOTH, SQL_EXPLAIN, "-!", .flags = MAYBE(SQL_F_ANALYZE)},
    {'!', BOTH, SQL_EXPLAIN, "*0!"},
    {'0', BOTH, SQL_EXPLAIN_OPTION, "", W(SQL_W_FORMAT), W(SQL_W_GRAPHVIZ, SQL_W_JSON, SQL_W_TEXT)},
    {'0', BOTH, SQL_EXPLAIN_OPTION, "", W(SQL_W_TYPE),
     W(SQL_W_DISTRIBUTED, SQL_W_IO, SQL_W_LOGICAL, SQL_W_VALIDATE)},
    {'!', BOTH, SQL_SHOW, "?N?s--", W(SQL_W_TABLES)},
    {'!', BOTH, SQL_SHOW, "?iss-", W(SQL_W_SCHEMAS)},
    {'!', BOTH, SQL_SHOW, "-ss-", W(SQL_W_CATALOGS, SQL_W_FUNCTIONS, SQL_W_SESSION)},
    {'!', BOTH, SQL_SHOW, "N---", W(SQL_W_COLUMNS), .flags = MAYBE(SQL_F_WORD)},
    {'!', BOTH, SQL_SHOW, "N---", W(SQL_W_STATS)},
    {'!', TRINO, SQL_SHOW, "---q", W(SQL_W_STATS)},
    {'!', BOTH, SQL_SHOW, "?i---", W(SQL_W_ROLES), .flags = MAYBE(SQL_F_CURRENT)},
    {'!', BOTH, SQL_SHOW, "?i---", W(SQL_W_ROLE)},
    {'!', BOTH, SQL_SHOW, "? ---", W(SQL_W_GRANTS)},
    {'!', BOTH, SQL_SHOW_CREATE, "N-",
     W(SQL_W_TABLE, SQL_W_SCHEMA, SQL_W_VIEW, SQL_W_MATERIALIZED, SQL_W_FUNCTION)},
};

#pragma GCC diagnostic pop

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
