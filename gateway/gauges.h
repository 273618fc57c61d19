/* SPDX-License-Identifier: Apache-2.0 */
/* gauges.h - the names of all metrics of this folder, and what is read when they are scraped. */
#ifndef GATEWAY_GAUGES_H
#define GATEWAY_GAUGES_H

#include "gateway/gateway.h"

/* The counters and histograms of the process, into g->m. */
void gauges_count(struct gateway *g);

/* What is read at scrape time, once g->lanes and g->stmts are there. */
void gauges_watch(struct gateway *g);

/* The same of one backend. Those of the newest backend of a name are shown. */
void gauges_count_backend(struct gateway *g, struct backend *b);
void gauges_watch_backend(struct gateway *g, struct backend *b);

/* Of a group: statements accepted. */
struct counter *gauges_count_group(struct gateway *g, const char *name);

#endif
