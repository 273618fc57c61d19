/* SPDX-License-Identifier: Apache-2.0 */
/* The lexer: kinds and places of tokens, as the grammars of both dialects have them. */
#include "sql/words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

struct row {
    enum dialect dialect; /* NONE: both */
    const char *text;
    const char *tokens; /* kind:text of each, blanks between */
};

#define T DIALECT_TRINO
#define P DIALECT_PRESTO
#define BOTH DIALECT_NONE

static const struct row rows[] = {
    {BOTH, "", ""},
    {BOTH, " \t\r\n", ""},
    {BOTH, "select a", "SELECT:select IDENTIFIER:a"},
    {BOTH, "SeLeCt _x1 selects", "SELECT:SeLeCt IDENTIFIER:_x1 IDENTIFIER:selects"},
    {BOTH, "current_timestamp", "CURRENT_TIMESTAMP:current_timestamp"},
    {BOTH, "current_timestomp", "IDENTIFIER:current_timestomp"},
    {BOTH, "curren__timestamp", "IDENTIFIER:curren__timestamp"},
    {T, "json_table window", "JSON_TABLE:json_table WINDOW:window"},
    {P, "json_table window", "IDENTIFIER:json_table IDENTIFIER:window"},
    {P, "system_version", "SYSTEM_VERSION:system_version"},
    {T, "system_version", "IDENTIFIER:system_version"},
    /* comments */
    {BOTH, "a--b\nc", "IDENTIFIER:a IDENTIFIER:c"},
    {BOTH, "a--b\rc", "IDENTIFIER:a IDENTIFIER:c"},
    {BOTH, "a--b", "IDENTIFIER:a"},
    {BOTH, "a/*b*/c", "IDENTIFIER:a IDENTIFIER:c"},
    {BOTH, "a/**/b/***/c", "IDENTIFIER:a IDENTIFIER:b IDENTIFIER:c"},
    {BOTH, "a/*/b", "IDENTIFIER:a /:/ *:* /:/ IDENTIFIER:b"},
    {BOTH, "/*a/*b", "/:/ *:* IDENTIFIER:a /:/ *:* IDENTIFIER:b"},
    /* strings and quoted names */
    {BOTH, "'a''b'", "STRING:'a''b'"},
    {BOTH, "''", "STRING:''"},
    {BOTH, "'a", "UNRECOGNIZED:' IDENTIFIER:a"},
    {BOTH, "'a''b", "STRING:'a' UNRECOGNIZED:' IDENTIFIER:b"},
    {BOTH, "'a''", "STRING:'a' UNRECOGNIZED:'"},
    {BOTH, "'a--b'", "STRING:'a--b'"},
    {BOTH, "\"a\"\"b\"\"\"", "QUOTED_IDENTIFIER:\"a\"\"b\"\"\""},
    {BOTH, "`a``b`", "BACKQUOTED_IDENTIFIER:`a``b`"},
    {BOTH, "`a", "UNRECOGNIZED:` IDENTIFIER:a"},
    {BOTH, "u&'x' U&'' u&x",
     "UNICODE_STRING:u&'x' UNICODE_STRING:U&'' IDENTIFIER:u "
     "UNRECOGNIZED:& IDENTIFIER:x"},
    {BOTH, "x'0a' X'' x'", "BINARY_LITERAL:x'0a' BINARY_LITERAL:X'' IDENTIFIER:x UNRECOGNIZED:'"},
    {BOTH, "x'a''b'", "BINARY_LITERAL:x'a' STRING:'b'"},
    {T, "$$a$b$$", "DOLLAR_STRING:$$a$b$$"},
    {T, "$$a", "$:$ $:$ IDENTIFIER:a"},
    {P, "$$", "UNRECOGNIZED:$ UNRECOGNIZED:$"},
    /* numbers */
    {BOTH, "1 1.5 1. .5", "INTEGER_VALUE:1 DECIMAL_VALUE:1.5 DECIMAL_VALUE:1. DECIMAL_VALUE:.5"},
    {BOTH, "1e5 1E-5 1.e+5 .5e5",
     "DOUBLE_VALUE:1e5 DOUBLE_VALUE:1E-5 DOUBLE_VALUE:1.e+5 DOUBLE_VALUE:.5e5"},
    {BOTH, "1e 1e+ 1.e",
     "DIGIT_IDENTIFIER:1e DIGIT_IDENTIFIER:1e +:+ DECIMAL_VALUE:1. "
     "IDENTIFIER:e"},
    {BOTH, "1e5x 1x.5", "DIGIT_IDENTIFIER:1e5x DIGIT_IDENTIFIER:1x DECIMAL_VALUE:.5"},
    {BOTH, "1.5.5 1..2", "DECIMAL_VALUE:1.5 DECIMAL_VALUE:.5 DECIMAL_VALUE:1. DECIMAL_VALUE:.2"},
    {T, "1_000 1_000.5_0 1__0",
     "INTEGER_VALUE:1_000 DECIMAL_VALUE:1_000.5_0 DIGIT_IDENTIFIER:1__0"},
    {P, "1_000", "DIGIT_IDENTIFIER:1_000"},
    {T, "0x1F 0o17 0b_1 0b2",
     "INTEGER_VALUE:0x1F INTEGER_VALUE:0o17 INTEGER_VALUE:0b_1 "
     "DIGIT_IDENTIFIER:0b2"},
    {P, "0x1F", "DIGIT_IDENTIFIER:0x1F"},
    {T, "1_000e5", "DIGIT_IDENTIFIER:1_000e5"},
    {BOTH, "a.1b", "IDENTIFIER:a DECIMAL_VALUE:.1 IDENTIFIER:b"},
    /* punctuation */
    {BOTH, "<><=<>=>!=", "<>:<> <=:<= <>:<> =>:=> <>:!="},
    {BOTH, "a->b||c", "IDENTIFIER:a ->:-> IDENTIFIER:b ||:|| IDENTIFIER:c"},
    {T, "{--}{1}|^$;:", "{-:{- -}:-} {:{ INTEGER_VALUE:1 }:} |:| ^:^ $:$ ;:; :::"},
    {P, "|^;{", "UNRECOGNIZED:| UNRECOGNIZED:^ UNRECOGNIZED:; UNRECOGNIZED:{"},
    {BOTH, "!#\\", "UNRECOGNIZED:! UNRECOGNIZED:# UNRECOGNIZED:\\"},
    {BOTH, "\xc3\xa4\xf0\x9f\x8e\x89", "UNRECOGNIZED:\xc3\xa4 UNRECOGNIZED:\xf0\x9f\x8e\x89"},
    {T, "a@b:c", "IDENTIFIER:a UNRECOGNIZED:@ IDENTIFIER:b ::: IDENTIFIER:c"},
    {P, "a@b:c 1@", "IDENTIFIER:a@b:c DIGIT_IDENTIFIER:1@"},
    /* words that are one token in Presto */
    {P, "double precision", "DOUBLE_PRECISION:double precision"},
    {P, "double/**/precision", "IDENTIFIER:double IDENTIFIER:precision"},
    {P, "time with time\nzone", "TIME_WITH_TIME_ZONE:time with time\nzone"},
    {P, "timestamp with time zone", "TIMESTAMP_WITH_TIME_ZONE:timestamp with time zone"},
    {P, "timestamp with time", "TIMESTAMP:timestamp WITH:with TIME:time"},
    {T, "double precision", "DOUBLE:double PRECISION:precision"},
};

