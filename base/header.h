/* SPDX-License-Identifier: Apache-2.0 */
/* header.h - one HTTP header field (RFC 9110, 5).
 */
#ifndef BASE_HEADER_H
#define BASE_HEADER_H

#include "base/str.h"

struct header {
    struct str name;  /* as received; compare with str_eq_nocase() */
    struct str value; /* without blanks at the ends; may be empty */
};

#endif
