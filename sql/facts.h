/* SPDX-License-Identifier: Apache-2.0 */
/* facts.h - what a statement does, without a catalog: for routing, history and access rules.
 *
 * Views are tables here, and so are system tables: "t$snapshots" keeps its name. Names are resolved
 * as the analysers do it: common table expressions (also recursive and nested ones), aliases,
 * lateral and lambda scopes hide tables and columns. All strings are folded to lower case and lie
 * in the arena or are static. */
#ifndef SQL_FACTS_H
#define SQL_FACTS_H

#include "sql/sql.h"

/* Resource group types: the words that Trino's resource groups and trino-gateway use. */
enum sql_type {
    SQL_TYPE_UNKNOWN,
    SQL_TYPE_SELECT,
    SQL_TYPE_EXPLAIN,
    SQL_TYPE_DESCRIBE,
    SQL_TYPE_INSERT,
    SQL_TYPE_UPDATE,
    SQL_TYPE_DELETE,
    SQL_TYPE_MERGE,
    SQL_TYPE_ANALYZE,
    SQL_TYPE_ALTER_TABLE_EXECUTE,
    SQL_TYPE_DATA_DEFINITION
};
const char *sql_type_name(enum sql_type type); /* "SELECT", ... */

enum sql_role {
    SQL_ROLE_READ = 1 << 0,
    SQL_ROLE_WRITTEN = 1 << 1,
    SQL_ROLE_CREATED = 1 << 2,
    SQL_ROLE_DROPPED = 1 << 3
};

struct sql_table_ref {
    struct str catalog, schema, table; /* catalog or schema empty: not named and no default */
    uint32_t roles; /* enum sql_role, or'ed: whatever changes a table, its definition or its rights
                       writes it; UPDATE, MERGE, ANALYZE and DELETE ... WHERE read it, too; a view's
                       definition reads what its query names; RENAME drops one and creates one */
    uint32_t start, end; /* the first place that names it; 0, 0 when it stands in an
                            inner statement (EXECUTE) */
};

struct sql_column_ref {
    uint32_t table; /* index in `tables`, or UINT32_MAX where more than one could own it */
    struct str column;
};

struct sql_facts {
    const char *kind; /* snake_case name of the root's kind, and of its object where one kind serves
                         many: "select", "create_table_as", "drop_view", "show_tables", ... */
    enum sql_type type;
    bool reads;  /* runs a query or looks at metadata */
    bool writes; /* changes data, definitions or rights; any CALL but that of kill_query */
    bool changes_session;
    bool deterministic; /* no function of time, chance or session, no TABLESAMPLE */
    bool has_join, has_aggregate, has_window, has_order_by, has_limit, has_parameters;
    bool incomplete; /* did not parse: tables are those found in the tokens, a guess */
    struct str *catalogs, *schemas /* "catalog.schema" */, *functions; /* sorted, no duplicates */
    uint32_t catalog_count, schema_count, function_count;
    struct sql_table_ref *tables; /* in order of first appearance, no duplicates */
    uint32_t table_count;
    struct sql_column_ref *columns; /* same; only where plain: t.c, or c with one table in scope */
    uint32_t column_count;
    struct str kill_query_id; /* CALL system.runtime.kill_query: the literal id, or empty */
    struct str procedure;     /* of CALL: "catalog.schema.name" */
    struct str prepared_name; /* of EXECUTE and DESCRIBE INPUT|OUTPUT */
    struct sql_statement
        *inner; /* of EXECUTE (IMMEDIATE), PREPARE, EXPLAIN when opened; else NULL */
};

struct sql_prepared {
    struct str name, sql;
};

struct sql_context {
    struct str catalog, schema; /* defaults; may be empty */
    const struct sql_prepared *prepared;
    uint32_t prepared_count;
};

/* Gathers the facts of a parsed statement (also of one that failed: see `incomplete`). `c` may be
 * NULL. The facts of EXECUTE, EXECUTE IMMEDIATE, EXPLAIN and DESCRIBE INPUT | OUTPUT are those of
 * the inner statement with their own kind; the type is the inner one's for EXECUTE alone. What only
 * explains or describes reads and does not write, whatever the tables' roles are. PREPARE runs
 * nothing: it has an `inner` and no tables. A prepared statement that is not known is of type
 * UNKNOWN. */
void sql_facts(struct sql_facts *out, const struct sql_statement *s, const struct sql_context *c);

#endif
