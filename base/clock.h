/* SPDX-License-Identifier: Apache-2.0 */
/* clock.h - the two clocks: wall time for people and records, monotonic time for durations. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

uint64_t clock_wall_ms(void); /* since the Unix epoch; may jump */
uint64_t clock_mono_us(void); /* since some start; never goes back */

#define CLOCK_RFC3339_BYTES 25 /* with the NUL */

/* Writes `2026-11-24T22:08:28.123Z`, cut to fit and always terminated. Years beyond 9999 are shown
 * as the last moment of 9999. */
void clock_rfc3339(char *out, size_t n, uint64_t ms);

#endif
