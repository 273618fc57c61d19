/* SPDX-License-Identifier: Apache-2.0 */
/* facts_statement.c - each kind of statement: its type, its effects, and what it names.
 *
 * Roles: whatever changes an object, what belongs to it or who may use it, writes it. UPDATE,
 * MERGE, DELETE with a condition and ANALYZE read their target as well. Definitions of views name
 * the tables they will read with the role read, but do not read them.
 *
 * The types are those of Trino's resource groups; what only Presto has (CONTROL) is
 * DATA_DEFINITION, as there. */
#include "sql/gather.h"
#include "sql/inner.h"

enum {
    READS = 1 << 0,
    WRITES = 1 << 1,
    SESSION = 1 << 2,
    MAY_READ = 1 << 3 /* it reads if a table has the role */
};

struct statement_row {
    enum sql_type type;
    uint8_t effects;
    uint8_t roles; /* of what stands in the first slot, 0: not a table */
    void (*gather)(struct gather *g, struct sql_node *n);
};

#define READ SQL_ROLE_READ
#define WRITTEN SQL_ROLE_WRITTEN
#define CREATED SQL_ROLE_CREATED
#define DROPPED SQL_ROLE_DROPPED

/* ---- statements on data ---- */

/* The columns a list of names means in a table. */
static void target_columns(struct gather *g, uint32_t table, const struct sql_node *names)
{
    for (uint32_t i = 0; names != NULL && i < names->count; i++)
        add_column(g, table, name_of(g, names->kid[i]->text), names->kid[i]->start);
}

static void assigned_columns(struct gather *g, uint32_t table, const struct sql_node *list)
{
    for (uint32_t i = 0; list != NULL && i < list->count; i++) {
        const struct sql_node *name = list->kid[i]->kid[SQL_ASSIGNMENT_NAME];

        add_column(g, table, name_of(g, name->text), name->start);
    }
}

/* The target becomes the first source of the statement's scope. */
static uint32_t open_target(struct gather *g, const struct sql_node *table,
                            const struct sql_node *alias, uint32_t roles)
{
    const struct sql_node *name = table->kind == SQL_NAME ? table : table->kid[SQL_TABLE_NAME];
    const struct sql_node *shown = alias != NULL ? alias : name->kid[name->count - 1];
    uint32_t at = refer(g, table, roles);

    add_source(g, name_of(g, shown->text), at);
    return at;
}

static void gather_query(struct gather *g, struct sql_node *n)
{
    visit_later(g, n);
}

static void gather_insert(struct gather *g, struct sql_node *n)
{
    target_columns(g, refer(g, n->kid[SQL_INSERT_TABLE], WRITTEN), n->kid[SQL_INSERT_COLUMNS]);
    visit_later(g, n->kid[SQL_INSERT_QUERY]);
}

static void gather_delete(struct gather *g, struct sql_node *n)
{
    struct sql_node *where = n->kid[SQL_DELETE_WHERE];

    open_target(g, n->kid[SQL_DELETE_TABLE], NULL, where != NULL ? READ | WRITTEN : WRITTEN);
    visit_later(g, where);
}

static void gather_update(struct gather *g, struct sql_node *n)
{
    uint32_t target = open_target(g, n->kid[SQL_UPDATE_TABLE], NULL, READ | WRITTEN);

    assigned_columns(g, target, n->kid[SQL_UPDATE_ASSIGNMENTS]);
    visit_later(g, n->kid[SQL_UPDATE_WHERE]);
    visit_later(g, n->kid[SQL_UPDATE_ASSIGNMENTS]);
}

static void gather_merge(struct gather *g, struct sql_node *n)
{
    const struct sql_node *cases = n->kid[SQL_MERGE_CASES];
    uint32_t target =
        open_target(g, n->kid[SQL_MERGE_TABLE], n->kid[SQL_MERGE_ALIAS], READ | WRITTEN);

    for (uint32_t i = 0; i < cases->count; i++) {
        const struct sql_node *c = cases->kid[i];

        if (c->kind == SQL_MERGE_UPDATE)
            assigned_columns(g, target, c->kid[SQL_MERGE_UPDATE_ASSIGNMENTS]);
        else if (c->kind == SQL_MERGE_INSERT)
            target_columns(g, target, c->kid[SQL_MERGE_INSERT_COLUMNS]);
    }
    visit_later(g, n->kid[SQL_MERGE_CASES]);
    visit_later(g, n->kid[SQL_MERGE_ON]);
    visit_later(g, n->kid[SQL_MERGE_SOURCE]);
}

