/* SPDX-License-Identifier: Apache-2.0 */
/* Walking, comparing, copying, rewriting and checking of syntax trees; none may recurse. */
#include "sql/rewrite.h"
#include "sql/token.h"
#include "sql/tree.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define DEEP 1000000

static struct sql_node *ident(struct arena *a, const char *text)
{
    struct sql_node *n = sql_new(a, SQL_IDENT, 0);

    n->text = str_c(text);
    return n;
}

static struct sql_node *with(struct arena *a, enum sql_kind kind, uint32_t count, ...)
{
    struct sql_node *n = sql_new(a, kind, count);
    va_list args;

    va_start(args, count);
    for (uint32_t i = 0; i < count; i++)
        n->kid[i] = va_arg(args, struct sql_node *);
    va_end(args);
    return n;
}

static struct sql_node *plus(struct arena *a, struct sql_node *left, struct sql_node *right)
{
    struct sql_node *n = with(a, SQL_ARITHMETIC, 2, left, right);

    n->op = SQL_T_PLUS;
    return n;
}

static struct sql_node *deep_sum(struct arena *a)
{
    struct sql_node *n = ident(a, "a");

    for (int i = 0; i < DEEP; i++)
        n = plus(a, n, ident(a, "b"));
    return n;
}

struct trace {
    struct buf out;
    const char *over, *stop;
};

static enum sql_visit trace_enter(void *ctx, struct sql_node *n)
{
    struct trace *t = ctx;

    buf_put_c(&t->out, '<');
    buf_put_str(&t->out, n->kind == SQL_IDENT ? n->text : str_c(sql_kinds[n->kind].name));
    if (t->stop != NULL && n->kind == SQL_IDENT && str_eq(n->text, str_c(t->stop)))
        return SQL_VISIT_STOP;
    if (t->over != NULL && str_eq(str_c(sql_kinds[n->kind].name), str_c(t->over)))
        return SQL_VISIT_OVER;
    return SQL_VISIT_INTO;
}

static void trace_leave(void *ctx, struct sql_node *n)
{
    struct trace *t = ctx;

    (void)n;
    buf_put_c(&t->out, '>');
}

static void check_trace(struct sql_node *root, const char *over, const char *stop, const char *want)
{
    struct arena a = {0};
    struct trace t = {.out = buf_make(1000), .over = over, .stop = stop};
    struct sql_visitor v = {.enter = trace_enter, .leave = trace_leave, .ctx = &t};

    sql_walk(root, &v, &a);
    buf_put_c(&t.out, '\0');
    assert_string_equal(t.out.p, want);
    buf_reset(&t.out);
    arena_reset(&a);
}

static void walks_in_the_order_of_the_text(void **state)
{
    struct arena a = {0};
    struct sql_node *call, *trim;

    (void)state;
    call = with(&a, SQL_BETWEEN, 3, plus(&a, ident(&a, "a"), ident(&a, "b")), ident(&a, "c"),
                ident(&a, "d"));
    check_trace(call, NULL, NULL, "<between<arithmetic<a><b>><c><d>>");
    check_trace(call, "arithmetic", NULL, "<between<arithmetic><c><d>>");
    check_trace(call, NULL, "b", "<between<arithmetic<a><b");
    trim = with(&a, SQL_TRIM, 2, ident(&a, "source"), ident(&a, "character"));
    check_trace(trim, NULL, NULL, "<trim<character><source>>");
    trim->flags = SQL_F_COMMA;
    check_trace(trim, NULL, NULL, "<trim<source><character>>");
    trim->kid[1] = NULL;
    check_trace(trim, NULL, NULL, "<trim<source>>");
    arena_reset(&a);
}

static void copies_are_equal_and_apart(void **state)
{
    struct arena a = {0}, b = {0};
    char text[] = "a";
    struct sql_node *x = plus(&a, ident(&a, text), ident(&a, "b")), *y = sql_copy(x, &b);

    (void)state;
    x->start = 7;
    assert_true(sql_equal(x, y, &b));
    text[0] = 'z';
    assert_false(sql_equal(x, y, &b));
    text[0] = 'a';
    assert_true(sql_equal(x, y, &b));
    arena_reset(&a);
    assert_true(str_eq(y->kid[0]->text, STR("a")));
    arena_reset(&b);
}

static void every_difference_counts(void **state)
{
    struct arena a = {0};
    struct sql_node *x = plus(&a, ident(&a, "a"), ident(&a, "b")), *y;
    struct sql_node *p = sql_new(&a, SQL_PARAMETER, 0), *q = sql_new(&a, SQL_PARAMETER, 0);

    (void)state;
    y = sql_copy(x, &a);
    y->op = SQL_T_MINUS;
    assert_false(sql_equal(x, y, &a));
    y = sql_copy(x, &a);
    y->op2 = SQL_T_MINUS;
    assert_false(sql_equal(x, y, &a));
    y = sql_copy(x, &a);
    y->kid[1]->flags = SQL_F_QUOTED;
    assert_false(sql_equal(x, y, &a));
    y = sql_copy(x, &a);
    y->kid[1]->text = STR("B");
    assert_false(sql_equal(x, y, &a));
    y = sql_copy(x, &a);
    y->kid[1] = NULL;
    assert_false(sql_equal(x, y, &a));
    assert_false(sql_equal(y, x, &a));
    assert_true(sql_equal(NULL, NULL, &a));
    assert_false(sql_equal(x, NULL, &a));
    q->number = 1;
    assert_false(sql_equal(p, q, &a));
    x = with(&a, SQL_ITEM, 2, ident(&a, "a"), ident(&a, "b"));
    y = sql_copy(x, &a);
    y->flags = SQL_F_AS;
    assert_true(sql_equal(x, y, &a));
    arena_reset(&a);
}

