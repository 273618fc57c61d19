/* SPDX-License-Identifier: Apache-2.0 */
/* header.h - one HTTP header field, as the HTTP code hands it on and the protocol tables read it.
 */
#ifndef PROTOCOL_HEADER_H
#define PROTOCOL_HEADER_H

#include "base/str.h"

struct header {
    struct str name;  /* as received; compare with str_eq_nocase() */
    struct str value; /* without blanks at the ends; may be empty */
};

#endif
