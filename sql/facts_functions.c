/* SPDX-License-Identifier: Apache-2.0 */
/* facts_functions.c - the built-in functions that matter: aggregates, and those whose result does
 * not follow from their arguments (time, chance, session, version). Sorted.
 *
 * Knowledge: the lists of functions of Trino 476 and Presto 0.296. */
#include "sql/gather.h"

#include <stdlib.h>

static const struct row {
    const char *name;
    uint32_t flags;
} rows[] = {
    {"any_value", FUNCTION_AGGREGATE},
    {"approx_distinct", FUNCTION_AGGREGATE},
    {"approx_most_frequent", FUNCTION_AGGREGATE},
    {"approx_percentile", FUNCTION_AGGREGATE},
    {"approx_set", FUNCTION_AGGREGATE},
    {"arbitrary", FUNCTION_AGGREGATE},
    {"array_agg", FUNCTION_AGGREGATE},
    {"array_union_sum", FUNCTION_AGGREGATE},
    {"avg", FUNCTION_AGGREGATE},
    {"bitwise_and_agg", FUNCTION_AGGREGATE},
    {"bitwise_or_agg", FUNCTION_AGGREGATE},
    {"bitwise_xor_agg", FUNCTION_AGGREGATE},
    {"bool_and", FUNCTION_AGGREGATE},
    {"bool_or", FUNCTION_AGGREGATE},
    {"checksum", FUNCTION_AGGREGATE},
    {"classification_fall_out", FUNCTION_AGGREGATE},
    {"classification_miss_rate", FUNCTION_AGGREGATE},
    {"classification_precision", FUNCTION_AGGREGATE},
    {"classification_recall", FUNCTION_AGGREGATE},
    {"classification_thresholds", FUNCTION_AGGREGATE},
    {"convex_hull_agg", FUNCTION_AGGREGATE},
    {"corr", FUNCTION_AGGREGATE},
    {"count", FUNCTION_AGGREGATE},
    {"count_if", FUNCTION_AGGREGATE},
    {"covar_pop", FUNCTION_AGGREGATE},
    {"covar_samp", FUNCTION_AGGREGATE},
    {"current_catalog", FUNCTION_VOLATILE},
    {"current_date", FUNCTION_VOLATILE},
    {"current_groups", FUNCTION_VOLATILE},
    {"current_path", FUNCTION_VOLATILE},
    {"current_role", FUNCTION_VOLATILE},
    {"current_schema", FUNCTION_VOLATILE},
    {"current_time", FUNCTION_VOLATILE},
    {"current_timestamp", FUNCTION_VOLATILE},
    {"current_timezone", FUNCTION_VOLATILE},
    {"current_user", FUNCTION_VOLATILE},
    {"differential_entropy", FUNCTION_AGGREGATE},
    {"entropy", FUNCTION_AGGREGATE},
    {"evaluate_classifier_predictions", FUNCTION_AGGREGATE},
    {"every", FUNCTION_AGGREGATE},
    {"geometric_mean", FUNCTION_AGGREGATE},
    {"geometry_union_agg", FUNCTION_AGGREGATE},
    {"histogram", FUNCTION_AGGREGATE},
    {"khyperloglog_agg", FUNCTION_AGGREGATE},
    {"kurtosis", FUNCTION_AGGREGATE},
    {"learn_classifier", FUNCTION_AGGREGATE},
    {"learn_libsvm_classifier", FUNCTION_AGGREGATE},
    {"learn_libsvm_regressor", FUNCTION_AGGREGATE},
    {"learn_regressor", FUNCTION_AGGREGATE},
    {"listagg", FUNCTION_AGGREGATE},
    {"localtime", FUNCTION_VOLATILE},
    {"localtimestamp", FUNCTION_VOLATILE},
    {"make_set_digest", FUNCTION_AGGREGATE},
    {"map_agg", FUNCTION_AGGREGATE},
    {"map_union", FUNCTION_AGGREGATE},
    {"map_union_sum", FUNCTION_AGGREGATE},
    {"max", FUNCTION_AGGREGATE},
    {"max_by", FUNCTION_AGGREGATE},
    {"max_data_size_for_stats", FUNCTION_AGGREGATE},
    {"merge", FUNCTION_AGGREGATE},
    {"merge_hll", FUNCTION_AGGREGATE},
    {"merge_set_digest", FUNCTION_AGGREGATE},
    {"min", FUNCTION_AGGREGATE},
    {"min_by", FUNCTION_AGGREGATE},
    {"multimap_agg", FUNCTION_AGGREGATE},
    {"noisy_approx_distinct_sfm", FUNCTION_AGGREGATE | FUNCTION_VOLATILE},
    {"noisy_approx_set_sfm", FUNCTION_AGGREGATE | FUNCTION_VOLATILE},
    {"noisy_approx_set_sfm_from_index_and_zeros", FUNCTION_AGGREGATE | FUNCTION_VOLATILE},
    {"noisy_avg_gaussian", FUNCTION_AGGREGATE | FUNCTION_VOLATILE},
    {"noisy_count_gaussian", FUNCTION_AGGREGATE | FUNCTION_VOLATILE},
    {"noisy_count_if_gaussian", FUNCTION_AGGREGATE | FUNCTION_VOLATILE},
    {"noisy_empty_approx_set_sfm", FUNCTION_VOLATILE},
    {"noisy_sum_gaussian", FUNCTION_AGGREGATE | FUNCTION_VOLATILE},
    {"now", FUNCTION_VOLATILE},
    {"numeric_histogram", FUNCTION_AGGREGATE},
    {"qdigest_agg", FUNCTION_AGGREGATE},
    {"rand", FUNCTION_VOLATILE},
    {"random", FUNCTION_VOLATILE},
    {"reduce_agg", FUNCTION_AGGREGATE},
    {"regr_avgx", FUNCTION_AGGREGATE},
    {"regr_avgy", FUNCTION_AGGREGATE},
    {"regr_count", FUNCTION_AGGREGATE},
    {"regr_intercept", FUNCTION_AGGREGATE},
    {"regr_r2", FUNCTION_AGGREGATE},
    {"regr_slope", FUNCTION_AGGREGATE},
    {"regr_sxx", FUNCTION_AGGREGATE},
    {"regr_sxy", FUNCTION_AGGREGATE},
    {"regr_syy", FUNCTION_AGGREGATE},
    {"reservoir_sample", FUNCTION_AGGREGATE | FUNCTION_VOLATILE},
    {"secure_rand", FUNCTION_VOLATILE},
    {"secure_random", FUNCTION_VOLATILE},
    {"set_agg", FUNCTION_AGGREGATE},
    {"set_union", FUNCTION_AGGREGATE},
    {"shuffle", FUNCTION_VOLATILE},
    {"sketch_kll", FUNCTION_AGGREGATE},
    {"sketch_kll_with_k", FUNCTION_AGGREGATE},
    {"sketch_theta", FUNCTION_AGGREGATE},
    {"skewness", FUNCTION_AGGREGATE},
    {"spatial_partitioning", FUNCTION_AGGREGATE},
    {"stddev", FUNCTION_AGGREGATE},
    {"stddev_pop", FUNCTION_AGGREGATE},
    {"stddev_samp", FUNCTION_AGGREGATE},
    {"sum", FUNCTION_AGGREGATE},
    {"sum_data_size_for_stats", FUNCTION_AGGREGATE},
    {"tdigest_agg", FUNCTION_AGGREGATE},
    {"theta_sketch_union", FUNCTION_AGGREGATE},
    {"uuid", FUNCTION_VOLATILE},
    {"var_pop", FUNCTION_AGGREGATE},
    {"var_samp", FUNCTION_AGGREGATE},
    {"variance", FUNCTION_AGGREGATE},
    {"version", FUNCTION_VOLATILE},
};

static int compare(const void *key, const void *row)
{
    const struct str *name = key;
    const char *other = ((const struct row *)row)->name;
    int c = strncmp(name->p, other, name->n);

    return c != 0 ? c : -(int)(other[name->n] != '\0');
}

uint32_t function_flags(struct str name)
{
    const struct row *row;

    if (name.n == 0)
        return 0;
    row = bsearch(&name, rows, ARRAY_LEN(rows), sizeof(rows[0]), compare);
    return row != NULL ? row->flags : 0;
}