static void check(struct str text, enum dialect dialect, const char *expected)
{
    struct arena a = {0};
    struct buf got = buf_make(4096);
    const struct sql_token *t;
    uint32_t n = sql_lex(&t, &a, text, dialect, 100);

    assert_true(n > 0);
    for (uint32_t i = 0; i + 1 < n; i++) {
        struct str kind = sql_token_text(t[i].kind);

        buf_printf(&got, "%s%.*s:%.*s", i > 0 ? " " : "", STR_ARG(kind),
                   (int)(t[i].end - t[i].start), text.p + t[i].start);
    }
    buf_put_c(&got, '\0');
    assert_string_equal(got.p, expected);
    assert_int_equal(t[n - 1].kind, SQL_T_EOF);
    assert_int_equal(t[n - 1].start, text.n);
    buf_reset(&got);
    arena_reset(&a);
}

static void test_tokens(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        /* a copy without anything behind it, so that reading too far shows */
        size_t n = strlen(rows[i].text);
        char *copy = mem_alloc(n);

        memcpy(copy, rows[i].text, n);
        if (rows[i].dialect != P)
            check(str_of(copy, n), T, rows[i].tokens);
        if (rows[i].dialect != T)
            check(str_of(copy, n), P, rows[i].tokens);
        free(copy);
    }
}

