/* SPDX-License-Identifier: Apache-2.0 */
/* time_text.h - rewrites the text of time and timestamp values between the dialects.
 *
 * Presto writes three fraction digits always, and a blank before the zone of a TIME WITH TIME ZONE,
 * which may be a name; Trino writes as many digits as the type says and offsets only. */
#ifndef PROTOCOL_TIME_TEXT_H
#define PROTOCOL_TIME_TEXT_H

#include "protocol/dialect.h"

struct time_style {
    unsigned digits; /* of the fraction, to write */
    bool keeps_more; /* a longer fraction stays: of keys, which must stay apart */
    bool with_zone;  /* a TIME WITH TIME ZONE: write its zone in `to`'s way */
    enum dialect to;
};

/* Appends `text` (not escaped) in the new style. NULL, or what is wrong with it as static text.
 * The fraction is rounded, but never carried into the seconds: .9996 becomes .999. A zone name
 * becomes its offset on 1970-01-01 (zone.h). */
const char *time_text_put(struct buf *out, struct str text, const struct time_style *style);

#endif
