/* SPDX-License-Identifier: Apache-2.0 */
/* keys.c - see keys.h. */
#include "gateway/keys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

#define HEX_DIGITS (2 * TICKET_KEY_BYTES)

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool read_hex(struct str text, unsigned char key[TICKET_KEY_BYTES])
{
    if (text.n != HEX_DIGITS)
        return false;
    for (size_t i = 0; i < TICKET_KEY_BYTES; i++) {
        int high = digit(text.p[2 * i]), low = digit(text.p[2 * i + 1]);

        if (high < 0 || low < 0)
            return false;
        key[i] = (unsigned char)(high << 4 | low);
    }
    return true;
}

static int read_file(const char *path, unsigned char key[TICKET_KEY_BYTES], struct error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    char text[HEX_DIGITS + 2]; /* one more than a line feed */
    ssize_t n;
    bool good;

    if (fd < 0)
        return error_set(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_INVALID, "cannot read %s: %m",
                         path);
    n = read(fd, text, sizeof(text));
    close(fd);
    if (n == HEX_DIGITS + 1 && text[HEX_DIGITS] == '\n')
        n--;
    good = n == HEX_DIGITS && read_hex(str_of(text, HEX_DIGITS), key);
    explicit_bzero(text, sizeof(text));
    return good ? OK
                : error_set(err, ERR_CORRUPT, "%s is not a key of 64 hexadecimal digits", path);
}

static void make_key(unsigned char key[TICKET_KEY_BYTES], char text[HEX_DIGITS + 1])
{
    static const char digits[] = "0123456789abcdef";

    if (getrandom(key, TICKET_KEY_BYTES, 0) != TICKET_KEY_BYTES)
        abort();
    for (size_t i = 0; i < HEX_DIGITS; i++)
        text[i] = digits[key[i / 2] >> (i % 2 ? 0 : 4) & 15];
    text[HEX_DIGITS] = '\n';
}

/* Two instances that start on one folder at once must agree, and neither may see half a key: it is
 * written beside, then linked, which only the first one can. The other gets ERR_BUSY. */
static int make_file(const char *path, unsigned char key[TICKET_KEY_BYTES], struct error *err)
{
    struct buf beside = buf_make(8192);
    char text[HEX_DIGITS + 1];
    int fd, rc = OK;

    buf_printf(&beside, "%s.XXXXXX", path);
    buf_put_c(&beside, '\0');
    fd = mkostemp(beside.p, O_CLOEXEC); /* mode 0600 */
    if (fd < 0) {
        buf_reset(&beside);
        return error_set(err, ERR_INVALID, "cannot create %s: %m", path);
    }
    make_key(key, text);
    if (write(fd, text, sizeof(text)) != (ssize_t)sizeof(text) || fsync(fd) != 0)
        rc = error_set(err, ERR_INVALID, "cannot write %s: %m", path);
    else if (link(beside.p, path) != 0)
        rc = error_set(err, errno == EEXIST ? ERR_BUSY : ERR_INVALID, "cannot create %s: %m", path);
    close(fd);
    unlink(beside.p);
    explicit_bzero(text, sizeof(text));
    buf_reset(&beside);
    return rc;
}

static int load_own(const char *path, unsigned char key[TICKET_KEY_BYTES], struct error *err)
{
    int rc = read_file(path, key, err);

    if (rc == ERR_NOT_FOUND)
        rc = make_file(path, key, err);
    return rc == ERR_BUSY ? read_file(path, key, err) : rc;
}

int keys_load(struct keys *out, const struct config_strings *configured, const char *data_dir,
              struct error *err)
{
    struct buf path = buf_make(8192);
    int rc;

    if (configured->count > TICKET_KEYS_MAX)
        return error_set(err, ERR_INVALID, "tickets.keys: more than %d keys", TICKET_KEYS_MAX);
    for (size_t i = 0; i < configured->count; i++)
        if (!read_hex(str_c(configured->items[i]), out->key[i]))
            return error_set(err, ERR_INVALID, "tickets.keys: not 64 hexadecimal digits");
    out->count = configured->count;
    if (out->count > 0)
        return OK;
    buf_printf(&path, "%s/ticket.key", data_dir);
    buf_put_c(&path, '\0');
    rc = load_own(path.p, out->key[0], err);
    out->count = 1;
    buf_reset(&path);
    return rc;
}
