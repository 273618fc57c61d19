/* SPDX-License-Identifier: Apache-2.0 */
/* notify.h - tells the service manager (sd_notify(3)): "READY=1", "RELOADING=1", "STOPPING=1". */
#ifndef GATEWAY_NOTIFY_H
#define GATEWAY_NOTIFY_H

/* Does nothing when $NOTIFY_SOCKET is not set. */
void notify(const char *state);

/* RELOADING=1 with the time that Type=notify-reload wants; READY=1 has to follow. */
void notify_reloading(void);

#endif