static struct sql_node *shout(void *ctx, struct sql_node *n)
{
    struct arena *a = ctx;

    if (n->kind == SQL_IDENT && str_eq(n->text, STR("b")))
        return plus(a, ident(a, "B"), ident(a, "!"));
    return n;
}

static void rewrites_children_first(void **state)
{
    struct arena a = {0};
    struct buf out = buf_make(1000);
    struct sql_node *n;

    (void)state;
    n = sql_rewrite(plus(&a, ident(&a, "a"), ident(&a, "b")), shout, &a, &a);
    sql_dump(&out, n);
    buf_put_c(&out, '\0');
    assert_string_equal(out.p, "(arithmetic + (identifier \"a\") (arithmetic + (identifier \"B\") "
                               "(identifier \"!\")))");
    n = sql_rewrite(ident(&a, "b"), shout, &a, &a);
    assert_int_equal(n->kind, SQL_ARITHMETIC);
    buf_reset(&out);
    arena_reset(&a);
}

static enum sql_visit count_enter(void *ctx, struct sql_node *n)
{
    size_t *count = ctx;

    (void)n;
    ++*count;
    return SQL_VISIT_INTO;
}

static void nothing_recurses(void **state)
{
    struct arena a = {0};
    struct sql_node *n = deep_sum(&a), *copy;
    struct buf out = buf_make(100 << 20);
    size_t count = 0;
    struct sql_visitor v = {.enter = count_enter, .ctx = &count};

    (void)state;
    sql_walk(n, &v, &a);
    assert_int_equal(count, 2 * DEEP + 1);
    copy = sql_copy(n, &a);
    assert_true(sql_equal(n, copy, &a));
    copy = sql_rewrite(copy, shout, &a, &a);
    assert_false(sql_equal(n, copy, &a));
    assert_int_equal(sql_check(copy, &a, NULL), OK);
    sql_dump(&out, n);
    assert_false(out.overflow);
    buf_reset(&out);
    arena_reset(&a);
}

static void shapes_are_checked(void **state)
{
    struct arena a = {0};
    struct error e;
    struct sql_node *list = sql_new(&a, SQL_LIST, 0), *x = ident(&a, "x");
    struct sql_node *strange = sql_new(&a, SQL_NULL_LITERAL, 0),
                    *bad[] = {
                        with(&a, SQL_ARITHMETIC, 2, x, NULL),
                        with(&a, SQL_ARITHMETIC, 2, x, list),
                        with(&a, SQL_ARITHMETIC, 1, x),
                        with(&a, SQL_AND, 1, x),
                        with(&a, SQL_AND, 1, NULL),
                        with(&a, SQL_LIST, 1, NULL),
                        with(&a, SQL_NAME, 1, list),
                        sql_new(&a, SQL_NAME, 0),
                        strange,
                    };
    struct sql_node *good[] = {
        with(&a, SQL_AND, 1, list),
        with(&a, SQL_CHARACTERISTIC, 1, list),
        with(&a, SQL_CHARACTERISTIC, 1, x),
        with(&a, SQL_TABLE, 2, with(&a, SQL_NAME, 1, x), NULL),
    };

    (void)state;
    strange->op = UINT16_MAX;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_int_equal(sql_check(bad[i], &a, &e), ERR_INVALID);
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        assert_int_equal(sql_check(good[i], &a, &e), OK);
    sql_check(bad[0], &a, &e) == OK ? fail() : (void)0;
    assert_non_null(strstr(e.text, "arithmetic"));
    assert_int_equal(sql_check(NULL, &a, &e), ERR_INVALID);
    arena_reset(&a);
}

static void names_are_quoted_when_they_must_be(void **state)
{
    struct arena a = {0};
    struct str parts[] = {STR("a_1"), STR("A"), STR("1a"), STR("select"), STR("")};
    struct sql_node *name = sql_name(&a, parts, ARRAY_LEN(parts));

    (void)state;
    assert_int_equal(name->kid[0]->flags, 0);
    for (uint32_t i = 1; i < name->count; i++)
        assert_int_equal(name->kid[i]->flags, SQL_F_QUOTED);
    assert_true(sql_name_eq(name, name));
    assert_false(sql_name_eq(name, sql_name(&a, parts, 2)));
    assert_true(sql_name_eq(sql_name(&a, &parts[1], 1), sql_name(&a, &(struct str){"a", 1}, 1)));
    arena_reset(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(walks_in_the_order_of_the_text),
        cmocka_unit_test(copies_are_equal_and_apart),
        cmocka_unit_test(every_difference_counts),
        cmocka_unit_test(rewrites_children_first),
        cmocka_unit_test(nothing_recurses),
        cmocka_unit_test(shapes_are_checked),
        cmocka_unit_test(names_are_quoted_when_they_must_be),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
