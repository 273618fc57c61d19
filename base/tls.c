/* SPDX-License-Identifier: Apache-2.0 */
/* tls.c - see tls.h. */
#include "base/tls.h"

#include "base/mem.h"
#include "base/tls_internal.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdatomic.h>
#include <stdlib.h>

struct tls_context {
    SSL_CTX *ctx;
    enum tls_verify verify;
    atomic_uint refs;
};

void tls_reason(char *out, size_t n)
{
    unsigned long code = ERR_peek_last_error();

    if (code == 0)
        snprintf(out, n, "TLS failure");
    else
        snprintf(out, n, "TLS: %s",
                 ERR_reason_error_string(code) != NULL ? ERR_reason_error_string(code)
                                                       : "unknown reason");
    ERR_clear_error();
}

static int fail(struct tls_context *t, struct error *err, const char *what, const char *file)
{
    char reason[160];

    tls_reason(reason, sizeof(reason));
    tls_unref(t);
    return error_set(err, ERR_INVALID, "tls: %s %s: %s", what, file, reason);
}

/* Agrees on HTTP/1.1 when the client offers it; other offers are ignored (RFC 7301). */
static int choose_alpn(SSL *ssl, const unsigned char **out, unsigned char *out_n,
                       const unsigned char *in, unsigned in_n, void *arg)
{
    static const unsigned char http11[] = "\x08http/1.1";
    unsigned char *chosen;

    (void)ssl, (void)arg;
    if (SSL_select_next_proto(&chosen, out_n, http11, sizeof(http11) - 1, in, in_n) !=
        OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_NOACK;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

static struct tls_context *context_new(const SSL_METHOD *method)
{
    struct tls_context *t = NEW(struct tls_context);

    t->refs = 1;
    t->ctx = SSL_CTX_new(method);
    if (t->ctx == NULL)
        abort();
    SSL_CTX_set_min_proto_version(t->ctx, TLS1_2_VERSION);
    SSL_CTX_set_mode(t->ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                 SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_options(t->ctx, SSL_OP_NO_RENEGOTIATION);
    return t;
}

static int load_pair(struct tls_context *t, const char *certificate, const char *key,
                     struct error *err)
{
    if (SSL_CTX_use_certificate_chain_file(t->ctx, certificate) != 1)
        return fail(t, err, "certificate", certificate);
    key = key != NULL ? key : certificate;
    if (SSL_CTX_use_PrivateKey_file(t->ctx, key, SSL_FILETYPE_PEM) != 1)
        return fail(t, err, "key", key);
    if (SSL_CTX_check_private_key(t->ctx) != 1)
        return fail(t, err, "key does not belong to the certificate:", key);
    return OK;
}

int tls_server_new(struct tls_context **out, const struct tls_server_config *c, struct error *err)
{
    struct tls_context *t = context_new(TLS_server_method());

    TRY(load_pair(t, c->certificate, c->key, err)); /* frees `t` on failure */
    /* Clients vanish. A server's answer, in contrast, must not end without its close_notify. */
    SSL_CTX_set_options(t->ctx, SSL_OP_IGNORE_UNEXPECTED_EOF);
    if (c->client_ca != NULL) {
        if (SSL_CTX_load_verify_locations(t->ctx, c->client_ca, NULL) != 1)
            return fail(t, err, "client CA", c->client_ca);
        SSL_CTX_set_client_CA_list(t->ctx, SSL_load_client_CA_file(c->client_ca));
        SSL_CTX_set_verify(t->ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    }
    SSL_CTX_set_session_id_context(t->ctx, (const unsigned char *)"sleipnir", 8);
    SSL_CTX_set_alpn_select_cb(t->ctx, choose_alpn, NULL);
    *out = t;
    return OK;
}

int tls_client_new(struct tls_context **out, const struct tls_client_config *c, struct error *err)
{
    struct tls_context *t = context_new(TLS_client_method());

    t->verify = c->verify;
    if (c->certificate != NULL)
        TRY(load_pair(t, c->certificate, c->key, err)); /* frees `t` on failure */
    if (c->ca != NULL) {
        if (SSL_CTX_load_verify_locations(t->ctx, c->ca, NULL) != 1)
            return fail(t, err, "CA", c->ca);
    } else {
        SSL_CTX_set_default_verify_paths(t->ctx);
    }
    if (c->verify != TLS_VERIFY_NONE)
        SSL_CTX_set_verify(t->ctx, SSL_VERIFY_PEER, NULL);
    *out = t;
    return OK;
}

struct ssl_st *tls_session_new(struct tls_context *t, int fd, bool server, struct str host)
{
    SSL *ssl = SSL_new(t->ctx);
    char *name;

    if (ssl == NULL || SSL_set_fd(ssl, fd) != 1)
        abort();
    if (server) {
        SSL_set_accept_state(ssl);
        return ssl;
    }
    name = str_dup(host);
    SSL_set_connect_state(ssl);
    /* SNI carries names only, never addresses (RFC 6066); X509_VERIFY_PARAM knows both. */
    if (!X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name)) {
        SSL_set_tlsext_host_name(ssl, name);
        if (t->verify == TLS_VERIFY_FULL)
            SSL_set1_host(ssl, name);
    } else if (t->verify != TLS_VERIFY_FULL) {
        X509_VERIFY_PARAM_set1_ip(SSL_get0_param(ssl), NULL, 0);
    }
    ERR_clear_error();
    free(name);
    return ssl;
}

struct tls_context *tls_ref(struct tls_context *t)
{
    atomic_fetch_add(&t->refs, 1);
    return t;
}

void tls_unref(struct tls_context *t)
{
    if (t == NULL || atomic_fetch_sub(&t->refs, 1) != 1)
        return;
    SSL_CTX_free(t->ctx);
    free(t);
}
