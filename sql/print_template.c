/* SPDX-License-Identifier: Apache-2.0 */
/* print_template.c - interprets the templates of print_rules. A template is a line of words:
 *
 *   WORD    itself              ~WORD   without a blank before it
 *   (       and any word that ends in '(', '[', '<' or '.': no blank after it; ) ] , are glued by
 *           themselves
 *   @ # %   the text of op, of op2, of op as an object (MATERIALIZED VIEW)
 *   $n      child n; a list with commas. A letter behind it says what the child must bind like,
 *           see `needs`
 *   $ns $n; the items of a list on lines of their own; statements, each with its ';'
 *   ($n)    a list in brackets, or another child as a block of its own; ~($n) without a blank
 *   [$n]    a list in brackets, always one item a line in the pretty form
 *   _       no blank before the next word
 *   /       a place for a line end, \ for one with an indented line behind it
 *   {c ...} only if c: a digit: child n is there, a to e: the flag of the row, @ #: op, op2,
 *           t: for Trino; and the opposite with '!' before it
 *   ^X      a guard for the next expression, by its letter in `guards` */
#include "sql/printer.h"

static const struct {
    char letter;
    uint32_t guard;
} guards[] = {{'D', GUARD_DEFAULT}, {'L', GUARD_LOCAL}, {'A', GUARD_ANALYZE}};

static struct str next_token(struct str *rest)
{
    return str_split(rest, ' ');
}

static bool holds(const struct printer *p, const struct sql_node *n, const struct print_rule *rule,
                  struct str condition)
{
    bool negated = condition.n > 0 && condition.p[0] == '!', is;
    char c;

    condition = str_skip(condition, negated);
    c = condition.n > 0 ? condition.p[0] : '\0';
    if (c >= '0' && c <= '9')
        is = n->kid[c - '0'] != NULL;
    else if (c >= 'a' && c <= 'e')
        is = (n->flags & rule->flags[c - 'a']) != 0;
    else if (c == 't')
        is = p->trino;
    else
        is = (c == '@' ? n->op : n->op2) != 0;
    return is != negated;
}

/* Skips to behind the '}' of a part whose '{' was read. */
static void skip_part(struct str *rest)
{
    for (int depth = 1; depth > 0 && rest->p != NULL;) {
        struct str t = next_token(rest);

        depth += t.p[0] == '{' ? 1 : str_eq(t, STR("}")) ? -1 : 0;
    }
}

static const struct {
    char letter;
    enum print_level needs;
} needs[] = {{'v', BIND_CONCAT},
             {'p', BIND_PRIMARY},
             {'n', BIND_NOT},
             {'c', BIND_CONCATENATION},
             {'q', BIND_QUANTIFIED}};

static enum print_level level_of(char letter)
{
    for (size_t i = 0; i < ARRAY_LEN(needs); i++)
        if (needs[i].letter == letter)
            return needs[i].needs;
    return BIND_ANY;
}

static void print_sequence(struct printer *p, const struct sql_node *list)
{
    for (uint32_t i = 0; i < list->count; i++) {
        line(p, 1);
        print_any(p, list->kid[i]);
    }
}

/* $n and a letter, or none. */
static void print_child(struct printer *p, const struct sql_node *n, struct str t)
{
    const struct sql_node *kid = n->kid[t.p[1] - '0'];
    char letter = t.n > 2 ? t.p[2] : '\0';

    if (kid == NULL)
        p->invalid = true;
    else if (letter == 's')
        print_sequence(p, kid);
    else if (letter == ';')
        print_statements(p, kid);
    else if (kid->kind == SQL_LIST)
        print_list_of(p, kid, level_of(letter));
    else
        print_node(p, kid, level_of(letter));
}

/* ($n) ~($n) [$n] */
static void print_enclosed(struct printer *p, const struct sql_node *n, struct str t)
{
    bool glued = t.p[0] == '~', force;
    const struct sql_node *kid;

    t = str_skip(t, glued);
    force = t.p[0] == '[';
    kid = n->kid[t.p[2] - '0'];
    if (kid == NULL)
        p->invalid = true;
    else if (kid->kind == SQL_LIST)
        print_bracketed(p, kid, glued, force);
    else
        print_block(p, kid, glued);
}

static bool is_enclosed(struct str t)
{
    return t.n >= 4 && t.p[t.n - 3] == '$' && (t.p[t.n - 1] == ')' || t.p[t.n - 1] == ']');
}

static void print_word(struct printer *p, struct str t)
{
    bool glued = t.n > 1 && t.p[0] == '~';

    if (glued)
        put_glued(p, str_skip(t, 1));
    else if (t.n == 1 && (t.p[0] == ')' || t.p[0] == ',' || t.p[0] == ']'))
        put_glued(p, t);
    else
        put(p, t);
    if (memchr("([<.", t.p[t.n - 1], 4) != NULL)
        put_open(p);
}

static void set_guard(struct printer *p, char letter)
{
    for (size_t i = 0; i < ARRAY_LEN(guards); i++)
        if (guards[i].letter == letter)
            p->guard = guards[i].guard;
}

static void print_op(struct printer *p, uint16_t op, bool object)
{
    put_op(p, op);
    if (object && op == SQL_W_MATERIALIZED)
        SAY(p, "VIEW");
}

static void print_token(struct printer *p, const struct sql_node *n, struct str t)
{
    if (is_enclosed(t))
        print_enclosed(p, n, t);
    else if (t.p[0] == '$')
        print_child(p, n, t);
    else if (t.n == 2 && t.p[0] == '^')
        set_guard(p, t.p[1]);
    else if (t.n == 1 && (t.p[0] == '@' || t.p[0] == '%'))
        print_op(p, n->op, t.p[0] == '%');
    else if (t.n == 1 && t.p[0] == '#')
        put_op(p, n->op2);
    else if (t.n == 1 && t.p[0] == '_')
        put_open(p);
    else if (t.n == 1 && t.p[0] == '/')
        line(p, 0);
    else if (t.n == 1 && t.p[0] == '\\')
        line(p, 1);
    else
        print_word(p, t);
}

/* Statements of a routine always stand on lines of their own. */
static bool has_statements(struct str template)
{
    return str_find(template, ';') < template.n;
}

static bool has_breaks(struct str template)
{
    return has_statements(template) || str_find(template, '/') < template.n ||
           str_find(template, '\\') < template.n;
}

void print_template(struct printer *p, const struct sql_node *n, const struct print_rule *rule)
{
    struct str template = str_c(rule->template), rest = template;
    bool grouped = p->pretty && has_breaks(template);

    if (grouped)
        open_group(p, has_statements(template));
    while (rest.p != NULL && rest.n > 0) {
        struct str t = next_token(&rest);

        if (t.p[0] == '{' && t.n > 1 && t.p[1] != '-') {
            if (!holds(p, n, rule, str_skip(t, 1)))
                skip_part(&rest);
        } else if (!str_eq(t, STR("}"))) {
            print_token(p, n, t);
        }
    }
    if (grouped)
        close_group(p);
}
