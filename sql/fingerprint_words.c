/* SPDX-License-Identifier: Apache-2.0 */
/* fingerprint_words.c - see fingerprint_words.h. */
#include "sql/fingerprint_words.h"

#define LOOK_RR LOOK_RESERVED
#define LOOK_RN LOOK_RESERVED
#define LOOK_RA LOOK_RESERVED
#define LOOK_NR LOOK_RESERVED
#define LOOK_AR LOOK_RESERVED
#define LOOK_NN LOOK_NAME
#define LOOK_NA LOOK_NAME
#define LOOK_AN LOOK_NAME

/* Reserved in one of the dialects. */
static const uint8_t reserved[SQL_TOKEN_COUNT] = {
#define WORD(name, trino, presto) [SQL_W_##name] = LOOK_##trino##presto,
#include "sql/words.def"
#undef WORD
};

/* Words of clauses and statements, which are seldom names. */
static const uint8_t shown[SQL_TOKEN_COUNT] = {
    [SQL_W_ADD] = LOOK_WORD,          [SQL_W_ALL] = LOOK_RESERVED,
    [SQL_W_ANALYZE] = LOOK_WORD,      [SQL_W_ANY] = LOOK_RESERVED,
    [SQL_W_ARRAY] = LOOK_RESERVED,    [SQL_W_ASC] = LOOK_WORD,
    [SQL_W_AT] = LOOK_WORD,           [SQL_W_AUTHORIZATION] = LOOK_WORD,
    [SQL_W_BERNOULLI] = LOOK_WORD,    [SQL_W_CALL] = LOOK_WORD,
    [SQL_W_CASCADE] = LOOK_WORD,      [SQL_W_CATALOGS] = LOOK_WORD,
    [SQL_W_COLUMNS] = LOOK_WORD,      [SQL_W_COMMIT] = LOOK_WORD,
    [SQL_W_CURRENT] = LOOK_WORD,      [SQL_W_DEFINE] = LOOK_WORD,
    [SQL_W_DENY] = LOOK_WORD,         [SQL_W_DESC] = LOOK_WORD,
    [SQL_W_DISTRIBUTED] = LOOK_WORD,  [SQL_W_EXPLAIN] = LOOK_WORD,
    [SQL_W_FETCH] = LOOK_WORD,        [SQL_W_FILTER] = LOOK_WORD,
    [SQL_W_FOLLOWING] = LOOK_WORD,    [SQL_W_FUNCTION] = LOOK_WORD,
    [SQL_W_FUNCTIONS] = LOOK_WORD,    [SQL_W_GRANT] = LOOK_WORD,
    [SQL_W_GRANTS] = LOOK_WORD,       [SQL_W_GROUPS] = LOOK_WORD,
    [SQL_W_IF] = LOOK_WORD,           [SQL_W_IGNORE] = LOOK_WORD,
    [SQL_W_IMMEDIATE] = LOOK_WORD,    [SQL_W_INTERVAL] = LOOK_RESERVED,
    [SQL_W_LATERAL] = LOOK_RESERVED,  [SQL_W_LIMIT] = LOOK_WORD,
    [SQL_W_MATCHED] = LOOK_WORD,      [SQL_W_MATCH_RECOGNIZE] = LOOK_WORD,
    [SQL_W_MATERIALIZED] = LOOK_WORD, [SQL_W_MEASURES] = LOOK_WORD,
    [SQL_W_MERGE] = LOOK_WORD,        [SQL_W_NULLS] = LOOK_WORD,
    [SQL_W_OF] = LOOK_WORD,           [SQL_W_OFFSET] = LOOK_WORD,
    [SQL_W_ONLY] = LOOK_WORD,         [SQL_W_ORDINALITY] = LOOK_WORD,
    [SQL_W_OVER] = LOOK_WORD,         [SQL_W_PARTITION] = LOOK_WORD,
    [SQL_W_PRECEDING] = LOOK_WORD,    [SQL_W_PROPERTIES] = LOOK_WORD,
    [SQL_W_RANGE] = LOOK_WORD,        [SQL_W_REFRESH] = LOOK_WORD,
    [SQL_W_RENAME] = LOOK_WORD,       [SQL_W_REPLACE] = LOOK_NAME,
    [SQL_W_RESET] = LOOK_WORD,        [SQL_W_RESPECT] = LOOK_WORD,
    [SQL_W_REVOKE] = LOOK_WORD,       [SQL_W_ROLLBACK] = LOOK_WORD,
    [SQL_W_ROW] = LOOK_RESERVED,      [SQL_W_ROWS] = LOOK_WORD,
    [SQL_W_SCHEMAS] = LOOK_WORD,      [SQL_W_SET] = LOOK_WORD,
    [SQL_W_SETS] = LOOK_WORD,         [SQL_W_SHOW] = LOOK_WORD,
    [SQL_W_SOME] = LOOK_RESERVED,     [SQL_W_STATS] = LOOK_WORD,
    [SQL_W_TABLES] = LOOK_WORD,       [SQL_W_TABLESAMPLE] = LOOK_WORD,
    [SQL_W_TIES] = LOOK_WORD,         [SQL_W_TO] = LOOK_WORD,
    [SQL_W_TRANSACTION] = LOOK_WORD,  [SQL_W_TRUNCATE] = LOOK_WORD,
    [SQL_W_TRY_CAST] = LOOK_WORD,     [SQL_W_UNBOUNDED] = LOOK_RESERVED,
    [SQL_W_UPDATE] = LOOK_WORD,       [SQL_W_USE] = LOOK_WORD,
    [SQL_W_VIEW] = LOOK_WORD,         [SQL_W_WINDOW] = LOOK_WORD,
    [SQL_W_WITHIN] = LOOK_WORD,       [SQL_W_WITHOUT] = LOOK_WORD,
};

