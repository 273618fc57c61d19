/* SPDX-License-Identifier: Apache-2.0 */
/* ticket.c - see ticket.h.
 *
 * Text: base64url(nonce[12] | sealed | tag[16]). Sealed, little-endian:
 *   kind u8 | client and cluster u8 | capabilities u8 | backend length u8 | granule u32 | backend |
 * path The granule is the issuing time in units of ttl/24, so that replays within one unit give the
 * same text. */
#include "protocol/ticket.h"

#include "base/mem.h"
#include "base/siphash.h"
#include "protocol/urlcode.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>

#define NONCE_BYTES 12
#define TAG_BYTES 16
#define FIXED_BYTES 8
#define SEALED_MAX (FIXED_BYTES + 255 + TICKET_PATH_MAX)
#define GRANULES 24

struct box_key {
    EVP_CIPHER_CTX *seal, *open; /* key set once, nonce each time */
    struct siphash_key nonce;
};

struct ticket_box {
    struct box_key keys[TICKET_KEYS_MAX];
    size_t count;
    uint64_t granule_ms;
    struct buf raw; /* decoded text */
    unsigned char plain[SEALED_MAX + TAG_BYTES];
};

/* Sub-keys for the two uses of one configured key. */
static void derive(const unsigned char *key, const char *use, unsigned char out[32])
{
    unsigned n = 0;

    if (HMAC(EVP_sha256(), key, TICKET_KEY_BYTES, (const unsigned char *)use, strlen(use), out,
             &n) == NULL ||
        n != 32)
        abort();
}

static int open_key(struct box_key *k, const unsigned char *key, struct error *err)
{
    unsigned char sub[32];

    derive(key, "sleipnir ticket seal 1", sub);
    k->seal = EVP_CIPHER_CTX_new();
    k->open = EVP_CIPHER_CTX_new();
    if (k->seal == NULL || k->open == NULL ||
        EVP_EncryptInit_ex(k->seal, EVP_aes_256_gcm(), NULL, sub, NULL) != 1 ||
        EVP_DecryptInit_ex(k->open, EVP_aes_256_gcm(), NULL, sub, NULL) != 1)
        return error_set(err, ERR_INTERNAL, "tickets: AES-256-GCM is not available");
    derive(key, "sleipnir ticket nonce 1", sub);
    memcpy(&k->nonce, sub, sizeof(k->nonce));
    OPENSSL_cleanse(sub, sizeof(sub));
    return OK;
}

int ticket_box_new(struct ticket_box **out, const unsigned char (*keys)[TICKET_KEY_BYTES],
                   size_t count, uint64_t ttl_ms, struct error *err)
{
    struct ticket_box *b = NEW(struct ticket_box);

    if (count == 0 || count > TICKET_KEYS_MAX) {
        ticket_box_free(b);
        return error_set(err, ERR_INVALID, "tickets.keys: between 1 and %d keys", TICKET_KEYS_MAX);
    }
    b->count = count;
    b->granule_ms = ttl_ms / GRANULES > 0 ? ttl_ms / GRANULES : 1;
    b->raw = buf_make(2 * SEALED_MAX);
    for (size_t i = 0; i < count; i++) {
        int rc = open_key(&b->keys[i], keys[i], err);

        if (rc != OK) {
            ticket_box_free(b);
            return rc;
        }
    }
    *out = b;
    return OK;
}

void ticket_box_free(struct ticket_box *b)
{
    if (b == NULL)
        return;
    for (size_t i = 0; i < b->count; i++) {
        EVP_CIPHER_CTX_free(b->keys[i].seal);
        EVP_CIPHER_CTX_free(b->keys[i].open);
        OPENSSL_cleanse(&b->keys[i].nonce, sizeof(b->keys[i].nonce));
    }
    buf_reset(&b->raw);
    free(b);
}

/* Sealed text longer than this has no path that TICKET_PATH_MAX allows. */
static size_t encode(const struct ticket_box *b, const struct ticket *t, uint64_t now_ms,
                     unsigned char *p)
{
    uint32_t granule = (uint32_t)(now_ms / b->granule_ms);

    p[0] = (unsigned char)t->kind;
    p[1] = (unsigned char)((unsigned)t->client | (unsigned)t->cluster << 4);
    p[2] = (unsigned char)t->capabilities;
    p[3] = (unsigned char)t->backend.n;
    memcpy(p + 4, &granule, sizeof(granule));
    memcpy(p + FIXED_BYTES, t->backend.p, t->backend.n);
    memcpy(p + FIXED_BYTES + t->backend.n, t->path.p, t->path.n);
    return FIXED_BYTES + t->backend.n + t->path.n;
}

