/* SPDX-License-Identifier: Apache-2.0 */
/* replay.c - runs one fuzz target over files instead of random input: `make test` replays every
 * corpus this way, with any compiler and sanitizer. Arguments are files or folders (searched
 * through). A failure ends the process inside the target (a sanitizer or an assertion); the name of
 * the file is printed then. No file at all is a failure too: a corpus must not vanish unseen. */
#include "base/str.h"

#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Of the sanitizers' runtime, where there is one. */
extern void __sanitizer_set_death_callback(void (*fn)(void)) __attribute__((weak));

static const char *current = "(none)";
static unsigned passed;

static void say(const char *text)
{
    ssize_t ignored = write(STDERR_FILENO, text, strlen(text));

    (void)ignored;
}

static void name_input(void)
{
    say("replay: the input was ");
    say(current);
    say("\n");
}

static void on_abort(int sig)
{
    name_input();
    signal(sig, SIG_DFL);
    raise(sig);
}

static int replay(const char *path, const struct stat *st, int kind, struct FTW *place)
{
    size_t size = (size_t)st->st_size;
    uint8_t *data; /* exactly `size` bytes, so that a sanitizer sees the first byte too far */
    FILE *f;

    (void)place;
    if (kind == FTW_D)
        return 0;
    if (kind != FTW_F || (f = fopen(path, "rb")) == NULL)
        return -1;
    current = path;
    data = malloc(size);
    if (size > 0 && (data == NULL || fread(data, 1, size, f) != size)) {
        free(data);
        fclose(f);
        return -1;
    }
    fclose(f);
    LLVMFuzzerTestOneInput(data, size);
    free(data);
    passed++;
    return 0;
}

int main(int argc, char **argv)
{
    signal(SIGABRT, on_abort);
    if (__sanitizer_set_death_callback != NULL)
        __sanitizer_set_death_callback(name_input);
    for (int i = 1; i < argc; i++) {
        if (nftw(argv[i], replay, 16, FTW_PHYS) != 0) {
            fprintf(stderr, "replay: cannot read %s\n", argv[i]);
            return 1;
        }
    }
    printf("%u passed, 0 failed\n", passed);
    return passed > 0 ? 0 : 1;
}