static enum word_look one_look(enum sql_token_kind k)
{
    return (enum word_look)(reserved[k] != LOOK_NAME ? reserved[k] : shown[k]);
}

enum word_look word_look(enum sql_token_kind trino, enum sql_token_kind presto)
{
    return one_look(trino >= SQL_T_FIRST_WORD ? trino : presto);
}

bool word_is_call(enum sql_token_kind k)
{
    switch (k) {
    case SQL_W_CAST:
    case SQL_W_CUBE:
    case SQL_W_CURRENT_TIME:
    case SQL_W_CURRENT_TIMESTAMP:
    case SQL_W_EXTRACT:
    case SQL_W_GROUPING:
    case SQL_W_IF:
    case SQL_W_JSON_ARRAY:
    case SQL_W_JSON_EXISTS:
    case SQL_W_JSON_OBJECT:
    case SQL_W_JSON_QUERY:
    case SQL_W_JSON_TABLE:
    case SQL_W_JSON_VALUE:
    case SQL_W_LISTAGG:
    case SQL_W_LOCALTIME:
    case SQL_W_LOCALTIMESTAMP:
    case SQL_W_NORMALIZE:
    case SQL_W_ROLLUP:
    case SQL_W_ROW:
    case SQL_W_TRIM:
    case SQL_W_TRY_CAST:
    case SQL_W_UNNEST:
        return true;
    default:
        return false;
    }
}

bool word_is_operand(enum sql_token_kind k)
{
    switch (k) {
    case SQL_W_NULL:
    case SQL_W_TRUE:
    case SQL_W_FALSE:
    case SQL_W_END:
    case SQL_W_CURRENT_DATE:
    case SQL_W_CURRENT_TIME:
    case SQL_W_CURRENT_TIMESTAMP:
    case SQL_W_CURRENT_USER:
    case SQL_W_CURRENT_CATALOG:
    case SQL_W_CURRENT_SCHEMA:
    case SQL_W_CURRENT_PATH:
    case SQL_W_CURRENT_ROLE:
    case SQL_W_LOCALTIME:
    case SQL_W_LOCALTIMESTAMP:
        return true;
    default:
        return one_look(k) != LOOK_RESERVED;
    }
}
