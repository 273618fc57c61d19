/* SPDX-License-Identifier: Apache-2.0 */
/* facts.h - what a page that is passed on untranslated says about its statement. Pure. */
#ifndef PROTOCOL_FACTS_H
#define PROTOCOL_FACTS_H

#include "protocol/page.h"

/* Reads the facts of a last page (`rows` are not counted here). What is absent or malformed stays
 * zero: the page is the client's to judge. Strings are views of `page`. */
void page_read_facts(struct page_facts *out, struct str page);

#endif
