/* SPDX-License-Identifier: Apache-2.0 */
/* tls.h - TLS settings shared by connections (OpenSSL 3). TLS 1.2 and later only, HTTP/1.1 by ALPN.
 *
 * A context is immutable and reference-counted; connections keep theirs alive, so a reload makes a
 * new context, swaps the pointer and drops the old one. Thread-safe. Loading reads files: not on a
 * loop. */
#ifndef BASE_TLS_H
#define BASE_TLS_H

#include "base/str.h"

enum tls_verify {
    TLS_VERIFY_FULL, /* chain and host name */
    TLS_VERIFY_CA,   /* chain only */
    TLS_VERIFY_NONE  /* encrypts, trusts anybody */
};

struct tls_server_config {
    const char *certificate; /* PEM chain, leaf first */
    const char *key;         /* PEM; NULL = in `certificate` */
    const char *client_ca;   /* PEM; not NULL = clients must present a certificate of it */
};

struct tls_client_config {
    const char *ca;          /* PEM; NULL = the system's */
    const char *certificate; /* PEM; NULL = none */
    const char *key;         /* PEM; NULL = in `certificate` */
    enum tls_verify verify;
};

struct tls_context;

MUST_USE int tls_server_new(struct tls_context **out, const struct tls_server_config *c,
                            struct error *err);
MUST_USE int tls_client_new(struct tls_context **out, const struct tls_client_config *c,
                            struct error *err);
struct tls_context *tls_ref(struct tls_context *t);
void tls_unref(struct tls_context *t); /* NULL is a no-op */

#endif
