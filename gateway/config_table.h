/* SPDX-License-Identifier: Apache-2.0 */
/* config_table.h - the one table of settings.
 *
 * A row says all about a setting; reading, checking, comparing and documenting are loops over rows.
 * A scope is one struct with its rows: the root (struct config) and what nests in it: a listener, a
 * backend, a group, a member. To add a setting: a field in config.h, a row in config_table.c. */
#ifndef GATEWAY_CONFIG_TABLE_H
#define GATEWAY_CONFIG_TABLE_H

#include "gateway/config.h"
#include "gateway/config_node.h"

enum config_type {
    CONFIG_T_SECTION,  /* no value: the text of a section for the reference */
    CONFIG_T_LIST,     /* list of a scope's structs: pointer and count */
    CONFIG_T_MAP,      /* the same by name */
    CONFIG_T_BOOL,     /* bool */
    CONFIG_T_INT,      /* unsigned, size_t, uint64_t */
    CONFIG_T_SIZE,     /* the same, in bytes */
    CONFIG_T_DURATION, /* the same, in milliseconds */
    CONFIG_T_ENUM,     /* enum; the values are the positions of `words` */
    CONFIG_T_CODINGS,  /* unsigned; bits by the positions of `words` */
    CONFIG_T_STRING,   /* const char *, no control characters */
    CONFIG_T_TEXT,     /* const char *, with tabs and newlines */
    CONFIG_T_NAME,     /* const char *, [A-Za-z0-9_.-] */
    CONFIG_T_ADDRESS,  /* const char *, host:port */
    CONFIG_T_URL,      /* const char *, http[s]://host[:port][/prefix] */
    CONFIG_T_NAMES,    /* struct config_strings from here on */
    CONFIG_T_CIDRS,
    CONFIG_T_KEYS,      /* 64 hex digits each; never quoted in messages */
    CONFIG_T_STATE_URL, /* one, in a list; never quoted in messages */
    CONFIG_T_STATE_URLS,
    CONFIG_T_RENAMES, /* from a map {from: to} */
    CONFIG_T_COUNT
};

struct config_scope;

struct config_row {
    const char *path; /* dotted, within the scope */
    enum config_type type;
    bool restart; /* a change is taken only by a restart */
    bool required;
    bool alias;          /* a second spelling of another row's field */
    size_t offset, size; /* of the field */
    size_t count_offset; /* CONFIG_T_LIST, CONFIG_T_MAP */
    const struct config_scope *scope;
    uint64_t min, max;        /* of numbers; of lengths of strings and lists */
    const char *zero;         /* what 0 means where it is allowed beside min..max */
    const char *const *words; /* ends with NULL */
    const char *preset;       /* default, as one would write it; lists with commas */
    const char *preset_text;  /* default in words when it is made at run time */
    const char *doc;
};

struct config_scope {
    const char *label; /* "backend" */
    const struct config_row *rows;
    size_t row_count, size;
    size_t name_offset;    /* of the const char * name of what stands in a CONFIG_T_MAP */
    const char *shorthand; /* path of the row that a bare scalar sets, or NULL */
};

extern const struct config_scope config_root;

/* The row of exactly this path that holds a value, or NULL. */
const struct config_row *config_scope_find(const struct config_scope *s, struct str path);
/* Does any row lie below this path? */
bool config_scope_has_section(const struct config_scope *s, struct str path);

/* What a value is read with. */
struct config_value {
    struct arena *arena; /* of the snapshot */
    struct config_report *report;
    struct str path; /* full path for messages */
};

/* Checks the node against the row and stores it into `field`; problems are reported and leave the
 * field as it was. */
void config_value_set(struct config_value *v, const struct config_row *row,
                      const struct config_node *node, void *field);
void config_value_preset(struct arena *a, const struct config_row *row, void *field);
bool config_value_equal(const struct config_row *row, const void *a, const void *b);

/* "5m", "64KiB", "12": as one would write it. */
void config_value_print(struct buf *out, enum config_type type, uint64_t v);
/* "duration", "list of strings" … for the reference. */
const char *config_type_name(enum config_type type);

/* The syntax of single values: NULL when right, else what is wrong with it. */
const char *config_check_address(struct str s);
const char *config_check_url(struct str s);
const char *config_check_state_url(struct str s);
const char *config_check_cidr(struct str s);
bool config_is_name(struct str s, size_t max);

/* Stores presets, then what the file says. Reports unknown keys, bad values, missing ones. */
void config_walk(struct config *c, const struct config_node *root, struct config_report *r);
/* Fills what depends on the machine or on other settings, then checks one against the other. */
void config_complete(struct config *c, const struct config_node *root, struct config_report *r);
void config_check_routing(struct config *c, const struct config_node *root,
                          struct config_report *r);

#endif
