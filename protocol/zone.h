/* SPDX-License-Identifier: Apache-2.0 */
/* zone.h - offsets of named time zones at the epoch day.
 *
 * Presto keeps a TIME WITH TIME ZONE as milliseconds of UTC and a zone, and prints the local time
 * which the zone had on 1970-01-01. So the offset of that day, and no other, names the same
 * time for a Trino client, whose type has offsets only. */
#ifndef PROTOCOL_ZONE_H
#define PROTOCOL_ZONE_H

#include "base/str.h"

/* Minutes east of UTC on 1970-01-01. False when the name is unknown. */
bool zone_epoch_offset(struct str name, int *minutes);

#endif
