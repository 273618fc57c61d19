/* SPDX-License-Identifier: Apache-2.0 */
/* server.h - the life of the process: start, reload, drain, stop. */
#ifndef GATEWAY_SERVER_H
#define GATEWAY_SERVER_H

#include "gateway/config.h"

/* Serves until SIGTERM or SIGINT; SIGHUP reloads `file`. When it serves it writes `ready_file` (may
 * be NULL):
 * {"pid":N,"listeners":["host:port"],"admin":"host:port"}. Returns the exit status. */
int server_run(const char *file, const char *ready_file);

#endif