static void make_nonce(const struct box_key *k, const unsigned char *plain, size_t n, struct str id,
                       unsigned char nonce[NONCE_BYTES])
{
    uint64_t h[2], over_id = siphash(&k->nonce, id);
    struct siphash_key mixed = {k->nonce.k0 ^ over_id, k->nonce.k1};

    siphash128(&mixed, str_of((const char *)plain, n), h);
    memcpy(nonce, h, NONCE_BYTES);
}

void ticket_seal(struct ticket_box *b, const struct ticket *t, struct str id, uint64_t now_ms,
                 struct buf *out)
{
    unsigned char sealed[NONCE_BYTES + SEALED_MAX + TAG_BYTES];
    struct box_key *k = &b->keys[0];
    size_t n;
    int done = 0;

    if (t->backend.n > 255 || t->path.n > TICKET_PATH_MAX) {
        out->overflow = true;
        return;
    }
    n = encode(b, t, now_ms, b->plain);
    make_nonce(k, b->plain, n, id, sealed);
    if (EVP_EncryptInit_ex(k->seal, NULL, NULL, NULL, sealed) != 1 ||
        (id.n > 0 &&
         EVP_EncryptUpdate(k->seal, NULL, &done, (const unsigned char *)id.p, (int)id.n) != 1) ||
        EVP_EncryptUpdate(k->seal, sealed + NONCE_BYTES, &done, b->plain, (int)n) != 1 ||
        EVP_EncryptFinal_ex(k->seal, sealed + NONCE_BYTES + n, &done) != 1 ||
        EVP_CIPHER_CTX_ctrl(k->seal, EVP_CTRL_GCM_GET_TAG, TAG_BYTES, sealed + NONCE_BYTES + n) !=
            1)
        abort(); /* cannot fail with a valid context */
    base64_encode(out, str_of((const char *)sealed, NONCE_BYTES + n + TAG_BYTES), BASE64_URL);
    while (out->n > 0 && out->p[out->n - 1] == '=')
        out->n--;
}

static bool unseal(struct box_key *k, unsigned char *raw, size_t n, struct str id,
                   unsigned char *plain)
{
    int done = 0;

    return EVP_DecryptInit_ex(k->open, NULL, NULL, NULL, raw) == 1 &&
           (id.n == 0 ||
            EVP_DecryptUpdate(k->open, NULL, &done, (const unsigned char *)id.p, (int)id.n) == 1) &&
           EVP_DecryptUpdate(k->open, plain, &done, raw + NONCE_BYTES, (int)n) == 1 &&
           EVP_CIPHER_CTX_ctrl(k->open, EVP_CTRL_GCM_SET_TAG, TAG_BYTES, raw + NONCE_BYTES + n) ==
               1 &&
           EVP_DecryptFinal_ex(k->open, plain + n, &done) == 1;
}

static int decode(const struct ticket_box *b, size_t n, uint64_t now_ms, struct ticket *out,
                  struct error *err)
{
    const unsigned char *p = b->plain;
    uint64_t age, granule_now = now_ms / b->granule_ms;
    uint32_t granule;

    memcpy(&granule, p + 4, sizeof(granule));
    age = (uint32_t)((uint32_t)granule_now - granule); /* wraps as the stored one does */
    if (n < FIXED_BYTES + (size_t)p[3])
        return error_set(err, ERR_NOT_FOUND, "malformed ticket");
    if (age > GRANULES && age < UINT32_MAX - GRANULES) /* clocks of instances may differ a little */
        return error_set(err, ERR_NOT_FOUND, "expired ticket");
    out->kind = p[0];
    out->client = p[1] & 15;
    out->cluster = p[1] >> 4;
    out->capabilities = p[2];
    out->backend = str_of((const char *)p + FIXED_BYTES, p[3]);
    out->path = str_of((const char *)p + FIXED_BYTES + p[3], n - FIXED_BYTES - p[3]);
    return OK;
}

int ticket_open(struct ticket_box *b, struct str text, struct str id, uint64_t now_ms,
                struct ticket *out, struct error *err)
{
    size_t n;

    buf_clear(&b->raw);
    if (text.n > 2 * SEALED_MAX || !base64_decode(&b->raw, text, BASE64_URL) ||
        b->raw.n < NONCE_BYTES + FIXED_BYTES + TAG_BYTES ||
        b->raw.n > NONCE_BYTES + SEALED_MAX + TAG_BYTES)
        return error_set(err, ERR_NOT_FOUND, "malformed ticket");
    n = b->raw.n - NONCE_BYTES - TAG_BYTES;
    for (size_t i = 0; i < b->count; i++)
        if (unseal(&b->keys[i], (unsigned char *)b->raw.p, n, id, b->plain))
            return decode(b, n, now_ms, out, err);
    return error_set(err, ERR_NOT_FOUND, "forged ticket, or sealed by another key");
}
