/* SPDX-License-Identifier: Apache-2.0 */
/* cli_sql.h - `sleipnir facts` and `sleipnir format`: the SQL front end for people and scripts. */
#ifndef GATEWAY_CLI_SQL_H
#define GATEWAY_CLI_SQL_H

#include <stdbool.h>

/* Whether `word` is one of the commands. */
bool cli_sql_knows(const char *word);

/* Runs argv[1] on standard input; returns the exit status of the program. */
int cli_sql_run(int argc, char **argv);

#endif