static void gather_table_execute(struct gather *g, struct sql_node *n)
{
    struct sql_node *where = n->kid[SQL_TABLE_EXECUTE_WHERE];

    open_target(g, n->kid[SQL_TABLE_EXECUTE_TABLE], NULL, WRITTEN);
    visit_later(g, where);
}

/* The value of an argument of CALL, by its name or its place. */
static const struct sql_node *argument(const struct sql_node *list, struct str name, uint32_t place)
{
    for (uint32_t i = 0; i < list->count; i++) {
        const struct sql_node *a = list->kid[i], *key = a->kid[SQL_ARGUMENT_NAME];

        if (key != NULL ? str_eq_nocase(key->text, name) : i == place)
            return a->kid[SQL_ARGUMENT_VALUE];
    }
    return NULL;
}

static void gather_call(struct gather *g, struct sql_node *n)
{
    struct place p = table_place(g, n->kid[SQL_CALL_NAME], 0);
    struct str catalog = name_text(g, p.catalog), schema = name_text(g, p.schema);
    struct str name = name_text(g, p.table);
    const struct sql_node *id;

    g->out->procedure =
        arena_printf(g->arena, "%.*s%s%.*s%s%.*s", STR_ARG(catalog), catalog.n > 0 ? "." : "",
                     STR_ARG(schema), schema.n > 0 ? "." : "", STR_ARG(name));
    add_schema(g, p.catalog, p.schema);
    visit_later(g, n->kid[SQL_CALL_ARGUMENTS]);
    if (!str_eq(g->out->procedure, STR("system.runtime.kill_query")))
        return;
    g->out->writes = false;
    id = argument(n->kid[SQL_CALL_ARGUMENTS], STR("query_id"), 0);
    if (id != NULL && id->kind == SQL_STRING)
        g->out->kill_query_id = id->text;
}

/* ---- definitions ---- */

static void gather_create_table(struct gather *g, struct sql_node *n)
{
    const struct sql_node *list = n->kid[SQL_CREATE_TABLE_ELEMENTS];

    refer(g, n->kid[SQL_CREATE_TABLE_NAME], CREATED);
    for (uint32_t i = 0; i < list->count; i++)
        if (list->kid[i]->kind == SQL_LIKE_TABLE)
            refer(g, list->kid[i]->kid[SQL_LIKE_TABLE_TABLE], READ);
}

static void gather_create_table_as(struct gather *g, struct sql_node *n)
{
    refer(g, n->kid[SQL_CREATE_TABLE_AS_NAME], CREATED);
    visit_later(g, n->kid[SQL_CREATE_TABLE_AS_QUERY]);
}

static void gather_create_view(struct gather *g, struct sql_node *n)
{
    refer(g, n->kid[0], CREATED);
    visit_later(g, n->kind == SQL_CREATE_VIEW ? n->kid[SQL_CREATE_VIEW_QUERY]
                                              : n->kid[SQL_CREATE_MATERIALIZED_VIEW_QUERY]);
}

static void gather_create_catalog(struct gather *g, struct sql_node *n)
{
    refer_catalog(g, n->kid[SQL_CREATE_CATALOG_NAME]);
}

static void gather_create_schema(struct gather *g, struct sql_node *n)
{
    refer_schema(g, n->kid[SQL_CREATE_SCHEMA_NAME]);
}

/* Of something in a schema that is no table. */
static void refer_function(struct gather *g, const struct sql_node *name)
{
    struct place p = table_place(g, name, 0);

    if (name->kind == SQL_NAME && name->count > 1)
        add_schema(g, p.catalog, p.schema);
}

/* The name stands first. */
static void gather_function_name(struct gather *g, struct sql_node *n)
{
    refer_function(g, n->kid[0]);
}

static void gather_create_function(struct gather *g, struct sql_node *n)
{
    struct sql_node *spec = n->kid[SQL_CREATE_FUNCTION_FUNCTION];

    refer_function(g, spec->kid[SQL_FUNCTION_SPEC_NAME]);
    visit_later(g, spec);
}

/* What a name means by the word for its kind. */
static void refer_object(struct gather *g, enum sql_token_kind object, const struct sql_node *name,
                         uint32_t roles)
{
    switch (object) {
    case SQL_W_TABLE:
    case SQL_W_VIEW:
    case SQL_W_MATERIALIZED:
        refer(g, name, roles);
        break;
    case SQL_W_SCHEMA:
        refer_schema(g, name);
        break;
    case SQL_W_CATALOG:
        refer_catalog(g, name);
        break;
    case SQL_W_FUNCTION:
        refer_function(g, name);
        break;
    default: /* roles, types */
        break;
    }
}

