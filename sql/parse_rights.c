/* SPDX-License-Identifier: Apache-2.0 */
/* parse_rights.c - roles and privileges: CREATE ROLE, GRANT, REVOKE, DENY, SET ROLE. */
#include "sql/statement.h"

/* -- principals and objects */

/* USER and ROLE may be a principal's name; and GRANTED, of GRANTED BY, its name's. */
static bool at_principal_kind(const struct parser *p)
{
    enum sql_token_kind next = peek(p, 1);

    return (peek(p, 0) == SQL_W_USER || peek(p, 0) == SQL_W_ROLE) && is_identifier(p, 1) &&
           (next != SQL_W_GRANTED || peek(p, 2) != SQL_W_BY);
}

struct sql_node *parse_principal(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_PRINCIPAL);

    wish(p, SQL_W_ROLE);
    wish(p, SQL_W_USER);
    if (at_principal_kind(p))
        n->op = accept_any(p, KINDS(SQL_W_ROLE, SQL_W_USER));
    n->kid[SQL_PRINCIPAL_NAME] = parse_identifier(p);
    return close_node(p, n);
}

static struct sql_node *parse_grantor(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_PRINCIPAL);

    n->op = accept_any(p, KINDS(SQL_W_CURRENT_ROLE, SQL_W_CURRENT_USER));
    return n->op != SQL_T_NONE ? close_node(p, n) : parse_principal(p);
}

/* Whether a word before an object's name says its kind: it does if a name follows, and the TO
 * after an object is a name only if another TO, or a part of it, comes next. */
static bool at_object_kind(const struct parser *p)
{
    enum sql_token_kind name = peek(p, 1), next = peek(p, 2);

    if (!is_identifier(p, 0) || !is_identifier(p, 1))
        return false;
    if (name != SQL_W_TO)
        return true;
    return next == SQL_T_EOF || next == SQL_T_DOT || (next == SQL_W_TO && is_identifier(p, 3));
}

struct sql_node *parse_grant_object(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_GRANTED_OBJECT);

    if (p->trino)
        wish(p, SQL_W_SCHEMA);
    if (at(p, SQL_W_TABLE) || (p->trino && at_object_kind(p) && at(p, SQL_W_SCHEMA)))
        n->kid[SQL_GRANTED_OBJECT_KIND] = parse_grammar_word(p);
    else if (p->trino && at_object_kind(p))
        n->kid[SQL_GRANTED_OBJECT_KIND] = parse_identifier(p);
    n->kid[SQL_GRANTED_OBJECT_NAME] = parse_qualified_name(p);
    return close_node(p, n);
}

/* -- lists of privileges and roles */

static const struct {
    uint16_t word;
    uint16_t dialects;
} privilege_words[] = {
    {SQL_W_CREATE, IN_TRINO}, {SQL_W_DELETE, IN_BOTH},  {SQL_W_INSERT, IN_BOTH},
    {SQL_W_SELECT, IN_BOTH},  {SQL_W_UPDATE, IN_TRINO},
};

/* What GRANT and REVOKE list may be roles or privileges; that shows at the word after it. */
static struct sql_node *parse_privilege(struct parser *p)
{
    uint16_t dialect = p->trino ? IN_TRINO : IN_PRESTO;

    for (size_t i = 0; i < COUNT_OF(privilege_words); i++) {
        if ((privilege_words[i].dialects & dialect) && at(p, privilege_words[i].word))
            return parse_grammar_word(p);
    }
    return parse_identifier(p);
}

/* The first word of a list that stands for a privilege, or NULL. */
static const struct sql_node *find_privilege_word(const struct sql_node *list)
{
    for (uint32_t i = 0; i < list->count; i++) {
        if (list->kid[i] != NULL && list->kid[i]->op != SQL_T_NONE)
            return list->kid[i];
    }
    return NULL;
}

/* Privileges, or NULL for ALL PRIVILEGES. */
static struct sql_node *parse_privileges(struct parser *p)
{
    if (accept_two(p, SQL_W_ALL, SQL_W_PRIVILEGES))
        return NULL;
    return comma_list(p, parse_privilege);
}

static struct sql_node *parse_grantee(struct parser *p)
{
    uint32_t mark = list_begin(p);

    list_add(p, parse_principal(p));
    return list_end(p, mark);
}

/* -- GRANT and REVOKE */

struct listed {
    const struct sql_token *first;
    struct sql_node *list; /* NULL: ALL PRIVILEGES */
};

/* The tokens are not kept by the nodes: finds a node's in the list's text. */
static const struct sql_token *find_token(const struct sql_token *from, const struct sql_node *n)
{
    while (from->start < n->start)
        from++;
    return from;
}

static void refuse_privilege_as_role(struct parser *p, const struct listed *l)
{
    const struct sql_node *word = find_privilege_word(l->list);

    if (word != NULL)
        refuse_at(p, find_token(l->first, word), "May not use a privilege name as a role name");
}

/* Whether a list may be one of roles. Presto's roles cannot be called like privileges. */
static bool may_be_roles(const struct parser *p, const struct listed *l)
{
    return l->list != NULL && (p->trino || find_privilege_word(l->list) == NULL);
}

static void parse_role_grantor(struct parser *p, struct sql_node **grantor,
                               struct sql_node **catalog)
{
    if (accept(p, SQL_W_GRANTED)) {
        expect(p, SQL_W_BY);
        *grantor = parse_grantor(p);
    }
    if (p->trino && accept(p, SQL_W_IN))
        *catalog = parse_identifier(p);
}

