/* SPDX-License-Identifier: Apache-2.0 */
/* tls_internal.h - what conn.c needs of tls.c; nobody else includes this. */
#ifndef BASE_TLS_INTERNAL_H
#define BASE_TLS_INTERNAL_H

#include "base/tls.h"

#include <stdio.h>

/* A session over `fd`; SSL keeps its context alive. The caller frees it with SSL_free(). */
struct ssl_st *tls_session_new(struct tls_context *t, int fd, bool server, struct str host);

/* The newest OpenSSL error as text; clears the queue. */
void tls_reason(char *out, size_t n);

#endif