static void gather_drop(struct gather *g, struct sql_node *n)
{
    refer_object(g, (enum sql_token_kind)n->op, n->kid[SQL_DROP_NAME], DROPPED);
    if (n->kid[SQL_DROP_CATALOG] != NULL)
        refer_catalog(g, n->kid[SQL_DROP_CATALOG]);
}

/* Trino completes the new name from the old one, Presto from the session. */
static void gather_rename(struct gather *g, struct sql_node *n)
{
    const struct sql_node *to = n->kid[SQL_RENAME_TO];
    struct place from = table_place(g, n->kid[SQL_RENAME_NAME], 0), p = table_place(g, to, 0);
    uint32_t count = to->kind == SQL_NAME ? to->count : 1;

    if (n->op == SQL_W_SCHEMA) {
        refer_schema(g, n->kid[SQL_RENAME_NAME]);
        add_schema(g, n->kid[SQL_RENAME_NAME]->count > 1 ? from.schema : g->catalog, p.table);
        return;
    }
    refer(g, n->kid[SQL_RENAME_NAME], DROPPED);
    if (g->s->dialect != DIALECT_PRESTO && count < 3)
        p.catalog = from.catalog;
    if (g->s->dialect != DIALECT_PRESTO && count < 2)
        p.schema = from.schema;
    add_table(g, p, CREATED, to->start, to->end);
}

static void gather_comment(struct gather *g, struct sql_node *n)
{
    const struct sql_node *name = n->kid[SQL_COMMENT_NAME];
    bool column = n->op == SQL_W_COLUMN && name->count > 1;
    struct place p = table_place(g, name, column ? 1 : 0);
    uint32_t end = column ? name->kid[name->count - 2]->end : name->end;
    uint32_t at = add_table(g, p, WRITTEN, name->start, end);

    if (column)
        add_column(g, at, name_of(g, name->kid[name->count - 1]->text), name->start);
}

/* ---- rights ---- */

static enum sql_token_kind object_word(const struct gather *g, const struct sql_node *ident)
{
    struct str s = ident != NULL ? ident->text : STR("table");

    if (str_starts_nocase(s, STR("materialized")))
        return SQL_W_MATERIALIZED;
    return sql_word_find(s, g->s->dialect);
}

static void refer_granted(struct gather *g, const struct sql_node *object, uint32_t roles)
{
    refer_object(g, object_word(g, object->kid[SQL_GRANTED_OBJECT_KIND]),
                 object->kid[SQL_GRANTED_OBJECT_NAME], roles);
}

static void gather_grant(struct gather *g, struct sql_node *n)
{
    refer_granted(g, n->kid[SQL_GRANT_OBJECT], WRITTEN); /* REVOKE and DENY look the same */
}

static void gather_set_authorization(struct gather *g, struct sql_node *n)
{
    refer_object(g, object_word(g, n->kid[SQL_SET_AUTHORIZATION_KIND]),
                 n->kid[SQL_SET_AUTHORIZATION_NAME], WRITTEN);
}

/* A role's catalog, always the last slot. */
static void gather_roles(struct gather *g, struct sql_node *n)
{
    const struct sql_node *catalog = n->kid[n->count - 1];

    if (catalog != NULL)
        refer_catalog(g, catalog);
}

/* ---- session, looking around ---- */

static void gather_use(struct gather *g, struct sql_node *n)
{
    const struct sql_node *catalog = n->kid[SQL_USE_CATALOG];

    add_schema(g, catalog != NULL ? name_of(g, catalog->text) : g->catalog,
               name_of(g, n->kid[SQL_USE_SCHEMA]->text));
}

/* catalog.property */
static void gather_session(struct gather *g, struct sql_node *n)
{
    const struct sql_node *name = n->kid[0];

    if (name->kind == SQL_NAME && name->count > 1)
        refer_catalog(g, name);
    if (n->kind == SQL_SET_SESSION)
        visit_later(g, n->kid[SQL_SET_SESSION_VALUE]);
}

