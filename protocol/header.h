/* SPDX-License-Identifier: Apache-2.0 */
/* header.h - one HTTP header field; see base/header.h. */
#ifndef PROTOCOL_HEADER_H
#define PROTOCOL_HEADER_H

#include "base/header.h"

#endif