static struct sql_node *parse_grant_roles(struct parser *p, const struct opening *o,
                                          const struct listed *l)
{
    struct sql_node *n = open_statement(p, o, SQL_GRANT_ROLES);

    refuse_privilege_as_role(p, l);
    n->kid[SQL_GRANT_ROLES_ROLES] = l->list;
    n->kid[SQL_GRANT_ROLES_TO] = comma_list(p, parse_principal);
    if (accept(p, SQL_W_WITH)) {
        expect(p, SQL_W_ADMIN);
        expect(p, SQL_W_OPTION);
        n->flags |= SQL_F_ADMIN_OPTION;
    }
    parse_role_grantor(p, &n->kid[SQL_GRANT_ROLES_GRANTOR], &n->kid[SQL_GRANT_ROLES_CATALOG]);
    return close_node(p, n);
}

struct sql_node *parse_grant(struct parser *p, const struct opening *o)
{
    struct listed l = {p->token, parse_privileges(p)};
    struct sql_node *n;

    if (may_be_roles(p, &l) && accept(p, SQL_W_TO))
        return parse_grant_roles(p, o, &l);
    n = open_statement(p, o, SQL_GRANT);
    n->kid[SQL_GRANT_PRIVILEGES] = l.list;
    expect(p, SQL_W_ON);
    n->kid[SQL_GRANT_OBJECT] = parse_grant_object(p);
    expect(p, SQL_W_TO);
    n->kid[SQL_GRANT_TO] = parse_grantee(p);
    if (accept(p, SQL_W_WITH)) {
        expect(p, SQL_W_GRANT);
        expect(p, SQL_W_OPTION);
        n->flags |= SQL_F_GRANT_OPTION;
    }
    return close_node(p, n);
}

/* After FROM. */
static struct sql_node *parse_revoke_roles(struct parser *p, const struct opening *o,
                                           const struct listed *l)
{
    struct sql_node *n = open_statement(p, o, SQL_REVOKE_ROLES);

    refuse_privilege_as_role(p, l);
    n->kid[SQL_REVOKE_ROLES_ROLES] = l->list;
    n->kid[SQL_REVOKE_ROLES_FROM] = comma_list(p, parse_principal);
    parse_role_grantor(p, &n->kid[SQL_REVOKE_ROLES_GRANTOR], &n->kid[SQL_REVOKE_ROLES_CATALOG]);
    return close_node(p, n);
}

/* After GRANT OPTION FOR, and without. */
static struct sql_node *parse_revoke_privileges(struct parser *p, const struct opening *o,
                                                const struct listed *l)
{
    struct sql_node *n = open_statement(p, o, SQL_REVOKE);

    n->kid[SQL_REVOKE_PRIVILEGES] = l->list;
    expect(p, SQL_W_ON);
    n->kid[SQL_REVOKE_OBJECT] = parse_grant_object(p);
    expect(p, SQL_W_FROM);
    n->kid[SQL_REVOKE_FROM] = parse_grantee(p);
    return close_node(p, n);
}

static struct sql_node *parse_revoke_admin_option(struct parser *p, const struct opening *o)
{
    struct opening here = {o->first, o->flags | SQL_F_ADMIN_OPTION};
    struct listed l;

    expect(p, SQL_W_FOR);
    l.first = p->token;
    l.list = comma_list(p, p->trino ? parse_privilege : parse_identifier);
    expect(p, SQL_W_FROM);
    return parse_revoke_roles(p, &here, &l);
}

/* ADMIN and GRANT may be names of roles. */
struct sql_node *parse_revoke(struct parser *p, const struct opening *o)
{
    struct opening here = *o;
    struct listed l;

    if (accept_two(p, SQL_W_ADMIN, SQL_W_OPTION))
        return parse_revoke_admin_option(p, o);
    if (accept_two(p, SQL_W_GRANT, SQL_W_OPTION)) {
        expect(p, SQL_W_FOR);
        here.flags |= SQL_F_GRANT_OPTION;
    }
    l.first = p->token;
    l.list = parse_privileges(p);
    if (here.flags == 0 && may_be_roles(p, &l) && accept(p, SQL_W_FROM))
        return parse_revoke_roles(p, o, &l);
    return parse_revoke_privileges(p, &here, &l);
}

/* -- DENY */

struct sql_node *parse_deny(struct parser *p, const struct opening *o)
{
    struct sql_node *n = open_statement(p, o, SQL_DENY);

    n->kid[SQL_DENY_PRIVILEGES] = parse_privileges(p);
    expect(p, SQL_W_ON);
    n->kid[SQL_DENY_OBJECT] = parse_grant_object(p);
    expect(p, SQL_W_TO);
    n->kid[SQL_DENY_TO] = parse_grantee(p);
    return close_node(p, n);
}

/* -- roles */

struct sql_node *parse_create_role(struct parser *p, const struct opening *o)
{
    struct sql_node *n = open_statement(p, o, SQL_CREATE_ROLE);

    n->kid[SQL_CREATE_ROLE_NAME] = parse_identifier(p);
    if (accept(p, SQL_W_WITH)) {
        expect(p, SQL_W_ADMIN);
        n->kid[SQL_CREATE_ROLE_ADMIN] = parse_grantor(p);
    }
    if (p->trino && accept(p, SQL_W_IN))
        n->kid[SQL_CREATE_ROLE_CATALOG] = parse_identifier(p);
    return close_node(p, n);
}

struct sql_node *parse_set_role(struct parser *p, const struct opening *o)
{
    struct sql_node *n = open_statement(p, o, SQL_SET_ROLE);

    n->op = accept_any(p, KINDS(SQL_W_ALL, SQL_W_NONE));
    if (n->op == SQL_T_NONE)
        n->kid[SQL_SET_ROLE_ROLE] = parse_identifier(p);
    if (p->trino && accept(p, SQL_W_IN))
        n->kid[SQL_SET_ROLE_CATALOG] = parse_identifier(p);
    return close_node(p, n);
}