static void gather_show(struct gather *g, struct sql_node *n)
{
    const struct sql_node *name = n->kid[SQL_SHOW_NAME];

    visit_later(g, n->kid[SQL_SHOW_QUERY]);
    switch (n->op) {
    case SQL_W_TABLES:
        refer_schema(g, name);
        break;
    case SQL_W_SCHEMAS:
        refer_catalog(g, name);
        break;
    case SQL_W_COLUMNS:
    case SQL_W_STATS:
        if (name != NULL)
            refer(g, name, READ);
        break;
    case SQL_W_FUNCTIONS:
        if (name != NULL)
            refer_schema(g, name);
        break;
    case SQL_W_GRANTS:
        if (name != NULL && name->kind == SQL_GRANTED_OBJECT)
            refer_granted(g, name, READ);
        else if (name != NULL)
            refer(g, name, READ);
        break;
    default:
        if (name != NULL)
            refer_catalog(g, name);
        break;
    }
}

static void gather_show_create(struct gather *g, struct sql_node *n)
{
    refer_object(g, (enum sql_token_kind)n->op, n->kid[SQL_SHOW_CREATE_NAME], READ);
}

#define DDL SQL_TYPE_DATA_DEFINITION

static const struct statement_row statements[SQL_KIND_COUNT] = {
    [SQL_QUERY] = {SQL_TYPE_SELECT, READS, 0, gather_query},
    [SQL_INSERT] = {SQL_TYPE_INSERT, WRITES | MAY_READ, 0, gather_insert},
    [SQL_DELETE] = {SQL_TYPE_DELETE, WRITES | MAY_READ, 0, gather_delete},
    [SQL_TRUNCATE] = {DDL, WRITES, WRITTEN, NULL},
    [SQL_UPDATE] = {SQL_TYPE_UPDATE, WRITES | MAY_READ, 0, gather_update},
    [SQL_MERGE] = {SQL_TYPE_MERGE, WRITES | MAY_READ, 0, gather_merge},
    [SQL_ANALYZE] = {SQL_TYPE_ANALYZE, WRITES | READS, READ | WRITTEN, NULL},
    [SQL_CALL] = {DDL, WRITES, 0, gather_call},
    [SQL_REFRESH] = {SQL_TYPE_INSERT, WRITES, WRITTEN, NULL},
    [SQL_TABLE_EXECUTE] = {SQL_TYPE_ALTER_TABLE_EXECUTE, WRITES, 0, gather_table_execute},
    [SQL_CREATE_CATALOG] = {DDL, WRITES, 0, gather_create_catalog},
    [SQL_CREATE_SCHEMA] = {DDL, WRITES, 0, gather_create_schema},
    [SQL_CREATE_TABLE] = {DDL, WRITES, 0, gather_create_table},
    [SQL_CREATE_TABLE_AS] = {SQL_TYPE_INSERT, WRITES | MAY_READ, 0, gather_create_table_as},
    [SQL_CREATE_VIEW] = {DDL, WRITES, 0, gather_create_view},
    [SQL_CREATE_MATERIALIZED_VIEW] = {DDL, WRITES, 0, gather_create_view},
    [SQL_CREATE_ROLE] = {DDL, WRITES, 0, gather_roles},
    [SQL_CREATE_TYPE] = {DDL, WRITES, 0, gather_function_name},
    [SQL_CREATE_FUNCTION] = {DDL, WRITES, 0, gather_create_function},
    [SQL_ALTER_FUNCTION] = {DDL, WRITES, 0, gather_function_name},
    [SQL_DROP] = {DDL, WRITES, 0, gather_drop},
    [SQL_RENAME] = {DDL, WRITES, 0, gather_rename},
    [SQL_ADD_COLUMN] = {DDL, WRITES, WRITTEN, NULL},
    [SQL_RENAME_COLUMN] = {DDL, WRITES, WRITTEN, NULL},
    [SQL_DROP_COLUMN] = {DDL, WRITES, WRITTEN, NULL},
    [SQL_SET_COLUMN_TYPE] = {DDL, WRITES, WRITTEN, NULL},
    [SQL_ALTER_NOT_NULL] = {DDL, WRITES, WRITTEN, NULL},
    [SQL_ADD_CONSTRAINT] = {DDL, WRITES, WRITTEN, NULL},
    [SQL_DROP_CONSTRAINT] = {DDL, WRITES, WRITTEN, NULL},
    [SQL_SET_PROPERTIES] = {DDL, WRITES, WRITTEN, NULL},
    [SQL_SET_AUTHORIZATION] = {DDL, WRITES, 0, gather_set_authorization},
    [SQL_COMMENT] = {DDL, WRITES, 0, gather_comment},
    [SQL_GRANT] = {DDL, WRITES, 0, gather_grant},
    [SQL_REVOKE] = {DDL, WRITES, 0, gather_grant},
    [SQL_DENY] = {DDL, WRITES, 0, gather_grant},
    [SQL_GRANT_ROLES] = {DDL, WRITES, 0, gather_roles},
    [SQL_REVOKE_ROLES] = {DDL, WRITES, 0, gather_roles},
    [SQL_SET_ROLE] = {DDL, SESSION, 0, gather_roles},
    [SQL_USE] = {DDL, SESSION, 0, gather_use},
    [SQL_SET_SESSION] = {DDL, SESSION, 0, gather_session},
    [SQL_RESET_SESSION] = {DDL, SESSION, 0, gather_session},
    [SQL_SET_SESSION_AUTHORIZATION] = {DDL, SESSION, 0, NULL},
    [SQL_RESET_SESSION_AUTHORIZATION] = {DDL, SESSION, 0, NULL},
    [SQL_SET_PATH] = {DDL, SESSION, 0, NULL},
    [SQL_SET_TIME_ZONE] = {DDL, SESSION, 0, NULL},
    [SQL_START_TRANSACTION] = {DDL, SESSION, 0, NULL},
    [SQL_COMMIT] = {DDL, SESSION, 0, NULL},
    [SQL_ROLLBACK] = {DDL, SESSION, 0, NULL},
    [SQL_PREPARE] = {DDL, SESSION, 0, gather_prepare},
    [SQL_DEALLOCATE] = {DDL, SESSION, 0, gather_deallocate},
    [SQL_EXECUTE] = {SQL_TYPE_UNKNOWN, 0, 0, gather_execute},
    [SQL_EXECUTE_IMMEDIATE] = {SQL_TYPE_UNKNOWN, 0, 0, gather_execute_immediate},
    [SQL_DESCRIBE] = {SQL_TYPE_DESCRIBE, READS, 0, gather_describe},
    [SQL_EXPLAIN] = {SQL_TYPE_EXPLAIN, READS, 0, gather_explain},
    [SQL_SHOW] = {SQL_TYPE_DESCRIBE, READS, 0, gather_show},
    [SQL_SHOW_CREATE] = {SQL_TYPE_DESCRIBE, READS, 0, gather_show_create},
};