static const struct {
    const char *name;
    char trino, presto;
} words[] = {
#define WORD(name, trino, presto) {#name, #trino[0], #presto[0]},
#include "sql/words.def"
#undef WORD
};

static void check_word(const char *name, enum dialect dialect, char class, unsigned kind)
{
    char text[32] = "";

    for (int lower = 0; lower < 2; lower++) {
        size_t n = strlen(name);
        enum sql_token_kind found, wide;

        for (size_t i = 0; i < n; i++)
            text[i] = (char)(lower && name[i] != '_' ? name[i] | 0x20 : name[i]);
        found = sql_word_find(str_of(text, n), dialect);
        wide = sql_word_find_wide(text, n, dialect == P);
        assert_int_equal(found, class == 'A' ? SQL_T_IDENTIFIER : kind);
        assert_int_equal(wide, found);
        text[n - 1] ^= 1;
        assert_int_not_equal(sql_word_find(str_of(text, n), dialect), kind);
    }
    assert_int_equal(sql_word_is_identifier(kind, dialect), class == 'N');
}

/* Fails when words.def was changed and scripts/words not run. */
static void test_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        unsigned kind = SQL_T_FIRST_WORD + (unsigned)i;

        assert_string_equal(sql_token_text(kind).p, words[i].name);
        check_word(words[i].name, T, words[i].trino, kind);
        check_word(words[i].name, P, words[i].presto, kind);
    }
    assert_int_equal(SQL_T_FIRST_WORD + ARRAY_LEN(words), SQL_TOKEN_COUNT);
}

static void test_limit(void **state)
{
    struct arena a = {0};
    const struct sql_token *t;

    (void)state;
    assert_int_equal(sql_lex(&t, &a, STR("a b c"), T, 3), 4);
    assert_int_equal(sql_lex(&t, &a, STR("a b c d"), T, 3), 0);
    arena_reset(&a);
}

/* Texts that would take a lexer quadratic time that starts over after each unfinished token. */
static void test_hostile_texts_are_linear(void **state)
{
    static const char *const pieces[] = {"/*", "$$ ", "''", "'", "\"", "`",
                                         "x'", "u&'", "1e", "-", "("};
    size_t n = (size_t)1 << 20;
    char *text = mem_alloc(n);
    struct arena a = {0};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
        const struct sql_token *t;
        size_t length = strlen(pieces[i]);

        for (size_t k = 0; k < n; k++)
            text[k] = pieces[i][k % length];
        assert_true(sql_lex(&t, &a, str_of(text, n), T, UINT32_MAX) > 0);
        assert_true(sql_lex(&t, &a, str_of(text, n), P, UINT32_MAX) > 0);
        arena_reset(&a);
    }
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tokens),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_limit),
        cmocka_unit_test(test_hostile_texts_are_linear),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
