/* SPDX-License-Identifier: Apache-2.0 */
/* notify.c - see notify.h. The protocol is one datagram to a Unix socket. */
#include "gateway/notify.h"

#include "base/clock.h"
#include "base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

void notify_reloading(void)
{
    char text[64];

    snprintf(text, sizeof(text), "RELOADING=1\nMONOTONIC_USEC=%llu",
             (unsigned long long)clock_mono_us());
    notify(text);
}

void notify(const char *state)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    size_t n = path != NULL ? strlen(path) : 0;
    socklen_t to_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
    int fd;

    if (n == 0 || n >= sizeof(to.sun_path))
        return;
    memcpy(to.sun_path, path, n);
    if (path[0] == '@') /* the abstract namespace */
        to.sun_path[0] = '\0';
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0 ||
        sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&to, to_len) < 0)
        log_warn("main", STR_NONE, "cannot notify the service manager: %m");
    if (fd >= 0)
        close(fd);
}