/* ---- names of kinds ---- */

/* Blanks become underscores, letters small. */
static const char *snake(struct arena *a, struct str s)
{
    char *p = arena_alloc(a, s.n + 1);

    for (size_t i = 0; i < s.n; i++)
        p[i] = s.p[i] == ' ' ? '_' : s.p[i];
    p[s.n] = '\0';
    return fold(a, str_of(p, s.n + 1)).p;
}

/* The kind's own name, with the object where one kind serves many: drop_table. */
static const char *kind_name(struct gather *g, const struct sql_node *n)
{
    const char *name = sql_kinds[n->kind].name, *more = "";
    struct str object = sql_token_text((enum sql_token_kind)n->op);

    switch (n->kind) {
    case SQL_QUERY:
        return "select";
    case SQL_DESCRIBE:
        name = "describe";
        break;
    case SQL_DROP:
    case SQL_RENAME:
    case SQL_SHOW:
    case SQL_SHOW_CREATE:
        break;
    default:
        return snake(g->arena, str_c(name));
    }
    if (n->op == SQL_W_MATERIALIZED)
        more = " view";
    else if (n->kind == SQL_SHOW && n->op == SQL_W_ROLE)
        more = " grants";
    return snake(g->arena, arena_printf(g->arena, "%s %.*s%s", name, STR_ARG(object), more));
}

void gather_statement(struct gather *g, struct sql_node *root)
{
    const struct statement_row *row = &statements[root->kind];
    struct sql_facts *f = g->out;

    f->type = row->type;
    f->reads = row->effects & READS;
    f->writes = row->effects & WRITES;
    f->changes_session = row->effects & SESSION;
    open_scope(g, false);
    if (row->roles != 0)
        refer(g, root->kid[0], row->roles);
    if (row->gather != NULL)
        row->gather(g, root);
    run_tasks(g);
    for (uint32_t i = 0; (row->effects & MAY_READ) && i < g->tables.count; i++)
        f->reads |= (f->tables[i].roles & READ) != 0;
    f->kind = kind_name(g, root);
}
